"""What earlier deploys left in IAM goes, and nothing else; a full IAM says what could."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.server_certificate.fake_aws import EPOCH, QUOTA, Clock, FakeAws, error_of, handler_module
from tests.server_certificate.requests import APP, Issued, Requests

ServerCertificateError: type[Exception] = handler_module("aws").ServerCertificateError

ORPHANS = (f"{APP}-00000000000000aa", f"{APP}-00000000000000bb", f"{APP}-00000000000000cc")
OLD = EPOCH - timedelta(days=2)


@pytest.fixture
def orphans(aws: FakeAws, new: Issued) -> tuple[str, ...]:
    """Certificates of the app, two days old, that nothing uses."""
    for name in ORPHANS:
        aws.store(**{**new.stored(), "ServerCertificateName": name}).uploaded_at = OLD
    return ORPHANS


def test_a_deploy_deletes_what_earlier_ones_left(
    requests: Requests, aws: FakeAws, old: Issued, orphans: tuple[str, ...]
) -> None:
    requests.create(old)
    assert aws.certificates.keys() == {old.name}


def test_so_does_one_that_finds_its_certificate_there(
    requests: Requests, aws: FakeAws, old: Issued, orphans: tuple[str, ...]
) -> None:
    aws.store(**old.stored()).uploaded_at = OLD
    requests.update(old, old)
    assert aws.certificates.keys() == {old.name}


def test_delete_leaves_them_alone(requests: Requests, aws: FakeAws, old: Issued, orphans: tuple[str, ...]) -> None:
    requests.delete(old)
    assert aws.certificates.keys() == set(orphans)


def test_the_certificate_that_is_still_served_stays_though_it_is_old(
    requests: Requests, aws: FakeAws, old: Issued, new: Issued
) -> None:
    aws.store(**old.stored()).uploaded_at = OLD
    aws.secrets = {"shop/private-key": {"SecretString": new.key}}
    requests.update(old, new)
    assert aws.certificates.keys() == {old.name, new.name}
    requests.update(new, old)
    assert aws.certificates.keys() == {old.name, new.name}


def test_what_an_update_failed_to_reach_stays_for_its_rollback(
    requests: Requests, aws: FakeAws, old: Issued, new: Issued
) -> None:
    """After a failed update CloudFormation sends the properties swapped, under the physical id of before."""
    for certificate in (old, new):
        aws.store(**certificate.stored()).uploaded_at = OLD
    properties = {"ResourceProperties": old.properties(), "OldResourceProperties": new.properties()}
    requests.handler.handle({"RequestType": "Update", "PhysicalResourceId": old.name, **properties}, requests.clock)
    assert aws.certificates.keys() == {old.name, new.name}


@pytest.mark.parametrize(
    "change",
    [
        {"Path": "/cloudfront/shop-2/"},
        {"Path": "/"},
        {"ServerCertificateName": "www.example.com"},
        {"ServerCertificateName": "shop-2-0123456789abcdef"},
        {"Tags": []},
        {"Tags": [{"Key": "understudy:app", "Value": "shop-2"}]},
        {"Tags": [{"Key": "app", "Value": APP}]},
    ],
    ids=str,
)
def test_a_certificate_of_anybody_else_is_left_alone(
    requests: Requests, aws: FakeAws, old: Issued, new: Issued, change: dict[str, Any]
) -> None:
    aws.store(**{**new.stored(), **change}).uploaded_at = OLD
    before = set(aws.certificates)
    requests.create(old)
    assert aws.certificates.keys() == before | {old.name}
    assert aws.called("delete_server_certificate") == []


def test_a_young_certificate_may_be_of_a_deploy_under_way(
    requests: Requests, aws: FakeAws, clock: Clock, old: Issued, new: Issued
) -> None:
    aws.store(**new.stored()).uploaded_at = EPOCH + timedelta(seconds=clock.now) - timedelta(hours=23, minutes=50)
    requests.create(old)
    assert new.name in aws.certificates
    clock.now += 601
    requests.update(old, old)
    assert new.name not in aws.certificates


def test_one_that_is_attached_is_left_alone_and_the_others_go(
    requests: Requests, aws: FakeAws, old: Issued, orphans: tuple[str, ...]
) -> None:
    aws.in_use.add(orphans[0])
    requests.create(old)
    assert aws.certificates.keys() == {old.name, orphans[0]}


def test_one_that_cloudfront_lists_is_left_alone_though_iam_would_delete_it(
    requests: Requests, aws: FakeAws, old: Issued, orphans: tuple[str, ...]
) -> None:
    aws.shown_in_use.update(orphans[:2])
    requests.create(old)
    assert aws.certificates.keys() == {old.name, *orphans[:2]}
    deleted = {request["ServerCertificateName"] for request in aws.called("delete_server_certificate")}
    assert not deleted & {*orphans[:2]}


@pytest.mark.parametrize("operation", ["list_server_certificates", "delete_server_certificate"])
@pytest.mark.usefixtures("orphans")
def test_trouble_with_orphans_does_not_fail_a_deploy(
    requests: Requests, aws: FakeAws, old: Issued, operation: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for code in ("AccessDenied", "Throttling"):
        aws.faults[operation] = [lambda _, code=code: error_of(code)] * 100  # type: ignore[misc]
        assert requests.create(old)["PhysicalResourceId"] == old.name
        assert "could not look for orphans" in capsys.readouterr().out
        assert aws.certificates.keys() >= {old.name, *ORPHANS}


def test_a_deploy_that_has_taken_long_answers_and_leaves_them(
    requests: Requests, aws: FakeAws, clock: Clock, old: Issued, orphans: tuple[str, ...]
) -> None:
    clock.ends = clock.now + 170
    requests.create(old)
    assert aws.certificates.keys() == {old.name, *orphans}


def test_a_full_iam_is_helped_by_sweeping(
    requests: Requests, aws: FakeAws, old: Issued, orphans: tuple[str, ...]
) -> None:
    for number in range(QUOTA - len(orphans)):
        aws.store(**{**old.stored(), "ServerCertificateName": f"other-{number}"})
    requests.create(old)
    assert old.name in aws.certificates
    assert not aws.certificates.keys() & set(orphans)


def test_a_full_iam_names_what_could_go(
    requests: Requests, aws: FakeAws, clock: Clock, old: Issued, new: Issued
) -> None:
    aws.store(**new.stored())
    for number in range(QUOTA - 1):
        aws.store(**{**new.stored(), "ServerCertificateName": f"other-{number:02d}", "Path": "/"})
    with pytest.raises(ServerCertificateError) as failure:
        requests.create(old)
    said = str(failure.value)
    ends = aws.certificates[new.name].metadata()["Expiration"]
    assert said.startswith("IAM refused the server certificate: LimitExceeded: the account's quota")
    assert f"It has {new.name} (until {ends:%Y-%m-%d}), other-00 (until" in said
    assert "other-08 (until" in said
    assert " and 10 more. Delete unused certificates" in said
    assert len(said.encode()) < 2_000, "CloudFormation takes 4,096 bytes in all"
    clock.now = clock.ends = timedelta(days=366_000).total_seconds()
    with pytest.raises(ServerCertificateError, match=rf"other-00 \(expired {ends:%Y-%m-%d}\)"):
        requests.create(old)


def test_in_an_update_the_certificate_in_use_is_not_among_them(
    requests: Requests, aws: FakeAws, old: Issued, new: Issued
) -> None:
    aws.store(**old.stored())
    for number in range(QUOTA - 1):
        aws.store(**{**new.stored(), "ServerCertificateName": f"other-{number:02d}", "Path": "/"})
    aws.secrets = {"shop/private-key": {"SecretString": new.key}}
    with pytest.raises(ServerCertificateError, match="LimitExceeded") as failure:
        requests.update(old, new)
    assert old.name not in str(failure.value)


def test_a_full_iam_that_does_not_list_its_certificates_is_named_all_the_same(
    requests: Requests, aws: FakeAws, old: Issued
) -> None:
    for number in range(QUOTA):
        aws.store(**{**old.stored(), "ServerCertificateName": f"other-{number}"})
    aws.faults["list_server_certificates"] = [lambda _: error_of("AccessDenied")] * 2
    with pytest.raises(
        ServerCertificateError, match=r"quota.*used up\. IAM does not list its certificates \(AccessDenied\)"
    ):
        requests.create(old)


def test_the_fixture_s_names_are_names_of_the_app(new: Issued) -> None:
    """Else nothing above would be deleted for a reason."""
    orphans: Any = handler_module("orphans")
    assert all(orphans.is_own_name(name, replace(new).properties()["Path"]) for name in ORPHANS)


def test_what_cloudformation_knows_it_by_stays_though_no_properties_name_it_any_more(
    requests: Requests, aws: FakeAws, old: Issued, new: Issued, orphans: tuple[str, ...]
) -> None:
    event = {
        "RequestType": "Update",
        "PhysicalResourceId": orphans[1],
        "OldResourceProperties": old.properties(),
        "ResourceProperties": old.properties(),
    }
    requests._send(event)
    assert aws.certificates.keys() == {old.name, orphans[1]}


def test_sweeping_answers_whom_it_deleted_and_goes_on_after_one_that_stays(
    requests: Requests, aws: FakeAws, clock: Clock, old: Issued, orphans: tuple[str, ...]
) -> None:
    sweep = handler_module("orphans").sweep
    assert sweep(f"/cloudfront/{APP}/", {orphans[0]}, clock) == list(orphans[1:])


def test_one_that_iam_shows_no_tags_of_is_left_alone(
    requests: Requests, aws: FakeAws, clock: Clock, monkeypatch: pytest.MonkeyPatch, orphans: tuple[str, ...]
) -> None:
    asked = aws.get_server_certificate

    def untagged(parameters: dict[str, Any]) -> dict[str, Any]:
        certificate: dict[str, Any] = asked(parameters)["ServerCertificate"]
        return {"ServerCertificate": {key: value for key, value in certificate.items() if key != "Tags"}}

    monkeypatch.setattr(aws, "get_server_certificate", untagged)
    assert handler_module("orphans").sweep(f"/cloudfront/{APP}/", (), clock) == []
    assert aws.certificates.keys() == set(orphans)
