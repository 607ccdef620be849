"""IAM's server certificates as boto3 sees them, and, where time matters, their store on a clock of the test's."""

import datetime
import itertools
import re
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.manual_time import ManualTime
from tests.emulator.support import Authority, Issued, distribution_config, encrypted, issued
from understudy_failover.emulator import EmbeddedAws
from understudy_failover.emulator.clock import Clock
from understudy_failover.emulator.server_certificates import QUOTA, ServerCertificates

NUMBERS = itertools.count()


@pytest.fixture(scope="module")
def parts(authority: Authority) -> Issued:
    return authority.issue("www.example.com")


@pytest.fixture(scope="module")
def client(aws: EmbeddedAws) -> Any:
    return aws.client("iam")


@pytest.fixture
def iam(client: Any) -> Iterator[Any]:
    """IAM without server certificates, before and after."""
    assert names(client) == []
    yield client
    for name in names(client):
        client.delete_server_certificate(ServerCertificateName=name)


@pytest.fixture(scope="module")
def cloudfront(aws: EmbeddedAws) -> Any:
    return aws.client("cloudfront")


def upload(iam: Any, parts: Issued, name: str | None = None, **more: Any) -> dict[str, Any]:
    """Upload `parts`, by default under a new name; return the metadata."""
    arguments = {
        "ServerCertificateName": name or f"certificate-{next(NUMBERS)}",
        "Path": "/cloudfront/understudy/",
        "CertificateBody": parts.body_pem,
        "CertificateChain": parts.chain_pem,
        "PrivateKey": parts.private_key_pem,
    }
    metadata: dict[str, Any] = iam.upload_server_certificate(**{**arguments, **more})["ServerCertificateMetadata"]
    return metadata


def names(iam: Any, **filters: str) -> list[str]:
    pages = iam.get_paginator("list_server_certificates").paginate(**filters)
    return [
        certificate["ServerCertificateName"] for page in pages for certificate in page["ServerCertificateMetadataList"]
    ]


def refusal(call: Any, **arguments: Any) -> tuple[str, int, str]:
    """Code, HTTP status and message of the error that IAM answers."""
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    error = caught.value.response
    return error["Error"]["Code"], error["ResponseMetadata"]["HTTPStatusCode"], error["Error"]["Message"]


def test_what_was_uploaded_comes_back(iam: Any, parts: Issued) -> None:
    upload(iam, parts, "one")
    certificate = iam.get_server_certificate(ServerCertificateName="one")["ServerCertificate"]
    assert certificate["CertificateBody"] == parts.body_pem
    assert certificate["CertificateChain"] == parts.chain_pem


def test_a_certificate_without_a_chain_has_none(iam: Any, parts: Issued) -> None:
    iam.upload_server_certificate(
        ServerCertificateName="one", CertificateBody=parts.body_pem, PrivateKey=parts.private_key_pem
    )
    certificate = iam.get_server_certificate(ServerCertificateName="one")["ServerCertificate"]
    assert "CertificateChain" not in certificate
    assert certificate["ServerCertificateMetadata"]["Path"] == "/"


def test_the_metadata_are_the_same_in_every_answer(iam: Any, parts: Issued) -> None:
    uploaded = upload(iam, parts, "one")
    got = iam.get_server_certificate(ServerCertificateName="one")["ServerCertificate"]["ServerCertificateMetadata"]
    (listed,) = iam.list_server_certificates()["ServerCertificateMetadataList"]
    assert uploaded == got == listed


def test_the_metadata_name_path_arn_and_validity(iam: Any, parts: Issued, aws: EmbeddedAws) -> None:
    metadata = upload(iam, parts, "one")
    assert metadata["ServerCertificateName"] == "one"
    assert metadata["Path"] == "/cloudfront/understudy/"
    assert metadata["Arn"] == "arn:aws:iam::000000000000:server-certificate/cloudfront/understudy/one"
    assert metadata["Expiration"] > metadata["UploadDate"]
    now = datetime.datetime.fromtimestamp(aws.clock.now(), datetime.UTC)
    assert now - datetime.timedelta(hours=1) < metadata["UploadDate"] <= now


def test_the_id_is_one_that_cloudfront_takes_and_no_other_has(iam: Any, parts: Issued) -> None:
    identifiers = {upload(iam, parts)["ServerCertificateId"] for _ in range(3)}
    assert len(identifiers) == 3
    assert all(re.fullmatch(r"ASCA[A-Z0-9]{17}", identifier) for identifier in identifiers)


def test_all_certificates_are_listed_by_name_over_several_pages(iam: Any, parts: Issued) -> None:
    for name in ("d", "a", "e", "c", "b"):
        upload(iam, parts, name)
    pages = list(iam.get_paginator("list_server_certificates").paginate(PaginationConfig={"PageSize": 2}))
    result = [
        [certificate["ServerCertificateName"] for certificate in page["ServerCertificateMetadataList"]]
        for page in pages
    ]
    assert result == [["a", "b"], ["c", "d"], ["e"]]
    assert [page["IsTruncated"] for page in pages] == [True, True, False]


def test_a_path_prefix_chooses_what_is_listed(iam: Any, parts: Issued) -> None:
    upload(iam, parts, "ours")
    upload(iam, parts, "theirs", Path="/cloudfront/other/")
    upload(iam, parts, "elsewhere", Path="/")
    assert names(iam, PathPrefix="/cloudfront/understudy/") == ["ours"]
    assert names(iam, PathPrefix="/cloudfront/") == ["ours", "theirs"]
    assert names(iam) == ["elsewhere", "ours", "theirs"]


@pytest.mark.parametrize("marker", ["nonsense", "-1"])
def test_a_marker_that_iam_never_gave_is_a_validation_error(iam: Any, parts: Issued, marker: str) -> None:
    upload(iam, parts)
    assert refusal(iam.list_server_certificates, Marker=marker)[:2] == ("ValidationError", 400)


def test_tags_come_along_with_the_upload_and_can_be_added_changed_and_removed(iam: Any, parts: Issued) -> None:
    def tags() -> dict[str, str]:
        result = iam.list_server_certificate_tags(ServerCertificateName="one")["Tags"]
        return {tag["Key"]: tag["Value"] for tag in result}

    upload(iam, parts, "one", Tags=[{"Key": "app", "Value": "understudy & co"}, {"Key": "stage", "Value": "test"}])
    assert tags() == {"app": "understudy & co", "stage": "test"}
    changed = [{"Key": "stage", "Value": "live"}, {"Key": "<new>", "Value": ""}]
    iam.tag_server_certificate(ServerCertificateName="one", Tags=changed)
    assert tags() == {"app": "understudy & co", "stage": "live", "<new>": ""}
    iam.untag_server_certificate(ServerCertificateName="one", TagKeys=["app", "<new>", "unknown"])
    assert tags() == {"stage": "live"}
    shown = iam.get_server_certificate(ServerCertificateName="one")["ServerCertificate"]["Tags"]
    assert shown == [{"Key": "stage", "Value": "live"}]


def test_a_tag_whose_key_differs_by_case_alone_replaces_the_value(iam: Any, parts: Issued) -> None:
    upload(iam, parts, "one", Tags=[{"Key": "App", "Value": "old"}])
    iam.tag_server_certificate(ServerCertificateName="one", Tags=[{"Key": "APP", "Value": "new"}])
    tags = iam.list_server_certificate_tags(ServerCertificateName="one")["Tags"]
    assert tags == [{"Key": "App", "Value": "new"}]
    iam.untag_server_certificate(ServerCertificateName="one", TagKeys=["app"])
    assert iam.list_server_certificate_tags(ServerCertificateName="one")["Tags"] == []


def test_the_fifty_first_tag_exceeds_the_limit_and_changes_nothing(iam: Any, parts: Issued) -> None:
    upload(iam, parts, "one", Tags=[{"Key": f"key-{number}", "Value": ""} for number in range(50)])
    with pytest.raises(iam.exceptions.LimitExceededException):
        iam.tag_server_certificate(ServerCertificateName="one", Tags=[{"Key": "one-more", "Value": ""}])
    assert len(iam.list_server_certificate_tags(ServerCertificateName="one")["Tags"]) == 50


def test_an_update_renames_and_moves_and_leaves_id_and_content(iam: Any, parts: Issued) -> None:
    before = upload(iam, parts, "one", Tags=[{"Key": "app", "Value": "understudy"}])
    iam.update_server_certificate(ServerCertificateName="one", NewServerCertificateName="two", NewPath="/moved/")
    certificate = iam.get_server_certificate(ServerCertificateName="two")["ServerCertificate"]
    after = certificate["ServerCertificateMetadata"]
    assert after["ServerCertificateId"] == before["ServerCertificateId"]
    assert after["Arn"].endswith(":server-certificate/moved/two")
    assert certificate["CertificateBody"] == parts.body_pem
    assert certificate["Tags"] == [{"Key": "app", "Value": "understudy"}]
    assert names(iam) == ["two"]


def test_an_update_of_the_path_alone_keeps_the_name(iam: Any, parts: Issued) -> None:
    upload(iam, parts, "one")
    iam.update_server_certificate(ServerCertificateName="one", NewPath="/cloudfront/moved/")
    assert names(iam, PathPrefix="/cloudfront/moved/") == ["one"]


def test_a_rename_to_a_name_in_use_is_refused_and_changes_nothing(iam: Any, parts: Issued) -> None:
    instance, two = upload(iam, parts, "one"), upload(iam, parts, "two")
    code = refusal(iam.update_server_certificate, ServerCertificateName="one", NewServerCertificateName="two")
    assert code[:2] == ("EntityAlreadyExists", 409)
    assert iam.list_server_certificates()["ServerCertificateMetadataList"] == [instance, two]


@pytest.mark.parametrize("change", [{"NewPath": "no/slash"}, {"NewServerCertificateName": "a name"}])
def test_an_update_to_what_an_upload_could_not_have_is_a_validation_error(
    iam: Any, parts: Issued, change: dict[str, str]
) -> None:
    upload(iam, parts, "one")
    code = refusal(iam.update_server_certificate, ServerCertificateName="one", **change)
    assert code[:2] == ("ValidationError", 400)
    assert names(iam) == ["one"]


def test_a_deleted_certificate_is_gone(iam: Any, parts: Issued) -> None:
    upload(iam, parts, "one")
    iam.delete_server_certificate(ServerCertificateName="one")
    assert names(iam) == []
    assert refusal(iam.get_server_certificate, ServerCertificateName="one")[:2] == ("NoSuchEntity", 404)


@pytest.mark.parametrize(
    ("operation", "more"),
    [
        ("get_server_certificate", {}),
        ("delete_server_certificate", {}),
        ("update_server_certificate", {"NewPath": "/"}),
        ("tag_server_certificate", {"Tags": [{"Key": "a", "Value": "b"}]}),
        ("untag_server_certificate", {"TagKeys": ["a"]}),
        ("list_server_certificate_tags", {}),
    ],
)
def test_every_operation_on_an_unknown_certificate_is_no_such_entity(
    iam: Any, operation: str, more: dict[str, Any]
) -> None:
    code, status, message = refusal(getattr(iam, operation), ServerCertificateName="nobody", **more)
    assert (code, status) == ("NoSuchEntity", 404)
    assert "nobody" in message


def test_a_name_in_use_is_refused_even_with_the_same_content_and_another_path(iam: Any, parts: Issued) -> None:
    before = upload(iam, parts, "one")
    with pytest.raises(iam.exceptions.EntityAlreadyExistsException):
        upload(iam, parts, "one")
    with pytest.raises(iam.exceptions.EntityAlreadyExistsException):
        upload(iam, parts, "one", Path="/elsewhere/")
    assert iam.list_server_certificates()["ServerCertificateMetadataList"] == [before]


def test_the_key_of_another_certificate_is_refused(iam: Any, parts: Issued, authority: Authority) -> None:
    with pytest.raises(iam.exceptions.KeyPairMismatchException):
        upload(iam, parts, PrivateKey=authority.issue("www.example.com").private_key_pem)
    assert names(iam) == []


def test_a_chain_out_of_order_is_refused_in_iams_words(iam: Any, parts: Issued, authority: Authority) -> None:
    root = authority.root.cert_pem.bytes().decode()
    with pytest.raises(iam.exceptions.MalformedCertificateException, match="Unable to validate certificate chain"):
        upload(iam, parts, CertificateChain=root + parts.chain_pem)
    assert names(iam) == []


def test_an_expired_certificate_is_refused(iam: Any, authority: Authority) -> None:
    expired = authority.intermediate.issue_cert(
        "www.example.com", not_after=datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    )
    with pytest.raises(iam.exceptions.MalformedCertificateException, match="expired"):
        upload(iam, issued(expired))


def test_an_encrypted_key_is_refused(iam: Any, parts: Issued) -> None:
    with pytest.raises(iam.exceptions.MalformedCertificateException, match="not encrypted"):
        upload(iam, parts, PrivateKey=encrypted(parts.private_key_pem))


@pytest.mark.parametrize(
    "wrong",
    [
        {"ServerCertificateName": "a name"},
        {"ServerCertificateName": "café"},
        {"Path": "/no-slash-at-the-end"},
        {"Path": "/a space/"},
        {"Path": "//"},
    ],
)
def test_a_name_or_path_that_iam_does_not_allow_is_a_validation_error(
    iam: Any, parts: Issued, wrong: dict[str, str]
) -> None:
    with pytest.raises(ClientError, match="ValidationError"):
        upload(iam, parts, **wrong)


def test_the_twenty_first_certificate_exceeds_the_limit_until_one_is_deleted(iam: Any, parts: Issued) -> None:
    assert QUOTA == 20
    for number in range(20):
        upload(iam, parts, f"limit-{number}")
    with pytest.raises(iam.exceptions.LimitExceededException):
        upload(iam, parts, "limit-20")
    assert len(names(iam)) == 20
    iam.delete_server_certificate(ServerCertificateName="limit-0")
    upload(iam, parts, "limit-20")


def test_a_certificate_in_use_by_a_distribution_cannot_be_deleted(cloudfront: Any, iam: Any, parts: Issued) -> None:
    identifier = upload(iam, parts, "used")["ServerCertificateId"]
    config = distribution_config("used.example.com", certificate_id=identifier)
    created = cloudfront.create_distribution(DistributionConfig=config)
    distribution, etag = created["Distribution"]["Id"], created["ETag"]
    try:
        code, status, message = refusal(iam.delete_server_certificate, ServerCertificateName="used")
        assert (code, status) == ("DeleteConflict", 409)
        assert f"{identifier} is currently in use by" in message
        assert distribution in message
        assert names(iam) == ["used"]
    finally:
        config["Enabled"] = False
        etag = cloudfront.update_distribution(Id=distribution, DistributionConfig=config, IfMatch=etag)["ETag"]
        cloudfront.delete_distribution(Id=distribution, IfMatch=etag)
    iam.delete_server_certificate(ServerCertificateName="used")
    assert names(iam) == []


def test_a_certificate_can_be_deleted_when_the_distribution_has_moved_on(
    cloudfront: Any, iam: Any, parts: Issued, authority: Authority
) -> None:
    """A rotation: upload, move the distribution, delete the old one."""
    old = upload(iam, parts, "old")["ServerCertificateId"]
    new = upload(iam, authority.issue("www.example.com"), "new")["ServerCertificateId"]
    config = distribution_config("rotated.example.com", certificate_id=old)
    created = cloudfront.create_distribution(DistributionConfig=config)
    distribution, etag = created["Distribution"]["Id"], created["ETag"]
    try:
        config["ViewerCertificate"]["IAMCertificateId"] = new
        etag = cloudfront.update_distribution(Id=distribution, DistributionConfig=config, IfMatch=etag)["ETag"]
        iam.delete_server_certificate(ServerCertificateName="old")
        assert refusal(iam.delete_server_certificate, ServerCertificateName="new")[0] == "DeleteConflict"
    finally:
        config["Enabled"] = False
        etag = cloudfront.update_distribution(Id=distribution, DistributionConfig=config, IfMatch=etag)["ETag"]
        cloudfront.delete_distribution(Id=distribution, IfMatch=etag)


def test_the_private_key_comes_back_in_no_answer_and_no_log(aws: EmbeddedAws, authority: Authority) -> None:
    """Looks at the bytes on the wire, not at what boto3 makes of them."""
    iam = aws.client("iam")
    bodies: list[bytes] = []
    iam.meta.events.register("before-parse", lambda response_dict, **_: bodies.append(response_dict["body"]))
    parts = authority.issue("secret.example.com")
    secret_lines = [line for line in parts.private_key_pem.splitlines() if not line.startswith("-----")]
    upload(iam, parts, "secret")
    with pytest.raises(iam.exceptions.EntityAlreadyExistsException):
        upload(iam, parts, "secret")
    with pytest.raises(iam.exceptions.KeyPairMismatchException):
        upload(iam, authority.issue("www.example.com"), "mismatch", PrivateKey=parts.private_key_pem)
    with pytest.raises(iam.exceptions.MalformedCertificateException):
        upload(iam, parts, "malformed", PrivateKey=parts.private_key_pem[:-40])
    iam.get_server_certificate(ServerCertificateName="secret")
    iam.list_server_certificates()
    iam.tag_server_certificate(ServerCertificateName="secret", Tags=[{"Key": "a", "Value": "b"}])
    iam.list_server_certificate_tags(ServerCertificateName="secret")
    iam.update_server_certificate(ServerCertificateName="secret", NewServerCertificateName="renamed")
    iam.delete_server_certificate(ServerCertificateName="renamed")
    everything = b"\n".join(bodies).decode() + aws.log()
    assert parts.body_pem in everything, "the certificate itself does come back"
    assert [line for line in secret_lines if line in everything] == []


# --- late visibility


class Late:
    """A store whose uploads readers see `delay_seconds` later, on a clock that the test moves."""

    def __init__(self, delay_seconds: float) -> None:
        self.time = ManualTime()
        self.store = ServerCertificates(Clock(1, source=self.time), lambda _: [], delay_seconds=delay_seconds)
        self.actions = self.store.actions()

    def call(self, action: str, **parameters: str) -> tuple[int, str]:
        status, _, body = self.actions[action]({name: [value] for name, value in parameters.items()})
        return status, body.decode()

    def upload(self, parts: Issued) -> tuple[int, str]:
        return self.call(
            "UploadServerCertificate",
            ServerCertificateName="late",
            CertificateBody=parts.body_pem,
            CertificateChain=parts.chain_pem,
            PrivateKey=parts.private_key_pem,
        )


def test_an_upload_is_seen_when_the_delay_is_over_and_not_earlier(parts: Issued) -> None:
    late = Late(delay_seconds=30)
    status, body = late.upload(parts)
    assert status == 200, "the upload itself answers at once"
    (identifier,) = re.findall("<ServerCertificateId>(.*)</ServerCertificateId>", body)
    late.time.sleep(29.999)
    assert late.store.get(identifier) is None
    assert late.call("GetServerCertificate", ServerCertificateName="late")[0] == 404
    assert "<member>" not in late.call("ListServerCertificates")[1]
    late.time.sleep(0.001)
    result = late.store.get(identifier)
    assert result is not None
    assert result.private_key_pem == parts.private_key_pem
    assert late.call("GetServerCertificate", ServerCertificateName="late")[0] == 200
    assert "<member>" in late.call("ListServerCertificates")[1]


def test_a_name_is_taken_before_anybody_sees_it(parts: Issued) -> None:
    late = Late(delay_seconds=30)
    late.upload(parts)
    status, body = late.upload(parts)
    assert status == 409
    assert "EntityAlreadyExists" in body


def test_without_a_delay_an_upload_is_seen_at_once(parts: Issued) -> None:
    late = Late(delay_seconds=0)
    late.upload(parts)
    assert late.call("GetServerCertificate", ServerCertificateName="late")[0] == 200


@pytest.mark.usefixtures("processes")
def test_the_delay_of_an_embedded_aws_reaches_its_iam(parts: Issued) -> None:
    with EmbeddedAws(certificate_delay_seconds=1e6) as slow:
        iam = slow.client("iam")
        assert upload(iam, parts, "late")["ServerCertificateName"] == "late"
        assert names(iam) == []
        assert refusal(iam.get_server_certificate, ServerCertificateName="late")[0] == "NoSuchEntity"
