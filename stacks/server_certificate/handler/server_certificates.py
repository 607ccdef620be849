"""Server certificates of IAM, one call at a time."""

from collections.abc import Iterator, Mapping
from typing import Any

from aws import AwsError, call

APP_TAG = "understudy:app"
"""Key of the tag with the app's name, which every upload gets."""


def find(name: str) -> dict[str, Any] | None:
    """Return IAM's description of a certificate; None if IAM does not have it. Raise AwsError for other errors."""
    try:
        answer = call("iam", "get_server_certificate", ServerCertificateName=name)
    except AwsError as error:
        if error.code == "NoSuchEntity":
            return None
        raise
    certificate: dict[str, Any] = answer["ServerCertificate"]
    return certificate


def listed(path_prefix: str) -> Iterator[dict[str, Any]]:
    """Return the metadata of every certificate under `path_prefix`. Raise AwsError if IAM does not list them."""
    more: dict[str, str] = {}
    while True:
        page = call("iam", "list_server_certificates", PathPrefix=path_prefix, **more)
        yield from page["ServerCertificateMetadataList"]
        if not page["IsTruncated"]:
            return
        more = {"Marker": page["Marker"]}


def upload(properties: Mapping[str, Any], body: str, chain: str, private_key: str) -> None:
    """Upload a certificate, with the app's tag. Raise AwsError without AWS's text."""
    call(
        "iam",
        "upload_server_certificate",
        ServerCertificateName=properties["ServerCertificateName"],
        Path=properties["Path"],
        CertificateBody=body,
        PrivateKey=private_key,
        Tags=[{"Key": APP_TAG, "Value": app_of(properties["Path"])}],
        **({"CertificateChain": chain} if chain else {}),
    )


def delete(name: str) -> None:
    """Delete a certificate that no distribution can use yet. Raise AwsError with IAM's code, also NoSuchEntity."""
    call("iam", "delete_server_certificate", ServerCertificateName=name)


def delete_unused(name: str) -> None:
    """Delete a certificate that no distribution uses.

    CloudFront lists its users, because AWS does not document that IAM refuses. Raise AwsError with IAM's code, also
    NoSuchEntity; with DeleteConflict also if a distribution uses the certificate.
    """
    certificate = find(name)
    if certificate and (user := _user_of(certificate["ServerCertificateMetadata"]["ServerCertificateId"])):
        raise AwsError("delete_server_certificate", "DeleteConflict", f"distribution {user} uses {name}")
    delete(name)


def _user_of(identifier: str) -> str | None:
    """Return the id of a distribution that uses the certificate. Distribution tenants cannot use IAM's certificates.

    https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_ViewerCertificate.html
    """
    more: dict[str, str] = {}
    while True:
        page = call("cloudfront", "list_distributions", **more)["DistributionList"]
        for item in page.get("Items", ()):
            if item["ViewerCertificate"].get("IAMCertificateId") == identifier:
                return str(item["Id"])
        if not page["IsTruncated"]:
            return None
        more = {"Marker": page["NextMarker"]}


def app_of(path: str) -> str:
    """Return the app of a path: `shop` for `/cloudfront/shop/`."""
    return path.removeprefix("/cloudfront/").rstrip("/")
