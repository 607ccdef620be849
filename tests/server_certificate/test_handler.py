"""The life of a server certificate in the hands of CloudFormation, and of everything that can go wrong with it."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import trustme
from botocore.exceptions import EndpointConnectionError, ReadTimeoutError
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from tests.server_certificate.fake_aws import Clock, FakeAws, error_of, handler_module, load_handler
from tests.server_certificate.requests import PATH, SECRET, Issued, Requests

HANDLER = load_handler()
ENSURE = handler_module("ensure")
RELEASE = handler_module("release")
VERSION = "0123456789abcdef0123456789abcdef"
ServerCertificateError: type[Exception] = handler_module("aws").ServerCertificateError
READS_ONLY = {"get_server_certificate", "list_server_certificates"}
"""What a request asks of AWS where nothing has to be done; the second looks for orphans."""


def test_create_uploads_leaf_chain_and_key_under_the_apps_path(requests: Requests, aws: FakeAws, old: Issued) -> None:
    requests.create(old)
    assert aws.called("upload_server_certificate") == [
        {
            "ServerCertificateName": old.name,
            "Path": PATH,
            "CertificateBody": old.body,
            "CertificateChain": old.chain,
            "PrivateKey": old.key,
            "Tags": [{"Key": "understudy:app", "Value": "shop"}],
        }
    ]


def test_create_sends_a_chain_only_where_there_is_one(requests: Requests, aws: FakeAws, old: Issued) -> None:
    alone = replace(old, chain="")
    aws.files[alone.key_of_file] = alone.body
    requests.create(alone)
    (parameters,) = aws.called("upload_server_certificate")
    assert "CertificateChain" not in parameters


def test_a_chain_of_several_goes_up_as_it_is_declared(requests: Requests, aws: FakeAws, authority: trustme.CA) -> None:
    issued = Issued.by(authority.create_child_ca(key_type=trustme.KeyType.RSA))
    assert issued.chain.count("BEGIN") >= 2
    aws.files[issued.key_of_file] = issued.body + issued.chain
    aws.secrets[SECRET] = {"SecretString": issued.key}
    requests.create(issued)
    (upload,) = aws.called("upload_server_certificate")
    assert (upload["CertificateBody"], upload["CertificateChain"]) == (issued.body, issued.chain)


def test_a_file_of_other_than_ascii_is_another_than_declared(requests: Requests, aws: FakeAws, old: Issued) -> None:
    aws.files[old.key_of_file] = "\u00fc"
    with pytest.raises(ServerCertificateError, match="does not hold the certificate that the template declares"):
        requests.create(old)


def test_create_answers_the_name_as_physical_id_and_the_id_for_the_distribution(
    requests: Requests, aws: FakeAws, old: Issued
) -> None:
    answer = requests.create(old)
    assert answer == {"PhysicalResourceId": old.name, "Data": {"ServerCertificateId": aws.certificates[old.name].id}}


def test_create_reads_the_key_of_the_secret_that_the_properties_name(
    requests: Requests, aws: FakeAws, old: Issued
) -> None:
    requests.create(old)
    assert aws.called("get_secret_value") == [{"SecretId": SECRET, "VersionStage": "AWSCURRENT"}]


def test_a_version_of_the_secret_that_the_properties_name_is_the_one_read(
    requests: Requests, aws: FakeAws, old: Issued, new: Issued
) -> None:
    aws.secrets = {SECRET: {"SecretString": new.key}, f"{SECRET}@{VERSION}": {"SecretString": old.key}}
    requests.create(replace(old, version=VERSION))
    assert aws.called("get_secret_value") == [{"SecretId": SECRET, "VersionId": VERSION}]
    assert aws.certificates.keys() == {old.name}


def test_a_version_that_is_gone_is_named_as_the_mistake(requests: Requests, aws: FakeAws, old: Issued) -> None:
    with pytest.raises(ServerCertificateError, match="GetSecretValue: ResourceNotFoundException"):
        requests.create(replace(old, version=VERSION))


def test_without_a_version_the_key_before_the_current_one_serves_a_rollback(
    requests: Requests, aws: FakeAws, old: Issued, new: Issued
) -> None:
    aws.secrets = {SECRET: {"SecretString": new.key}, f"{SECRET}@AWSPREVIOUS": {"SecretString": old.key}}
    requests.update(new, old)
    assert aws.certificates.keys() == {old.name}


def test_a_placeholder_before_the_current_key_is_no_mistake(
    requests: Requests, aws: FakeAws, old: Issued, new: Issued
) -> None:
    aws.secrets = {SECRET: {"SecretString": new.key}, f"{SECRET}@AWSPREVIOUS": {"SecretString": "to come"}}
    with pytest.raises(ServerCertificateError, match="KeyPairMismatch"):
        requests.create(old)


def test_a_public_certificate_that_is_another_than_declared_is_refused_before_iam_sees_it(
    requests: Requests, aws: FakeAws, old: Issued, new: Issued
) -> None:
    for content in (new.body + new.chain, old.body, "", "nothing"):
        aws.files[old.key_of_file] = content
        with pytest.raises(ServerCertificateError, match="does not hold the certificate that the template declares"):
            requests.create(old)
    assert aws.called("upload_server_certificate") == []


def test_create_delivered_twice_uploads_once_and_answers_the_same(
    requests: Requests, aws: FakeAws, old: Issued
) -> None:
    assert requests.create(old) == requests.create(old)
    assert len(aws.called("upload_server_certificate")) == 1


def test_create_adopts_what_an_earlier_deploy_left_without_reading_the_key(
    requests: Requests, aws: FakeAws, old: Issued
) -> None:
    orphan = aws.store(**old.stored())
    assert requests.create(old)["Data"] == {"ServerCertificateId": orphan.id}
    assert {operation for operation, _ in aws.calls} == READS_ONLY


def test_line_ends_and_blanks_make_no_other_certificate(requests: Requests, aws: FakeAws, old: Issued) -> None:
    windows = {
        name: old.stored()[name].replace("\n", "\r\n") + "\r\n" for name in ("CertificateBody", "CertificateChain")
    }
    orphan = aws.store(**{**old.stored(), **windows})
    assert requests.create(old)["Data"] == {"ServerCertificateId": orphan.id}


@pytest.mark.parametrize("part", ["CertificateBody", "CertificateChain"])
def test_another_certificate_under_the_same_name_is_refused_and_left_alone(
    requests: Requests, aws: FakeAws, old: Issued, new: Issued, part: str
) -> None:
    foreign = {**old.stored(), part: new.body}
    aws.store(**foreign)
    with pytest.raises(ServerCertificateError, match=f"another certificate under the name {old.name}"):
        requests.create(old)
    assert aws.certificates[old.name].parameters == foreign
    assert {operation for operation, _ in aws.calls} == {"get_server_certificate"}


def test_an_upload_that_was_made_meanwhile_is_adopted_when_it_is_the_same(
    requests: Requests, aws: FakeAws, old: Issued
) -> None:
    aws.hide_new_for = [True]
    orphan = aws.store(**old.stored())
    assert requests.create(old)["Data"] == {"ServerCertificateId": orphan.id}
    assert len(aws.called("upload_server_certificate")) == 1, "the test shows nothing without EntityAlreadyExists"


def test_an_upload_that_was_made_meanwhile_is_refused_when_it_is_another(
    requests: Requests, aws: FakeAws, old: Issued, new: Issued
) -> None:
    aws.hide_new_for = [True]
    aws.store(**{**old.stored(), "CertificateBody": new.body})
    with pytest.raises(ServerCertificateError, match="another certificate under the name"):
        requests.create(old)
    assert len(aws.called("upload_server_certificate")) == 1, "the test shows nothing without EntityAlreadyExists"


def test_create_waits_until_an_upload_shows_in_several_reads_in_a_row(
    requests: Requests, aws: FakeAws, clock: Clock, old: Issued
) -> None:
    aws.hide_new_for = [True, True, False, True, False, False, True]
    requests.create(old)
    # One read before the upload, the seven above, three that show it.
    assert len(aws.called("get_server_certificate")) == 1 + 7 + ENSURE.CONSECUTIVE_READS
    assert ENSURE.CONSECUTIVE_READS > 2
    assert clock.sleeps


def test_create_ends_with_advice_when_an_upload_never_shows(
    requests: Requests, aws: FakeAws, clock: Clock, old: Issued
) -> None:
    aws.hide_new_for = [True] * 10_000
    with pytest.raises(ServerCertificateError, match=r"did not show it within 120 s: it is not visible\. Deploy again"):
        requests.create(old)
    assert sum(clock.sleeps) == pytest.approx(120, abs=5)
    assert clock.get_remaining_time_in_millis() > 0


def test_an_upload_that_never_shows_is_taken_back(requests: Requests, aws: FakeAws, old: Issued) -> None:
    aws.hide_new_for = [True] * 10_000
    with pytest.raises(ServerCertificateError) as failure:
        requests.create(old)
    assert aws.certificates == {}
    assert "may remain" not in str(failure.value)


def test_where_it_cannot_be_taken_back_the_message_says_so_and_the_next_deploy_finds_it(
    requests: Requests, aws: FakeAws, old: Issued
) -> None:
    aws.hide_new_for = [True] * 10_000
    aws.faults["delete_server_certificate"] = [lambda _: error_of("AccessDenied")]
    with pytest.raises(ServerCertificateError, match=rf"Certificate {old.name} may remain in IAM \(AccessDenied\)"):
        requests.create(old)
    aws.certificates[old.name].hidden_from_reads.clear()
    assert requests.create(old)["Data"] == {"ServerCertificateId": aws.certificates[old.name].id}
    assert len(aws.called("upload_server_certificate")) == 1


def test_an_upload_of_somebody_else_is_not_taken_back(requests: Requests, aws: FakeAws, old: Issued) -> None:
    aws.hide_new_for = [True] * 10_000
    aws.store(**old.stored())
    with pytest.raises(ServerCertificateError, match="did not show it"):
        requests.create(old)
    assert aws.certificates.keys() == {old.name}
    assert aws.called("delete_server_certificate") == []


def test_errors_while_waiting_are_waited_out(requests: Requests, aws: FakeAws, old: Issued) -> None:
    aws.faults["get_server_certificate"] = [lambda _: None, *[lambda _: error_of("Throttling")] * 5]
    assert requests.create(old)["Data"] == {"ServerCertificateId": aws.certificates[old.name].id}


@pytest.mark.parametrize(
    "fault", [ReadTimeoutError(endpoint_url="https://iam"), error_of("ServiceFailure", status=500)]
)
def test_an_upload_whose_answer_was_lost_is_found(
    requests: Requests, aws: FakeAws, old: Issued, fault: Exception
) -> None:
    def effect_without_answer(_: dict[str, Any]) -> Exception:
        aws.store(**old.stored())
        return fault

    aws.faults["upload_server_certificate"] = [effect_without_answer]
    assert requests.create(old)["Data"] == {"ServerCertificateId": aws.certificates[old.name].id}


def test_an_update_that_keeps_the_name_only_reads(requests: Requests, aws: FakeAws, old: Issued) -> None:
    created = requests.create(old)
    aws.calls.clear()
    assert requests.update(old, old) == created
    assert {operation for operation, _ in aws.calls} == READS_ONLY


def test_an_update_to_another_name_uploads_the_new_and_deletes_nothing(
    requests: Requests, aws: FakeAws, old: Issued, new: Issued
) -> None:
    requests.create(old)
    aws.secrets[SECRET] = {"SecretString": new.key}
    answer = requests.update(old, new)
    assert answer["PhysicalResourceId"] == new.name
    assert answer["Data"] == {"ServerCertificateId": aws.certificates[new.name].id}
    assert aws.certificates.keys() == {old.name, new.name}
    assert aws.called("delete_server_certificate") == []


def test_a_rotation_ends_with_the_new_certificate_alone(
    requests: Requests, aws: FakeAws, old: Issued, new: Issued
) -> None:
    requests.create(old)
    aws.secrets[SECRET] = {"SecretString": new.key}
    requests.update(old, new)
    requests.delete(old)
    assert aws.certificates.keys() == {new.name}


def test_a_rotation_rolled_back_ends_with_the_old_certificate_alone_whatever_the_secret_holds(
    requests: Requests, aws: FakeAws, old: Issued, new: Issued
) -> None:
    created = requests.create(old)
    aws.secrets[SECRET] = {"SecretString": new.key}
    requests.update(old, new)
    assert requests.update(new, old) == created
    requests.delete(new)
    assert aws.certificates.keys() == {old.name}
    assert len(aws.called("upload_server_certificate")) == 2


def test_delete_deletes_the_certificate_and_answers_its_physical_id(
    requests: Requests, aws: FakeAws, old: Issued
) -> None:
    requests.create(old)
    assert requests.delete(old) == {"PhysicalResourceId": old.name}
    assert aws.certificates == {}


def test_delete_needs_no_key(requests: Requests, aws: FakeAws, old: Issued) -> None:
    aws.store(**old.stored())
    aws.secrets.clear()
    requests.delete(old)
    assert aws.called("get_secret_value") == []
    assert aws.certificates == {}


def test_delete_succeeds_when_the_certificate_is_gone_already(requests: Requests, aws: FakeAws, old: Issued) -> None:
    assert requests.delete(old) == {"PhysicalResourceId": old.name}
    assert len(aws.called("delete_server_certificate")) == 1


def test_delete_succeeds_when_a_name_that_is_gone_and_so_has_no_path_must_not_be_deleted(
    requests: Requests, aws: FakeAws, old: Issued
) -> None:
    aws.faults["delete_server_certificate"] = [lambda _: error_of("AccessDenied")]
    assert requests.delete(old) == {"PhysicalResourceId": old.name}


@pytest.mark.parametrize(
    "physical_resource_id",
    [
        "understudy-maintenance-ServerCertificateA9097584-1ABCDEFGHIJKL",
        "understudy-create-failed",
        "shop",
        "shop-",
        "shop-0123456789abcde",
        "shop-0123456789abcdef0",
        "shop-0123456789ABCDEF",
        "shop-0123456789abcdeg",
        "shop-0123456789abcdef\n",
        "shop-2-0123456789abcdef",
        "my-shop-0123456789abcdef",
        "other-0123456789abcdef",
        "www.example.com",
    ],
)
def test_delete_of_a_name_that_is_none_of_ours_succeeds_without_asking_iam(
    requests: Requests, aws: FakeAws, old: Issued, physical_resource_id: str
) -> None:
    assert requests.delete(old, physical_resource_id) == {"PhysicalResourceId": physical_resource_id}
    assert aws.calls == []


def test_delete_waits_for_cloudfront_to_let_go(requests: Requests, aws: FakeAws, clock: Clock, old: Issued) -> None:
    aws.store(**old.stored())
    aws.faults["delete_server_certificate"] = [lambda _: error_of("DeleteConflict", "in use")] * 5
    requests.delete(old)
    assert aws.certificates == {}
    assert clock.sleeps == [RELEASE.RETRY_SECONDS] * 5


def test_delete_waits_for_the_distribution_that_cloudfront_lists_though_iam_would_not_refuse(
    requests: Requests, aws: FakeAws, clock: Clock, old: Issued
) -> None:
    aws.store(**old.stored())
    aws.shown_in_use.add(old.name)
    clock.sleep = lambda seconds: (Clock.sleep(clock, seconds), aws.shown_in_use.clear())  # type: ignore[method-assign, func-returns-value, assignment]
    requests.delete(old)
    assert aws.certificates == {}
    assert clock.sleeps == [RELEASE.RETRY_SECONDS]
    assert len(aws.called("delete_server_certificate")) == 1


def test_delete_does_not_wait_where_cloudfront_has_no_distribution_and_so_no_items(
    requests: Requests, aws: FakeAws, old: Issued, monkeypatch: pytest.MonkeyPatch
) -> None:
    aws.store(**old.stored())
    empty = {"DistributionList": {"IsTruncated": False, "Quantity": 0}}
    monkeypatch.setattr(FakeAws, "list_distributions", lambda *_: empty)
    requests.delete(old)
    assert aws.certificates == {}


def _is_still_held(aws: FakeAws, old: Issued) -> None:
    aws.store(**old.stored())
    aws.in_use.add(old.name)


@pytest.mark.parametrize(
    "status", ["UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS"]
)
def test_delete_that_outlasts_the_function_in_an_update_leaves_the_certificate_and_says_so(
    requests: Requests, aws: FakeAws, old: Issued, status: str, capsys: pytest.CaptureFixture[str]
) -> None:
    _is_still_held(aws, old)
    aws.stack_status = status
    assert requests.delete(old) == {"PhysicalResourceId": old.name}
    assert aws.certificates.keys() == {old.name}
    assert f'"name": "{old.name}"' in capsys.readouterr().out
    left_seconds = requests.clock.get_remaining_time_in_millis() / 1000
    assert RELEASE.RESERVE_SECONDS <= left_seconds <= 180, "it gave up too late or too early"


def test_delete_that_outlasts_the_function_at_the_end_of_the_stack_is_an_error(
    requests: Requests, aws: FakeAws, old: Issued
) -> None:
    _is_still_held(aws, old)
    aws.stack_status = "DELETE_IN_PROGRESS"
    with pytest.raises(
        ServerCertificateError, match=rf"{old.name} is still in IAM \(DeleteConflict\).*Delete the stack"
    ):
        requests.delete(old)


def test_where_nothing_shows_which_it_is_an_error(requests: Requests, aws: FakeAws, old: Issued) -> None:
    _is_still_held(aws, old)
    aws.faults["describe_stacks"] = [lambda _: error_of("AccessDenied")]
    with pytest.raises(ServerCertificateError, match="is still in IAM"):
        requests.delete(old)


@pytest.mark.parametrize("code", ["AccessDenied", "InvalidInput"])
def test_delete_ends_at_once_in_an_error_that_will_not_pass(
    requests: Requests, aws: FakeAws, clock: Clock, old: Issued, code: str
) -> None:
    aws.store(**old.stored())
    aws.faults["delete_server_certificate"] = [lambda _: error_of(code)]
    with pytest.raises(ServerCertificateError, match=f"DeleteServerCertificate: {code}"):
        requests.delete(old)
    assert clock.sleeps == []


@pytest.mark.parametrize(
    "fault", [error_of("Throttling"), error_of("Failure", status=503), ReadTimeoutError(endpoint_url="")]
)
def test_delete_tries_again_after_an_error_that_may_pass(
    requests: Requests, aws: FakeAws, old: Issued, fault: Exception
) -> None:
    aws.store(**old.stored())
    aws.faults["delete_server_certificate"] = [lambda _: fault] * 3
    requests.delete(old)
    assert aws.certificates == {}


def test_an_error_that_does_not_pass_in_time_is_one_in_an_update_as_well(
    requests: Requests, aws: FakeAws, old: Issued
) -> None:
    aws.store(**old.stored())
    aws.faults["delete_server_certificate"] = [lambda _: error_of("Throttling")] * 1000
    with pytest.raises(ServerCertificateError, match=r"is still in IAM \(Throttling\)"):
        requests.delete(old)


def test_delete_does_not_believe_a_replica_that_has_not_heard_of_the_certificate(
    requests: Requests, aws: FakeAws, old: Issued
) -> None:
    aws.store(**old.stored())
    aws.faults["delete_server_certificate"] = [lambda _: error_of("NoSuchEntity")]
    requests.delete(old)
    assert aws.certificates == {}


def test_an_error_while_looking_for_the_certificate_is_no_reason_to_upload(
    requests: Requests, aws: FakeAws, old: Issued
) -> None:
    aws.faults["get_server_certificate"] = [lambda _: error_of("Throttling")]
    with pytest.raises(ServerCertificateError, match="GetServerCertificate: Throttling"):
        requests.create(old)
    assert aws.called("upload_server_certificate") == []


def test_a_key_of_another_certificate_is_named_as_the_mistake(
    requests: Requests, aws: FakeAws, old: Issued, new: Issued
) -> None:
    aws.secrets[SECRET] = {"SecretString": new.key}
    with pytest.raises(ServerCertificateError, match=r"KeyPairMismatch: .* does not belong to the certificate"):
        requests.create(old)


def test_a_chain_in_the_wrong_order_is_named_as_the_mistake(
    requests: Requests, aws: FakeAws, old: Issued, new: Issued
) -> None:
    wrong = replace(old, chain=new.body + old.chain)
    aws.files[wrong.key_of_file] = wrong.body + wrong.chain
    with pytest.raises(ServerCertificateError, match=r"MalformedCertificate: .*chain\.pem \(issuer of the leaf first"):
        requests.create(wrong)


def test_an_unreachable_iam_is_named_as_the_mistake(requests: Requests, aws: FakeAws, old: Issued) -> None:
    fault = EndpointConnectionError(endpoint_url="https://iam")
    aws.faults["get_server_certificate"] = [lambda _: None, *[lambda _: fault] * 1000]
    aws.faults["upload_server_certificate"] = [lambda _: fault]
    with pytest.raises(ServerCertificateError, match="EndpointConnectionError"):
        requests.create(old)


def test_a_missing_secret_is_named_as_the_mistake(requests: Requests, aws: FakeAws, old: Issued) -> None:
    aws.secrets.clear()
    with pytest.raises(ServerCertificateError, match="GetSecretValue: ResourceNotFoundException: Secrets Manager can"):
        requests.create(old)
    assert aws.called("upload_server_certificate") == []


def _encrypted(key: str, form: PrivateFormat) -> str:
    loaded = load_pem_private_key(key.encode(), password=None)
    return loaded.private_bytes(Encoding.PEM, form, BestAvailableEncryption(b"password")).decode()


def _pem(label: str, body: str = "MHcCAQEEIA==") -> str:
    return f"-----BEGIN {label}-----\n{body}\n-----END {label}-----\n"


@pytest.mark.parametrize(
    ("answer", "kept_name"),
    [
        (lambda old: {"SecretString": "put the key here"}, "0 private keys in PEM, not one"),
        (lambda old: {"SecretString": ""}, "0 private keys in PEM, not one"),
        (lambda old: {"SecretString": old.body}, "0 private keys in PEM, not one"),
        (lambda old: {"SecretString": old.key + old.key}, "2 private keys in PEM, not one"),
        (lambda old: {"SecretString": old.key[:-10]}, "0 private keys in PEM, not one"),
        (lambda old: {"SecretString": json.dumps({"key": old.key})}, "JSON, as the console stores key/value pairs"),
        (lambda old: {"SecretString": f"\n{json.dumps([old.key])}"}, "JSON, as the console stores key/value pairs"),
        (lambda old: {"SecretString": json.dumps(old.key)}, "JSON, as the console stores key/value pairs"),
        (lambda old: {"SecretString": _encrypted(old.key, PrivateFormat.PKCS8)}, "an encrypted private key"),
        (
            lambda old: {"SecretString": _encrypted(old.key, PrivateFormat.TraditionalOpenSSL)},
            "an encrypted private key",
        ),
        (lambda old: {"SecretString": _pem("OPENSSH PRIVATE KEY")}, "a private key of the kind OPENSSH"),
        (lambda old: {"SecretString": _pem("RSA PRIVATE KEY", "MII…")}, "a damaged private key"),
        (lambda old: {"SecretString": _pem("RSA PRIVATE KEY", "MIIE\\nAA")}, "a damaged private key"),
        (lambda old: {"SecretBinary": old.key.encode()}, "no text"),
    ],
)
def test_a_secret_that_holds_no_key_is_refused_before_iam_sees_it(
    requests: Requests, aws: FakeAws, old: Issued, answer: Callable[[Issued], dict[str, object]], kept_name: str
) -> None:
    aws.secrets[SECRET] = answer(old)
    with pytest.raises(ServerCertificateError) as refusal:
        requests.create(old)
    assert str(refusal.value) == (
        f"Secret {SECRET} holds {kept_name}. Store the private key in PEM (RSA or EC), not encrypted, as its text: "
        "understudy certificate push."
    )
    assert aws.called("upload_server_certificate") == []


EC_PARAMETERS = _pem("EC PARAMETERS", "BggqhkjOPQMBBw==")


@pytest.mark.parametrize(
    "surround",
    [
        lambda key, body: f"Bag Attributes\n    friendlyName: example\nKey Attributes: <No Attributes>\n{key}",
        lambda key, body: f"{EC_PARAMETERS}{key}",
        lambda key, body: f"{body}{key}\n# our key\n",
        lambda key, body: key.replace("\n", "\r\n"),
        lambda key, body: "".join(f"   {line}  \n" for line in key.splitlines()),
        lambda key, body: key.replace("-----\n", "-----").rstrip(),
    ],
    ids=["attributes", "EC parameters", "certificate and note", "CRLF", "indented", "no line ends beside the lines"],
)
def test_iam_gets_one_clean_block_whatever_surrounds_the_key(
    requests: Requests, aws: FakeAws, old: Issued, surround: Callable[[str, str], str]
) -> None:
    aws.secrets[SECRET] = {"SecretString": surround(old.key, old.body)}
    requests.create(old)
    (upload,) = aws.called("upload_server_certificate")
    assert upload["PrivateKey"] == old.key


@pytest.mark.parametrize("form", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL])
def test_both_forms_of_an_unencrypted_key_reach_iam(
    requests: Requests, aws: FakeAws, old: Issued, form: PrivateFormat
) -> None:
    loaded = load_pem_private_key(old.key.encode(), password=None)
    aws.secrets[SECRET] = {"SecretString": loaded.private_bytes(Encoding.PEM, form, NoEncryption()).decode()}
    requests.create(old)
    assert aws.certificates.keys() == {old.name}


def test_a_failed_create_leaves_nothing_in_iam(requests: Requests, aws: FakeAws, old: Issued, new: Issued) -> None:
    aws.secrets[SECRET] = {"SecretString": new.key}
    with pytest.raises(ServerCertificateError):
        requests.create(old)
    assert aws.certificates == {}
