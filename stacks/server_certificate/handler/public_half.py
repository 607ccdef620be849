"""Leaf and chain: where they come from, and whether two of them are the same."""

import hashlib
import re
from collections.abc import Mapping
from textwrap import wrap
from typing import Any

from aws import ServerCertificateError, call

BEGIN, END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
LINE_CHARACTERS = 64


def read(properties: Mapping[str, Any]) -> tuple[str, str]:
    """Leaf and chain in PEM, from the file that the deploy put beside the template; no chain is "".

    Raises:
        AwsError: S3 does not give the file.
        ServerCertificateError: it is another one than the template declares.
    """
    where = properties["PublicHalf"]
    answer = call("s3", "get_object", Bucket=where["Bucket"], Key=where["Key"])
    leaf, *chain = _blocks(answer["Body"].read().decode("ascii", "replace")) or [""]
    if digest(leaf, "".join(chain)) != properties["ContentSha256"]:
        raise ServerCertificateError(
            f"s3://{where['Bucket']}/{where['Key']} does not hold the certificate that the template declares. "
            "Delete that object and deploy again: the CDK puts it there anew."
        )
    return leaf, "".join(chain)


def is_declared(certificate: Mapping[str, Any], properties: Mapping[str, Any]) -> bool:
    """Whether a certificate as IAM describes it is the one of the properties."""
    found = digest(certificate["CertificateBody"], certificate.get("CertificateChain") or "")
    return found == str(properties["ContentSha256"])


def digest(body: str, chain: str) -> str:
    """SHA-256 of leaf and chain in normal form: line ends, notes and blank lines make no difference."""
    return hashlib.sha256("".join(_blocks(f"{body}\n{chain}")).encode()).hexdigest()


def _blocks(pem: str) -> list[str]:
    bodies = re.findall(f"{BEGIN}(.+?){END}", pem, re.DOTALL)
    return ["\n".join([BEGIN, *wrap("".join(body.split()), LINE_CHARACTERS), END, ""]) for body in bodies]
