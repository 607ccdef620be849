"""CloudFront's checks of a distribution's alternate domain names and IAM certificate.

MiniStack has none. Whether Mozilla lists the issuer is not checked: a rehearsal has a throwaway CA.
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cnames-and-https-requirements.html
https://repost.aws/knowledge-center/cloudfront-invalid-viewer-certificate
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.verification import (
    Criticality,
    ExtensionPolicy,
    PolicyBuilder,
    Store,
    VerificationError,
)

from understudy_failover.emulator.ministack import Provisioner
from understudy_failover.emulator.model import Distribution, ServerCertificate

REFUSAL = (
    "InvalidViewerCertificate: The specified SSL certificate doesn't exist, isn't in us-east-1 region, isn't valid, "
    "or doesn't include a valid certificate chain."
)


MAX_CERTIFICATES = 5
MAX_RSA_BITS = 4096
CA_POLICY = ExtensionPolicy.permit_all().require_present(x509.BasicConstraints, Criticality.AGNOSTIC, None)
LEAF_POLICY = ExtensionPolicy.permit_all().require_present(x509.SubjectAlternativeName, Criticality.AGNOSTIC, None)


class CloudFrontRefusal(ValueError):  # noqa: N818 (only the text is shown)
    """CloudFront refuses the distribution; the text is CloudFront's."""


def add_checks(
    provisioner: Provisioner,
    distributions: Callable[[], Sequence[Distribution]],
    server_certificate: Callable[[str], ServerCertificate | None],
    now: Callable[[], float],
    refused: Callable[[], bool] = lambda: False,
) -> Provisioner:
    """Return the provisioner of AWS::CloudFront::Distribution with CloudFront's checks before it.

    `now` returns emulated Unix seconds. `refused` returns whether CloudFront refuses a certificate for an undocumented
    reason.
    """

    def check_all(properties: dict[str, Any], others: Sequence[Distribution]) -> None:
        if refused():
            raise CloudFrontRefusal(REFUSAL)
        check(properties, others, server_certificate, datetime.fromtimestamp(now(), UTC))

    def create(logical_id: str, properties: dict[str, Any], stack_name: str) -> Any:
        check_all(properties, distributions())
        return provisioner["create"](logical_id, properties, stack_name)

    def update(physical_id: str, old: dict[str, Any], new: dict[str, Any], *rest: str) -> Any:
        check_all(new, [other for other in distributions() if other.id != physical_id])
        return provisioner["update"](physical_id, old, new, *rest)

    return {**provisioner, "create": create, "update": update}


def check(
    properties: dict[str, Any],
    others: Sequence[Distribution],
    server_certificate: Callable[[str], ServerCertificate | None],
    now: datetime,
) -> None:
    """Raise CloudFrontRefusal if CloudFront refuses the template's properties."""
    config = properties.get("DistributionConfig", {})
    aliases = [alias.lower() for alias in config.get("Aliases", [])]
    for other in others:
        if conflicts := sorted(set(aliases) & set(other.aliases)):
            raise CloudFrontRefusal(
                "CNAMEAlreadyExists: One or more of the CNAMEs you provided are already associated with a "
                f"different resource: {', '.join(conflicts)} ({other.id})."
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
    if reason := _unusable(certificate, now):
        raise CloudFrontRefusal(f"{REFUSAL} {reason}")
    if bare := [alias for alias in aliases if not _covers(_names(certificate), alias)]:
        raise CloudFrontRefusal(
            "InvalidViewerCertificate: The certificate that is attached to your distribution doesn't cover the "
            f"alternate domain name (CNAME) that you're trying to add: {', '.join(bare)}."
        )


def _unusable(certificate: ServerCertificate, now: datetime) -> str:
    """Return why the certificate with its chain is not "valid"; empty if it is. CloudFront returns no reason."""
    leaf, *chain = x509.load_pem_x509_certificates(f"{certificate.body_pem}\n{certificate.chain_pem or ''}".encode())
    if len(chain) >= MAX_CERTIFICATES:
        return f"(It has {len(chain) + 1} certificates; CloudFront allows {MAX_CERTIFICATES}.)"
    match leaf.public_key():
        case rsa.RSAPublicKey(key_size=bits) if bits <= MAX_RSA_BITS:
            pass
        case ec.EllipticCurvePublicKey(curve=ec.SECP256R1()):
            pass
        case _:
            return "(Its key is of a kind or size that CloudFront does not support.)"
    for finding in (leaf, *chain):
        if not finding.not_valid_before_utc <= now <= finding.not_valid_after_utc:
            return f"({finding.subject.rfc4514_string()} is not valid at this time.)"
    try:
        policy = PolicyBuilder().store(Store([chain[-1] if chain else leaf])).time(now)
        policy = policy.extension_policies(ca_policy=CA_POLICY, ee_policy=LEAF_POLICY)
        policy.build_client_verifier().verify(leaf, chain)
    except VerificationError as error:
        return f"(Its chain is invalid: {error}.)"
    return ""


def _names(certificate: ServerCertificate) -> set[str]:
    leaf = x509.load_pem_x509_certificate(certificate.body_pem.encode())
    try:
        extension = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return set()
    return {name.lower() for name in extension.value.get_values_for_type(x509.DNSName)}


def _covers(names: set[str], alias: str) -> bool:
    return alias in names or f"*.{alias.partition('.')[2]}" in names
