"""The private key in Secrets Manager, which goes only to IAM."""

import re
from collections.abc import Iterator, Mapping
from textwrap import wrap
from typing import Any

from aws import AwsError, ServerCertificateError, call

# `[ ]`, so that a search of cdk.out for the words finds only keys.
BLOCK = re.compile(r"-----BEGIN ([A-Z0-9 ]*PRIVATE[ ]KEY)-----(.*?)-----END \1-----", re.DOTALL)
BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}")
KINDS = frozenset({"", "RSA", "EC"})
"""First word in the label of a key that IAM may accept: PKCS #8, PKCS #1, SEC 1."""
LINE_CHARACTERS = 64


def candidates(properties: Mapping[str, Any]) -> Iterator[str]:
    """Return the key of the properties' version, or without one the current key, then the previous key.

    A rollback needs the previous key, when the secret already has the new key. Raise AwsError or ServerCertificateError
    if there is no such key.
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
    except ServerCertificateError:  # perhaps a placeholder: then only the current key counts
        pass
    else:
        yield previous


def _read(secret_id: str, **version: str) -> str:
    secret = call("secretsmanager", "get_secret_value", SecretId=secret_id, **version)
    text = secret.get("SecretString")
    key = _block(text) if isinstance(text, str) else _Unusable("no text")
    if isinstance(key, _Unusable):
        raise ServerCertificateError(
            f"Secret {secret_id} holds {key}. Store the private key in PEM (RSA or EC), not encrypted, as its text: "
            "understudy certificate push."
        )
    return key


class _Unusable(str):
    """The description of a secret without a usable key; no part of its text."""

    __slots__ = ()


def _block(text: str) -> str:
    """Return the PEM block of a key, without the text around it: notes, certificates, EC PARAMETERS.

    The standard library cannot parse a key: IAM checks it, and `certificate push` before.
    """
    if text.lstrip().startswith(("{", "[", '"')):
        return _Unusable("JSON, as the console stores key/value pairs")
    blocks = BLOCK.findall(text)
    if len(blocks) != 1:
        return _Unusable(f"{len(blocks)} private keys in PEM, not one")
    ((label, body),) = blocks
    kind = label.rpartition("PRIVATE")[0].rstrip()
    if kind == "ENCRYPTED" or "ENCRYPTED" in body:  # Proc-Type: 4,ENCRYPTED
        return _Unusable("an encrypted private key")
    if kind not in KINDS:
        return _Unusable(f"a private key of the kind {kind}")
    data = "".join(body.split())
    if not BASE64.fullmatch(data):
        return _Unusable("a damaged private key")
    return "\n".join([f"-----BEGIN {label}-----", *wrap(data, LINE_CHARACTERS), f"-----END {label}-----", ""])
