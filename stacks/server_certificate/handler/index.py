"""Custom::ServerCertificate: uploads the owner's certificate to IAM, where CloudFront finds it by its id.

CloudFormation knows the certificate's public half and its name, `<app>-<digest of leaf and chain>`. The
private key is read here from Secrets Manager, goes to IAM and nowhere else: not into an answer, a log or
an exception. Because the name follows from the content, every repetition (a retry, a second delivery, a
roll-back, an orphan of a failed deploy) finds the certificate that it wants and adopts it. Nothing is
destroyed outside `Delete`.

This folder is deployed as it is: the standard library and the boto3 of the Lambda runtime.
"""

import re
import time
from typing import Any, Protocol

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

VISIBLE_WITHIN_SECONDS = 120
"""IAM is eventually consistent: how long an upload may take to show."""
CONSECUTIVE_READS = 3
"""Reads in a row that must show it, as they are answered by different replicas."""
POLL_SECONDS = 1
DELETE_RETRY_SECONDS = 10
RESERVE_SECONDS = 20
"""Kept from the Lambda's time to answer CloudFormation."""

CONFIG = Config(connect_timeout=5, read_timeout=20, retries={"mode": "standard", "total_max_attempts": 5})


class ServerCertificateError(Exception):
    """Text for CloudFormation's event: never the key, nor a message that might quote it."""


class Context(Protocol):
    """The part of Lambda's context object that is used."""

    def get_remaining_time_in_millis(self) -> int:
        """Time left until Lambda ends this invocation."""


def handler(event: dict[str, Any], context: Context) -> dict[str, Any]:
    """Answers the CDK provider framework: `{"PhysicalResourceId": …, "Data": {"ServerCertificateId": …}}`."""
    properties = event["ResourceProperties"]
    if event["RequestType"] == "Delete":
        name = event["PhysicalResourceId"]
        if _is_ours(name, properties["Path"]):
            _delete(name, context)
        return {"PhysicalResourceId": name}
    # A changed name answers CloudFormation with a new physical id: it moves the distribution to the new
    # certificate first and sends Delete for the old one in its clean-up.
    return {
        "PhysicalResourceId": properties["ServerCertificateName"],
        "Data": {"ServerCertificateId": _ensure(properties)},
    }


def _is_ours(name: str, path: str) -> bool:
    """Whether the id is one that this handler gives: CloudFormation invents ids for failed creations."""
    app = path.removeprefix("/cloudfront/").rstrip("/")
    return re.fullmatch(rf"{re.escape(app)}-[0-9a-f]{{16}}", name) is not None


def _ensure(properties: dict[str, Any]) -> str:
    """Makes the certificate exist in IAM with this content; answers its ServerCertificateId."""
    name = properties["ServerCertificateName"]
    certificate = _read(name)
    if certificate is None:
        _upload(properties)
        certificate = _wait_until_visible(name)
    if _content(certificate) != _content(properties):
        raise ServerCertificateError(
            f"IAM has another certificate under the name {name}. Delete or rename that one "
            "(aws iam list-server-certificates) and deploy again."
        )
    return str(certificate["ServerCertificateMetadata"]["ServerCertificateId"])


def _wait_until_visible(name: str) -> dict[str, Any]:
    """CloudFront refuses an id that IAM does not show it yet, and CloudFormation does not try again."""
    deadline = time.monotonic() + VISIBLE_WITHIN_SECONDS
    seen = 0
    while time.monotonic() < deadline:
        certificate = _read(name)
        seen = seen + 1 if certificate else 0
        if certificate and seen == CONSECUTIVE_READS:
            return certificate
        time.sleep(POLL_SECONDS)
    raise ServerCertificateError(
        f"IAM accepted server certificate {name} but did not show it within {VISIBLE_WITHIN_SECONDS} s. "
        "Deploy again: the upload will be found and used."
    )


def _read(name: str) -> dict[str, Any] | None:
    try:
        answer = _iam().get_server_certificate(ServerCertificateName=name)
    except ClientError as error:
        if _code(error) == "NoSuchEntity":
            return None
        raise
    certificate: dict[str, Any] = answer["ServerCertificate"]
    return certificate


def _upload(properties: dict[str, Any]) -> None:
    parameters = {
        "ServerCertificateName": properties["ServerCertificateName"],
        "Path": properties["Path"],
        "CertificateBody": properties["CertificateBody"],
        "PrivateKey": _private_key(properties["PrivateKeySecretId"]),
    }
    if properties.get("CertificateChain"):
        parameters["CertificateChain"] = properties["CertificateChain"]
    # Only codes leave here: botocore quotes the values of parameters that it finds invalid, and IAM's text
    # is not ours to vouch for beyond the codes that say what to mend. Raised after the `except` and not in
    # it, because even `from None` keeps the original, with its text, as the context of the new one.
    try:
        _iam().upload_server_certificate(**parameters)
        return
    except ClientError as error:
        code = _code(error)
    except BotoCoreError as error:
        code = type(error).__name__
    if code != "EntityAlreadyExists":
        raise ServerCertificateError(_upload_advice(code))


def _upload_advice(code: str) -> str:
    advice = {
        "KeyPairMismatch": "the private key in the secret does not belong to the certificate",
        "MalformedCertificate": "certificate.pem, chain.pem (issuer of the leaf first, no root) or the secret's "
        "private key (PEM, not encrypted) is malformed, or the certificate is not valid today",
        "LimitExceeded": "the account's quota of server certificates is used up; see aws iam list-server-certificates",
    }
    return f"IAM refused the server certificate: {code}" + (f": {advice[code]}." if code in advice else ".")


def _private_key(secret_id: str) -> str:
    secret = boto3.client("secretsmanager", config=CONFIG).get_secret_value(SecretId=secret_id)
    key = secret.get("SecretString")
    # `[ ]`, so that whoever searches cdk.out for the words finds a key or nothing.
    if not isinstance(key, str) or not re.search(r"-----BEGIN (RSA |EC )?PRIVATE[ ]KEY-----", key):
        raise ServerCertificateError(
            f"Secret {secret_id} does not hold a private key as its secret string: put one there in PEM "
            "(PKCS #8, RSA or EC), not encrypted, with its BEGIN and END lines."
        )
    return key


def _delete(name: str, context: Context) -> None:
    """Deletes the certificate, waiting for CloudFront to let go of it for as long as the Lambda may run."""
    while True:
        try:
            _iam().delete_server_certificate(ServerCertificateName=name)
        except ClientError as error:
            if _code(error) == "NoSuchEntity":
                return
            left_seconds = context.get_remaining_time_in_millis() / 1000 - DELETE_RETRY_SECONDS
            if _code(error) != "DeleteConflict" or left_seconds < RESERVE_SECONDS:
                raise
            time.sleep(DELETE_RETRY_SECONDS)
        else:
            return


def _content(certificate: dict[str, Any]) -> list[str]:
    """The base64 of leaf and chain, so that line ends and trailing newlines make no difference."""
    pem = certificate["CertificateBody"] + "\n" + (certificate.get("CertificateChain") or "")
    blocks = re.findall(r"-----BEGIN CERTIFICATE-----(.+?)-----END CERTIFICATE-----", pem, re.DOTALL)
    return ["".join(block.split()) for block in blocks]


def _iam() -> Any:
    return boto3.client("iam", config=CONFIG)


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code"))
