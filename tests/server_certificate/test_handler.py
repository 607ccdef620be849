"""The life of a server certificate in the hands of CloudFormation, and of everything that can go wrong with it."""

from dataclasses import replace

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from tests.server_certificate.fake_aws import QUOTA, Clock, FakeAws, error_of, load_handler
from tests.server_certificate.requests import PATH, SECRET, Issued, Requests

HANDLER = load_handler()
ServerCertificateError: type[Exception] = HANDLER.ServerCertificateError


def test_create_uploads_leaf_chain_and_key_under_the_apps_path(requests: Requests, aws: FakeAws, old: Issued) -> None:
    requests.create(old)
    assert aws.called("upload_server_certificate") == [
        {
            "ServerCertificateName": old.name,
            "Path": PATH,
            "CertificateBody": old.body,
            "CertificateChain": old.chain,
            "PrivateKey": old.key,
        }
    ]


@pytest.mark.parametrize("chain", [{}, {"CertificateChain": ""}], ids=["missing", "empty"])
def test_create_sends_a_chain_only_where_there_is_one(
    requests: Requests, aws: FakeAws, old: Issued, chain: dict[str, str]
) -> None:
    event = {"RequestType": "Create", "ResourceProperties": {**replace(old, chain="").properties(), **chain}}
    HANDLER.handler(event, requests.clock)
    (parameters,) = aws.called("upload_server_certificate")
    assert "CertificateChain" not in parameters


def test_create_answers_the_name_as_physical_id_and_the_id_for_the_distribution(
    requests: Requests, aws: FakeAws, old: Issued
) -> None:
    answer = requests.create(old)
    assert answer == {
        "PhysicalResourceId": old.name,
        "Data": {"ServerCertificateId": aws.certificates[old.name].id},
    }


def test_create_reads_the_key_of_the_secret_that_the_properties_name(
    requests: Requests, aws: FakeAws, old: Issued
) -> None:
    requests.create(old)
    assert aws.called("get_secret_value") == [{"SecretId": SECRET}]


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
    assert {operation for operation, _ in aws.calls} == {"get_server_certificate"}


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
    assert len(aws.called("get_server_certificate")) == 1 + 7 + HANDLER.CONSECUTIVE_READS
    assert HANDLER.CONSECUTIVE_READS > 2
    assert clock.sleeps


def test_create_ends_with_advice_when_an_upload_never_shows(
    requests: Requests, aws: FakeAws, clock: Clock, old: Issued
) -> None:
    aws.hide_new_for = [True] * 10_000
    with pytest.raises(ServerCertificateError, match=r"did not show it within 120 s\. Deploy again"):
        requests.create(old)
    assert sum(clock.sleeps) == pytest.approx(120, abs=5)
    assert clock.get_remaining_time_in_millis() > 0


def test_a_deploy_after_that_finds_the_upload(requests: Requests, aws: FakeAws, old: Issued) -> None:
    aws.hide_new_for = [True] * 10_000
    with pytest.raises(ServerCertificateError):
        requests.create(old)
    aws.certificates[old.name].hidden_from_reads.clear()
    assert requests.create(old)["Data"] == {"ServerCertificateId": aws.certificates[old.name].id}
    assert len(aws.called("upload_server_certificate")) == 1


def test_an_update_that_keeps_the_name_only_reads(requests: Requests, aws: FakeAws, old: Issued) -> None:
    created = requests.create(old)
    aws.calls.clear()
    assert requests.update(old, old) == created
    assert {operation for operation, _ in aws.calls} == {"get_server_certificate"}


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
    assert {operation for operation, _ in aws.calls} == {"delete_server_certificate"}


def test_delete_succeeds_when_the_certificate_is_gone_already(requests: Requests, aws: FakeAws, old: Issued) -> None:
    assert requests.delete(old) == {"PhysicalResourceId": old.name}
    assert len(aws.called("delete_server_certificate")) == 1


@pytest.mark.parametrize(
    "physical_resource_id",
    [
        "understudy-maintenance-ServerCertificateA9097584-1ABCDEFGHIJKL",
        "AWSCDK::CustomResourceProviderFramework::CREATE_FAILED",
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
    assert clock.sleeps == [HANDLER.DELETE_RETRY_SECONDS] * 5


def test_delete_that_stays_in_conflict_ends_in_that_error_with_time_left_to_answer(
    requests: Requests, aws: FakeAws, clock: Clock, old: Issued
) -> None:
    aws.store(**old.stored())
    aws.in_use.add(old.name)
    with pytest.raises(ClientError, match="DeleteConflict"):
        requests.delete(old)
    left_seconds = clock.get_remaining_time_in_millis() / 1000
    assert HANDLER.RESERVE_SECONDS <= left_seconds <= 60, "it gave up too late or too early"


@pytest.mark.parametrize("code", ["AccessDenied", "ServiceFailure", "Throttling"])
def test_delete_ends_at_once_in_any_other_error(
    requests: Requests, aws: FakeAws, clock: Clock, old: Issued, code: str
) -> None:
    aws.store(**old.stored())
    aws.faults["delete_server_certificate"] = [lambda _: error_of(code)]
    with pytest.raises(ClientError, match=code):
        requests.delete(old)
    assert clock.sleeps == []


def test_an_error_while_looking_for_the_certificate_is_no_reason_to_upload(
    requests: Requests, aws: FakeAws, old: Issued
) -> None:
    aws.faults["get_server_certificate"] = [lambda _: error_of("Throttling")]
    with pytest.raises(ClientError, match="Throttling"):
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
    with pytest.raises(ServerCertificateError, match=r"MalformedCertificate: .*chain\.pem \(issuer of the leaf first"):
        requests.create(replace(old, chain=new.body + old.chain))


def test_a_full_quota_is_named_as_the_mistake(requests: Requests, aws: FakeAws, old: Issued) -> None:
    for number in range(QUOTA):
        aws.store(**{**old.stored(), "ServerCertificateName": f"other-{number}"})
    with pytest.raises(ServerCertificateError, match=r"LimitExceeded: .*quota of server certificates is used up"):
        requests.create(old)


def test_an_unreachable_iam_is_named_as_the_mistake(requests: Requests, aws: FakeAws, old: Issued) -> None:
    aws.faults["upload_server_certificate"] = [lambda _: EndpointConnectionError(endpoint_url="https://iam")]
    with pytest.raises(ServerCertificateError, match="EndpointConnectionError"):
        requests.create(old)


def test_a_missing_secret_is_named_as_the_mistake(requests: Requests, aws: FakeAws, old: Issued) -> None:
    aws.secrets.clear()
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        requests.create(old)
    assert aws.called("upload_server_certificate") == []


def _encrypted(key: str, form: PrivateFormat) -> str:
    loaded = load_pem_private_key(key.encode(), password=None)
    return loaded.private_bytes(Encoding.PEM, form, BestAvailableEncryption(b"password")).decode()


def test_a_secret_that_holds_no_key_is_refused_before_iam_sees_it(
    requests: Requests, aws: FakeAws, old: Issued
) -> None:
    for answer in (
        {"SecretString": "put the key here"},
        {"SecretString": ""},
        {"SecretString": old.body},
        {"SecretString": _encrypted(old.key, PrivateFormat.PKCS8)},
        {"SecretBinary": old.key.encode()},
    ):
        aws.secrets[SECRET] = answer
        with pytest.raises(ServerCertificateError, match=f"Secret {SECRET} does not hold a private key"):
            requests.create(old)
    assert aws.called("upload_server_certificate") == []


def test_a_key_encrypted_in_the_old_form_is_refused_with_the_advice_to_decrypt_it(
    requests: Requests, aws: FakeAws, old: Issued
) -> None:
    aws.secrets[SECRET] = {"SecretString": _encrypted(old.key, PrivateFormat.TraditionalOpenSSL)}
    with pytest.raises(ServerCertificateError, match=r"private key \(PEM, not encrypted\)"):
        requests.create(old)


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
