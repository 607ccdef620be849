"""What the handler says, word for word: to CloudFormation's events, which somebody reads at night, and to its log."""

import json
from typing import Any

import pytest

from tests.server_certificate.fake_aws import QUOTA, FakeAws, error_of, handler_module
from tests.server_certificate.requests import APP, SECRET, Issued, Requests
from tests.server_certificate.test_orphans import OLD, ORPHANS

ServerCertificateError: type[Exception] = handler_module("aws").ServerCertificateError


@pytest.fixture
def logged(capsys: pytest.CaptureFixture[str]) -> Any:
    """The lines of the log."""
    return lambda: [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def _error_of(requests: Requests, certificate: Issued, operation: str = "create") -> str:
    with pytest.raises(ServerCertificateError) as failure:
        getattr(requests, operation)(certificate)
    return str(failure.value)


def _fill(aws: FakeAws, certificate: Issued, count: int) -> None:
    for number in range(count):
        aws.store(**{**certificate.stored(), "ServerCertificateName": f"other-{number:02d}", "Path": "/"})


def test_orphans_and_what_became_of_them(
    requests: Requests, aws: FakeAws, old: Issued, new: Issued, logged: Any
) -> None:
    for name in ORPHANS:
        aws.store(**{**new.stored(), "ServerCertificateName": name}).uploaded_at = OLD
    aws.in_use.add(ORPHANS[0])
    aws.faults["delete_server_certificate"] = [lambda _: None, lambda _: error_of("NoSuchEntity")]
    requests.create(old)
    assert logged() == [
        {"message": "left a certificate alone", "name": ORPHANS[0], "code": "DeleteConflict"},
        {"message": "left a certificate alone", "name": ORPHANS[1], "code": "NoSuchEntity"},
        {"message": "deleted an orphan", "name": ORPHANS[2]},
    ]


def test_orphans_that_it_could_not_search_for(requests: Requests, aws: FakeAws, old: Issued, logged: Any) -> None:
    aws.faults["list_server_certificates"] = [lambda _: error_of("AccessDenied", "not you")]
    requests.create(old)
    assert logged() == [
        {
            "message": "could not look for orphans; the next deploy tries again",
            "error": "ListServerCertificates: AccessDenied: not you",
        }
    ]


def test_no_time_for_orphans(requests: Requests, aws: FakeAws, old: Issued, logged: Any) -> None:
    requests.clock.ends = requests.clock.now + 170
    requests.create(old)
    assert logged() == [{"message": "no time left to look for orphans"}]


def test_an_upload_that_may_be_left(requests: Requests, aws: FakeAws, old: Issued, logged: Any) -> None:
    aws.hide_new_for = [True] * 10_000
    aws.faults["delete_server_certificate"] = [lambda _: error_of("AccessDenied")]
    assert _error_of(requests, old) == (
        f"Server certificate {old.name} was uploaded, but IAM did not show it within 120 s: it is not visible. "
        f"Deploy again. Certificate {old.name} may remain in IAM (AccessDenied): a deploy of the same certificate "
        "uses it, and a deploy of another certificate at least a day later deletes it."
    )
    assert logged() == [{"message": "could not undo the upload", "name": old.name, "code": "AccessDenied"}]


def test_an_upload_that_was_taken_back(requests: Requests, aws: FakeAws, old: Issued, logged: Any) -> None:
    aws.faults["get_server_certificate"] = [lambda _: None, *[lambda _: error_of("Throttling", "slow")] * 1000]
    assert _error_of(requests, old) == (
        f"Server certificate {old.name} was uploaded, but IAM did not show it within 120 s: "
        "GetServerCertificate: Throttling: slow. Deploy again."
    )
    assert logged() == []


def test_an_upload_without_an_answer(requests: Requests, aws: FakeAws, old: Issued, logged: Any) -> None:
    def happened(_: object) -> Any:
        aws.store(**old.stored())
        return error_of("ServiceFailure", status=500)

    aws.faults["upload_server_certificate"] = [happened]
    requests.create(old)
    assert logged() == [
        {"message": "unknown whether the upload took effect: waiting until it is visible", "code": "ServiceFailure"}
    ]


def test_another_certificate_of_the_same_name(requests: Requests, aws: FakeAws, old: Issued, new: Issued) -> None:
    aws.store(**{**old.stored(), "CertificateBody": new.body})
    assert _error_of(requests, old) == (
        f"IAM has another certificate under the name {old.name}. Delete or rename that "
        "certificate (aws iam list-server-certificates) and deploy again."
    )


@pytest.mark.parametrize("retries", [0, 3])
def test_a_refusal_that_has_no_advice(requests: Requests, aws: FakeAws, old: Issued, retries: int, logged: Any) -> None:
    aws.faults["upload_server_certificate"] = [lambda _: error_of("InvalidInput", retries=retries)]
    assert _error_of(requests, old) == "IAM refused the server certificate: InvalidInput."
    assert logged() == []
    assert len(aws.called("get_server_certificate")) == 1, "there was nothing to wait for"


def test_a_key_of_another_certificate(requests: Requests, aws: FakeAws, old: Issued, new: Issued) -> None:
    aws.secrets[SECRET] = {"SecretString": new.key}
    assert _error_of(requests, old) == (
        "IAM refused the server certificate: KeyPairMismatch: the private key in the secret does not belong to the "
        "certificate."
    )


def test_a_public_certificate_of_something_else(requests: Requests, aws: FakeAws, old: Issued, new: Issued) -> None:
    aws.files[old.key_of_file] = new.body
    assert _error_of(requests, old) == (
        f"s3://assets/{old.key_of_file} does not hold the certificate that the template declares. Delete that object "
        "and deploy again: the CDK uploads it again."
    )


HOW = (
    "Delete unused certificates (aws iam delete-server-certificate; IAM refuses a certificate in use), or request a "
    "higher quota (Service Quotas, IAM, server certificates per account: up to 1,000)."
)


def test_a_full_quota_with_as_many_as_are_named(requests: Requests, aws: FakeAws, old: Issued) -> None:
    _fill(aws, old, 10)
    aws.faults["upload_server_certificate"] = [lambda _: error_of("LimitExceeded")]
    names = ", ".join(f"other-{number:02d} (until 3000-01-01)" for number in range(10))
    assert _error_of(requests, old) == (
        "IAM refused the server certificate: LimitExceeded: the account's quota of server certificates is used up. "
        f"It has {names}. {HOW}"
    )
    assert len(aws.called("upload_server_certificate")) == 1


def test_a_full_quota_that_an_attached_orphan_does_not_help(
    requests: Requests, aws: FakeAws, old: Issued, new: Issued
) -> None:
    aws.store(**{**new.stored(), "ServerCertificateName": ORPHANS[0]}).uploaded_at = OLD
    aws.in_use.add(ORPHANS[0])
    _fill(aws, old, QUOTA - 1)
    # First what lies under the app's own path, whatever else has an earlier name.
    assert f"It has {ORPHANS[0]} (until 3000-01-01), other-00" in _error_of(requests, old)
    assert len(aws.called("upload_server_certificate")) == 1, "nothing had changed"


def test_a_full_quota_that_lists_nothing(requests: Requests, aws: FakeAws, old: Issued) -> None:
    _fill(aws, old, QUOTA)
    aws.faults["list_server_certificates"] = [lambda _: error_of("AccessDenied")] * 2
    assert _error_of(requests, old).endswith(f"used up. IAM does not list its certificates (AccessDenied). {HOW}")


def test_a_certificate_that_cloudfront_holds(requests: Requests, aws: FakeAws, old: Issued, logged: Any) -> None:
    aws.store(**old.stored())
    aws.in_use.add(old.name)
    requests.delete(old)
    assert logged() == [
        {"message": "CloudFront still holds the certificate; a deploy a day later deletes it", "name": old.name}
    ]
    aws.stack_status = "DELETE_IN_PROGRESS"
    assert _error_of(requests, old, "delete") == (
        f"Certificate {old.name} is still in IAM (DeleteConflict): CloudFront releases certificates with a delay. "
        "Delete the stack again in 15 minutes, or retain this resource and delete the certificate by hand."
    )


def test_a_stack_that_does_not_show_what_becomes_of_it(
    requests: Requests, aws: FakeAws, old: Issued, logged: Any
) -> None:
    aws.store(**old.stored())
    aws.in_use.add(old.name)
    aws.faults["describe_stacks"] = [lambda _: error_of("AccessDenied", "not you")]
    _error_of(requests, old, "delete")
    assert logged() == [
        {"message": "cannot distinguish an update from a deletion", "error": "DescribeStacks: AccessDenied: not you"}
    ]
    assert aws.called("describe_stacks") == [{"StackName": "stack"}]


def test_the_app_is_the_last_part_of_the_path() -> None:
    assert handler_module("server_certificates").app_of(f"/cloudfront/{APP}/") == APP


def test_an_upload_that_was_not_ours_and_never_shows(requests: Requests, aws: FakeAws, old: Issued) -> None:
    """Another delivery of the same request may have reported it already."""
    aws.hide_new_for = [True] * 10_000
    aws.store(**old.stored())
    assert _error_of(requests, old).endswith("within 120 s: it is not visible. Deploy again.")
    assert old.name in aws.certificates


def test_an_upload_whose_answer_was_lost_and_that_never_shows_is_taken_back(
    requests: Requests, aws: FakeAws, old: Issued
) -> None:
    aws.hide_new_for = [True] * 10_000

    def lost(parameters: dict[str, Any]) -> Any:
        aws.store(**{name: value for name, value in parameters.items() if name != "PrivateKey"})
        return error_of("ServiceFailure", status=500)

    aws.faults["upload_server_certificate"] = [lost]
    assert _error_of(requests, old).endswith("within 120 s: it is not visible. Deploy again.")
    assert aws.certificates == {}


def test_time_that_runs_out_among_orphans(
    requests: Requests, aws: FakeAws, old: Issued, new: Issued, logged: Any
) -> None:
    aws.store(**old.stored())
    for name in ORPHANS:
        aws.store(**{**new.stored(), "ServerCertificateName": name}).uploaded_at = OLD

    def slow(_: object) -> None:
        requests.clock.ends = requests.clock.now + 170

    aws.faults["delete_server_certificate"] = [slow]
    requests.create(old)
    assert logged() == [
        {"message": "deleted an orphan", "name": ORPHANS[0]},
        {"message": "no time left for more orphans"},
    ]
    assert aws.certificates.keys() == {old.name, *ORPHANS[1:]}


def test_a_full_iam_names_the_apps_own_certificates_first(
    requests: Requests, aws: FakeAws, old: Issued, new: Issued
) -> None:
    _fill(aws, new, QUOTA - 1)
    aws.store(**new.stored())
    assert f"used up. It has {new.name} (until" in _error_of(requests, old)
