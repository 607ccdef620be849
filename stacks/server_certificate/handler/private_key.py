"""The private key, from Secrets Manager: read for an upload, given to IAM and to nobody else."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from aws import AwsError, ServerCertificateError, call

# `[ ]`, so that whoever searches cdk.out for the words finds a key or nothing.
UNENCRYPTED = re.compile(r"-----BEGIN (RSA |EC )?PRIVATE[ ]KEY-----")


def candidates(properties: Mapping[str, Any]) -> Iterator[str]:
    """The key of the version that the properties name. Where they name none, the current one, then the one before.

    The one before, because a rollback wants the previous certificate when the secret has the new key already.

    Raises:
        AwsError, ServerCertificateError: there is no such key.
    """
    secret_id = properties["PrivateKeySecretId"]
    if version := properties.get("PrivateKeyVersionId"):
        yield _read(secret_id, VersionId=version)
        return
    yield _read(secret_id, VersionStage="AWSCURRENT")
    try:
        previous = _read(secret_id, VersionStage="AWSPREVIOUS")
    except AwsError as error:
        if error.code != "ResourceNotFoundException":
            raise
    except ServerCertificateError:  # no key, but a placeholder perhaps: the current one is what counts then
        pass
    else:
        yield previous


def _read(secret_id: str, **version: str) -> str:
    secret = call("secretsmanager", "get_secret_value", SecretId=secret_id, **version)
    key = secret.get("SecretString")
    if not isinstance(key, str) or not UNENCRYPTED.search(key):
        raise ServerCertificateError(
            f"Secret {secret_id} does not hold a private key as its secret string: put one there in PEM "
            "(RSA or EC), not encrypted, with its BEGIN and END lines (understudy certificate push)."
        )
    return key
