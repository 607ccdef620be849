"""The public certificate (leaf and chain): reads and compares it."""

import hashlib
import re
from collections.abc import Mapping
from textwrap import wrap
from typing import Any

from aws import ServerCertificateError, call

BEGIN, END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
LINE_CHARACTERS = 64


def read(properties: Mapping[str, Any]) -> tuple[str, str]:
    """Return leaf and chain (or "") in PEM, from the asset of the deploy.

    Raise AwsError if S3 does not return it, ServerCertificateError if the template declares another certificate.
    """
    where = properties["PublicHalf"]
    answer = call("s3", "get_object", Bucket=where["Bucket"], Key=where["Key"])
    leaf, *chain = _blocks(answer["Body"].read().decode("ascii", "replace")) or [""]
    if digest(leaf, "".join(chain)) != properties["ContentSha256"]:
        raise ServerCertificateError(
            f"s3://{where['Bucket']}/{where['Key']} does not hold the certificate that the template declares. "
            "Delete that object and deploy again: the CDK uploads it again."
        )
    return leaf, "".join(chain)


def is_declared(certificate: Mapping[str, Any], properties: Mapping[str, Any]) -> bool:
    """Return whether the properties declare a certificate of IAM."""
    content = digest(certificate["CertificateBody"], certificate.get("CertificateChain") or "")
    return content == str(properties["ContentSha256"])


def digest(body: str, chain: str) -> str:
    """Return the SHA-256 of leaf and chain in normal form, without notes and blank lines, with LF."""
    return hashlib.sha256("".join(_blocks(f"{body}\n{chain}")).encode()).hexdigest()


def _blocks(pem: str) -> list[str]:
    bodies = re.findall(f"{BEGIN}(.+?){END}", pem, re.DOTALL)
    return ["\n".join([BEGIN, *wrap("".join(body.split()), LINE_CHARACTERS), END, ""]) for body in bodies]
