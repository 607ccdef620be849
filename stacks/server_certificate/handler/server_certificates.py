"""Server certificates of IAM, one call at a time."""

from collections.abc import Iterator, Mapping
from typing import Any

from aws import AwsError, call

APP_TAG = "understudy:app"
"""Key of the tag that every upload gets, with the app's name."""


def find(name: str) -> dict[str, Any] | None:
    """The certificate as IAM describes it; None where IAM does not know it (yet, or any more).

    Raises:
        AwsError: for any other reason.
    """
    try:
        answer = call("iam", "get_server_certificate", ServerCertificateName=name)
    except AwsError as error:
        if error.code == "NoSuchEntity":
            return None
        raise
    certificate: dict[str, Any] = answer["ServerCertificate"]
    return certificate


def listed(path_prefix: str) -> Iterator[dict[str, Any]]:
    """Metadata of every certificate under `path_prefix`.

    Raises:
        AwsError: IAM does not list them.
    """
    more: dict[str, str] = {}
    while True:
        page = call("iam", "list_server_certificates", PathPrefix=path_prefix, **more)
        yield from page["ServerCertificateMetadataList"]
        if not page["IsTruncated"]:
            return
        more = {"Marker": page["Marker"]}


def upload(properties: Mapping[str, Any], body: str, chain: str, private_key: str) -> None:
    """Uploads, tagged with the app.

    Raises:
        AwsError: without AWS's text.
    """
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
    """Deletes a certificate that no distribution can use yet.

    Raises:
        AwsError: with IAM's code, of which NoSuchEntity is one.
    """
    call("iam", "delete_server_certificate", ServerCertificateName=name)


def delete_unused(name: str) -> None:
    """Deletes, unless a distribution uses it. CloudFront is asked: nobody has published that IAM would refuse.

    Raises:
        AwsError: with IAM's code, of which NoSuchEntity is one; DeleteConflict also where a distribution uses it.
    """
    certificate = find(name)
    if certificate and (user := _user_of(certificate["ServerCertificateMetadata"]["ServerCertificateId"])):
        raise AwsError("delete_server_certificate", "DeleteConflict", f"distribution {user} uses {name}")
    delete(name)


def _user_of(identifier: str) -> str | None:
    """Return the id of a distribution that uses the certificate. Distribution tenants can use none of IAM's.

    https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_ViewerCertificate.html
    """
    more: dict[str, str] = {}
    while True:
        page = call("cloudfront", "list_distributions", **more)["DistributionList"]
        for one in page.get("Items", ()):
            if one["ViewerCertificate"].get("IAMCertificateId") == identifier:
                return str(one["Id"])
        if not page["IsTruncated"]:
            return None
        more = {"Marker": page["NextMarker"]}


def app_of(path: str) -> str:
    """The app that a path belongs to: `shop` for `/cloudfront/shop/`."""
    return path.removeprefix("/cloudfront/").rstrip("/")
