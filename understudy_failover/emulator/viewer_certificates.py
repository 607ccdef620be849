"""What CloudFront checks before a distribution gets alternate domain names and an IAM certificate.

MiniStack takes any. https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cnames-and-https-requirements.html
"""

from collections.abc import Callable, Sequence
from typing import Any

from cryptography import x509

from understudy_failover.emulator.ministack import Provisioner
from understudy_failover.emulator.model import Distribution, ServerCertificate

REFUSAL = (
    "InvalidViewerCertificate: The specified SSL certificate doesn't exist, isn't in us-east-1 region, isn't valid, "
    "or doesn't include a valid certificate chain."
)


class CloudFrontRefusal(ValueError):  # noqa: N818 (CloudFormation shows the text, no one the class)
    """The distribution is refused, in CloudFront's words."""


def checked(
    provisioner: Provisioner,
    distributions: Callable[[], Sequence[Distribution]],
    server_certificate: Callable[[str], ServerCertificate | None],
    refused: Callable[[], bool] = lambda: False,
) -> Provisioner:
    """CloudFormation's provisioner of AWS::CloudFront::Distribution with CloudFront's checks before it.

    `refused` tells whether CloudFront takes exception to a certificate for a reason that nobody documents.
    """

    def judge(properties: dict[str, Any], others: Sequence[Distribution]) -> None:
        if refused():
            raise CloudFrontRefusal(REFUSAL)
        check(properties, others, server_certificate)

    def create(logical_id: str, properties: dict[str, Any], stack_name: str) -> Any:
        judge(properties, distributions())
        return provisioner["create"](logical_id, properties, stack_name)

    def update(physical_id: str, old: dict[str, Any], new: dict[str, Any], *rest: str) -> Any:
        others = [one for one in distributions() if one.id != physical_id]
        judge(new, others)
        return provisioner["update"](physical_id, old, new, *rest)

    return {**provisioner, "create": create, "update": update}


def check(
    properties: dict[str, Any],
    others: Sequence[Distribution],
    server_certificate: Callable[[str], ServerCertificate | None],
) -> None:
    """Raises CloudFrontRefusal where CloudFront would refuse the template's properties."""
    config = properties.get("DistributionConfig", {})
    aliases = [alias.lower() for alias in config.get("Aliases", [])]
    for other in others:
        if taken := sorted(set(aliases) & set(other.aliases)):
            raise CloudFrontRefusal(
                "CNAMEAlreadyExists: One or more of the CNAMEs you provided are already associated with a "
                f"different resource: {', '.join(taken)} ({other.id})."
            )
    identifier = config.get("ViewerCertificate", {}).get("IamCertificateId")
    if identifier is None:
        if aliases:
            raise CloudFrontRefusal(
                "InvalidViewerCertificate: To add an alternate domain name (CNAME) to a CloudFront distribution, "
                "you must attach a trusted certificate that validates your authorization to use the domain name."
            )
        return
    certificate = server_certificate(identifier)
    if certificate is None:
        raise CloudFrontRefusal(f"{REFUSAL.removesuffix('.')}: {identifier}.")
    if not certificate.path.startswith("/cloudfront/"):
        raise CloudFrontRefusal(
            f"InvalidViewerCertificate: The certificate's path is {certificate.path}; it must begin with /cloudfront/."
        )
    if bare := [alias for alias in aliases if not _covers(_names(certificate), alias)]:
        raise CloudFrontRefusal(
            "InvalidViewerCertificate: The certificate that is attached to your distribution doesn't cover the "
            f"alternate domain name (CNAME) that you're trying to add: {', '.join(bare)}."
        )


def _names(certificate: ServerCertificate) -> set[str]:
    leaf = x509.load_pem_x509_certificate(certificate.body_pem.encode())
    try:
        extension = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return set()
    return {name.lower() for name in extension.value.get_values_for_type(x509.DNSName)}


def _covers(names: set[str], alias: str) -> bool:
    return alias in names or f"*.{alias.partition('.')[2]}" in names
