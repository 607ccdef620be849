"""The custom resource: all of the public certificate, nothing of the private key, no right too many."""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from tests.handlers import STACKS
from tests.server_certificate.fake_aws import handler_module
from tests.stacks.templates import Synthesis, Template

RESOURCE = "Custom::ServerCertificate"
CERTIFICATE_ARN = "arn:aws:iam::111122223333:server-certificate"


def _properties(synthesis: Synthesis) -> dict[str, Any]:
    _, properties = synthesis.maintenance.only(RESOURCE)
    return properties


def _certificates(synthesis: Synthesis) -> list[x509.Certificate]:
    """Leaf and chain, as the handler reads them from among the assets."""
    key = _properties(synthesis)["PublicHalf"]["Key"]
    return x509.load_pem_x509_certificates((synthesis.folder / f"asset.{key}").read_bytes())


def _leaf(synthesis: Synthesis) -> x509.Certificate:
    return _certificates(synthesis)[0]


def _statements(template: Template) -> Iterator[tuple[str, set[str], set[str]]]:
    """Role, actions and resources of every statement of every role."""
    for role in template.of_type("AWS::IAM::Role"):
        for statement in template.statements(role):
            assert statement["Effect"] == "Allow"
            yield f"<{role}>", _set(statement["Action"]), _set(statement["Resource"])


def _set(value: str | list[str]) -> set[str]:
    return {value} if isinstance(value, str) else set(value)


def _upload(template: Template) -> dict[str, Any]:
    """The function that answers for the custom resource."""
    token = template.resolved(template.only(RESOURCE)[1]["ServiceToken"])
    function: dict[str, Any] = template.of_type("AWS::Lambda::Function")[token.strip("<>").removesuffix(".Arn")]
    return function


def _upload_role(template: Template) -> str:
    """Its role."""
    role: str = template.resolved(_upload(template)["Role"])
    return role.replace(".Arn", "")


def test_a_reviewer_sees_what_the_certificate_says_of_itself(synthesis: Synthesis) -> None:
    leaf, shown = _leaf(synthesis), _properties(synthesis)
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert shown["Fingerprint"] == leaf.fingerprint(SHA256()).hex(":").upper()
    assert shown["Names"] == names.get_values_for_type(x509.DNSName)
    assert shown["Issuer"] == leaf.issuer.rfc4514_string()
    assert shown["NotAfter"] == f"{leaf.not_valid_after_utc:%Y-%m-%dT%H:%M:%SZ}"
    assert shown["KeyType"] == "RSA 2048"


def test_the_private_key_is_named_by_its_secret(synthesis: Synthesis) -> None:
    assert _properties(synthesis)["PrivateKeySecretId"] == synthesis.settings.certificate.private_key_secret


def test_the_properties_are_public_all_of_them(synthesis: Synthesis) -> None:
    # Named one by one, so that a new one is looked at: they stand in templates, events and logs.
    assert _properties(synthesis).keys() == {
        "ServiceToken",
        "ServiceTimeout",
        "ServerCertificateName",
        "Path",
        "PublicHalf",
        "ContentSha256",
        "Summary",
        "PrivateKeySecretId",
        "Fingerprint",
        "Names",
        "Issuer",
        "NotAfter",
        "KeyType",
    }
    assert not [value for value in _properties(synthesis).values() if "PRIVATE KEY" in str(value)]


def test_the_chain_begins_with_the_issuer_of_the_leaf(sample: Synthesis) -> None:
    leaf, *chain = _certificates(sample)
    assert chain[0].subject == leaf.issuer


def test_a_certificate_that_a_root_issued_directly_has_no_chain(variants: Synthesis) -> None:
    assert variants.settings.certificate.public.chain_pem == ""
    assert len(_certificates(variants)) == 1


def test_the_handler_finds_in_the_asset_what_the_template_declares(synthesis: Synthesis) -> None:
    pems = [certificate.public_bytes(Encoding.PEM).decode() for certificate in _certificates(synthesis)]
    digest = handler_module("public_certificate").digest(pems[0], "".join(pems[1:]))
    assert digest == _properties(synthesis)["ContentSha256"]


def test_the_function_may_read_the_asset_and_no_asset_that_is_no_public_certificate(sample: Synthesis) -> None:
    upload = _upload_role(sample.maintenance)
    patterns = [
        pattern
        for role, actions, statement in _statements(sample.maintenance)
        if role == upload and actions == {"s3:GetObject"}
        for pattern in statement
    ]
    where = sample.maintenance.resolved(_properties(sample)["PublicHalf"])

    def readable(key: str) -> int:
        return sum(fnmatchcase(f"arn:aws:s3:::{where['Bucket']}/{key}", pattern) for pattern in patterns)

    assert readable(where["Key"]) == 1
    assert readable("0123.edge") == 1, "the test of the edge functions"
    assert readable("0123.zip") == 0


def test_the_function_may_ask_about_its_own_stack_alone(sample: Synthesis) -> None:
    (permission,) = (
        statement
        for _, actions, statement in _statements(sample.maintenance)
        if actions == {"cloudformation:DescribeStacks"}
    )
    assert permission == {"<AWS::StackId>"}


def test_certificates_lie_under_a_path_that_cloudfront_reads_and_that_is_the_apps_own(synthesis: Synthesis) -> None:
    assert _properties(synthesis)["Path"] == f"/cloudfront/{synthesis.settings.app}/"


def test_cloudformation_gives_up_only_after_the_function_must_have_ended(sample: Synthesis) -> None:
    timeout = _properties(sample)["ServiceTimeout"]
    assert isinstance(timeout, str), "CloudFormation takes it as text"
    assert _upload(sample.maintenance)["Timeout"] <= 900 < int(timeout) <= 3600


def test_the_service_token_is_that_of_the_first_release_as_cloudformation_changes_none(sample: Synthesis) -> None:
    token = sample.maintenance.resolved(_properties(sample)["ServiceToken"])
    assert token == "<ServerCertificateProviderframeworkonEvent9B5A6247.Arn>"


def test_the_function_may_handle_certificates_of_its_own_app_alone(synthesis: Synthesis) -> None:
    app, name = synthesis.settings.app, _properties(synthesis)["ServerCertificateName"]

    def allowed(arn: str, action: str) -> bool:
        return any(
            fnmatchcase(arn, pattern)
            for role, actions, resources in _statements(synthesis.maintenance)
            if role == _upload_role(synthesis.maintenance) and f"iam:{action}ServerCertificate" in actions
            for pattern in resources
        )

    for action in ("Delete", "Get", "Tag", "Upload"):
        assert allowed(f"{CERTIFICATE_ARN}/cloudfront/{app}/{name}", action)
        # What IAM asks for while there is no certificate of that name, and so no path. Only to look: with this path it
        # would be one of somebody else.
        assert allowed(f"{CERTIFICATE_ARN}/{name}", action) == (action == "Get")
    digest = name.removeprefix(f"{app}-")
    for other in (
        f"/cloudfront/{app}-2/{app}-2-{digest}",
        f"/cloudfront/other/other-{digest}",
        f"/cloudfront/{app}/www.example.com",
        f"/{app}-2-{digest}",
        "/www.example.com",
        f"/elsewhere/{name}",
    ):
        for action in ("Delete", "Get", "Tag", "Upload"):
            assert not allowed(CERTIFICATE_ARN + other, action), other


def test_the_function_may_read_exactly_the_one_secret(synthesis: Synthesis) -> None:
    secret = synthesis.settings.certificate.private_key_secret
    # Secrets Manager ends the ARN of a secret in a hyphen and six characters of its own.
    arn = (
        secret if secret.startswith("arn:") else f"arn:aws:secretsmanager:us-east-1:111122223333:secret:{secret}-??????"
    )
    statements = [
        (role, actions, resources)
        for role, actions, resources in _statements(synthesis.maintenance)
        if any(action.startswith("secretsmanager:") or action == "*" for action in actions)
    ]
    assert statements == [(_upload_role(synthesis.maintenance), {"secretsmanager:GetSecretValue"}, {arn})]


def test_the_two_ways_to_name_a_secret_are_both_among_these_tests(sample: Synthesis, variants: Synthesis) -> None:
    ways = {
        synthesis.settings.certificate.private_key_secret.startswith("arn:aws:secretsmanager:")
        for synthesis in (sample, variants)
    }
    assert ways == {False, True}


def test_the_function_may_do_nothing_else_but_write_its_log(sample: Synthesis) -> None:
    template = sample.maintenance
    role = _upload_role(template)
    granted = set().union(*(actions for holder, actions, _ in _statements(template) if holder == role))
    assert granted == {
        "cloudformation:DescribeStacks",
        # Of functions that are made for the test of the edge functions alone.
        *(f"cloudfront:{verb}Function" for verb in ("Create", "Delete", "Describe", "Test")),
        "cloudfront:ListDistributions",
        "iam:DeleteServerCertificate",
        "iam:GetServerCertificate",
        "iam:ListServerCertificates",
        "iam:TagServerCertificate",
        "iam:UploadServerCertificate",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "s3:GetObject",
        "secretsmanager:GetSecretValue",
    }


READS = {"iam:GetServerCertificate", "iam:ListServerCertificates"}
"""Of what every client sees of the certificate; the monitor looks how long it lasts."""


@pytest.mark.parametrize("action", ["iam:", "secretsmanager:"])
def test_no_other_role_of_the_stack_may_touch_certificates_or_secrets(sample: Synthesis, action: str) -> None:
    template = sample.maintenance
    holders = {
        role
        for role, actions, _ in _statements(template)
        if any(candidate.startswith(action) and candidate not in READS for candidate in actions)
    }
    assert holders == {_upload_role(template)}


def test_the_deployed_code_is_the_handler_as_it_stands_in_the_repository(sample: Synthesis) -> None:
    template = sample.maintenance
    upload = _upload(template)
    assert upload["Handler"] == "edge_test.handler"
    names = ("server_certificate", "edge_test", "custom_resource", "aws_client")
    folders = (STACKS / name / "handler" for name in names)
    source = {file.name: file.read_bytes() for folder in folders for file in folder.iterdir() if file.is_file()}
    deployed = {file.name: file.read_bytes() for file in sample.asset(upload["Code"]["S3Key"]).iterdir()}
    assert "index.py" in deployed
    assert deployed == source


def test_the_handler_knows_the_names_it_is_given_as_its_own(synthesis: Synthesis) -> None:
    # Otherwise Delete would leave every certificate behind.
    properties = _properties(synthesis)
    assert handler_module("orphans").is_own_name(properties["ServerCertificateName"], properties["Path"])
