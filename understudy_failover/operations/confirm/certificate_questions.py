"""Questions about server certificates of IAM at CloudFront.

CloudFront accepts publicly trusted certificates only: the user gives them with --certificate.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from understudy_failover.operations.confirm.context import Answer, Context, Question, attempt, yes_or_no
from understudy_failover.operations.confirm.shared import site_of

PATH = "/cloudfront/understudy-confirm/"
NEEDS = "needs a publicly trusted certificate: --certificate CERTIFICATE CHAIN KEY"
CONSECUTIVE = 3
"""As in the deploy: reads in a row that show a certificate before it counts as visible."""
DEFAULT = {"CloudFrontDefaultCertificate": True}


@dataclass(frozen=True)
class Material:
    body: str
    chain: str
    key: str


def sizes(context: Context) -> Answer:
    if not context.certificates:
        return Answer("open", NEEDS)
    evidence, accepted = [], True
    for number in range(len(context.certificates)):
        label, material = f"given-{number}", _given(context, number)
        key = x509.load_pem_x509_certificate(material.body.encode()).public_key()
        outcome = attempt(partial(_upload, context, label, material))
        if outcome == "accepted":
            _await_visible(context, label)
            outcome = _use(context, label)
        accepted = accepted and outcome == "accepted"
        evidence.append(f"{type(key).__name__.strip('_')} {getattr(key, 'key_size', '')}: {outcome}")
    _restore(context)
    return yes_or_no(accepted, "; ".join(evidence))


def visibility(context: Context) -> Answer:
    if not context.certificates:
        return Answer("open", NEEDS)
    material = _given(context, 0)
    _upload(context, "early", material)
    early = attempt(_deletion(context, "early"))
    _upload(context, "visible", material)
    seconds = _await_visible(context, "visible")
    if seconds is None:
        return Answer("open", "IAM did not show the certificate in 10 minutes")
    return Answer("measured", f"visible after {seconds:.0f} s; deletion right after an upload: {early}")


def in_use(context: Context) -> Answer:
    if not context.certificates:
        return Answer("open", NEEDS)
    _upload(context, "used", _given(context, 0))
    _await_visible(context, "used")
    outcome = _use(context, "used")
    if outcome != "accepted":
        return yes_or_no(False, f"as soon as IAM showed it: {outcome}")
    while_used = attempt(_deletion(context, "used"))
    deployed = _restore(context)
    deleted, seconds = context.until(
        lambda: attempt(_deletion(context, "used")) == "accepted" or None, minutes=60, every=30
    )
    return yes_or_no(
        True,
        f"accepted as soon as IAM showed it; deletion while in use: {while_used}; "
        + (f"deleted {seconds:.0f} s" if deleted else f"not deleted {seconds:.0f} s")
        + f" after the distribution was Deployed without it ({deployed:.0f} s)",
    )


def _given(context: Context, number: int) -> Material:
    source = context.certificates[number]
    # A file may hold leaf and chain; IAM accepts a leaf without its chain.
    leaf, *rest = x509.load_pem_x509_certificates(source.leaf_pem + b"\n" + source.chain_pem)
    chain = "".join(issuer.public_bytes(Encoding.PEM).decode() for issuer in rest)
    return Material(leaf.public_bytes(Encoding.PEM).decode(), chain, source.key_pem.decode())


def _name(context: Context, label: str) -> str:
    return f"{context.token}-{label}"


def _upload(context: Context, label: str, material: Material) -> None:
    chain = {"CertificateChain": material.chain} if material.chain else {}
    context.create(
        "server certificate",
        _name(context, label),
        lambda: context.client("iam").upload_server_certificate(
            ServerCertificateName=_name(context, label),
            Path=PATH,
            CertificateBody=material.body,
            PrivateKey=material.key,
            **chain,
        ),
    )


def _deletion(context: Context, label: str) -> Callable[[], None]:
    return lambda: context.client("iam").delete_server_certificate(ServerCertificateName=_name(context, label))


def _id(context: Context, label: str) -> str:
    certificate = context.client("iam").get_server_certificate(ServerCertificateName=_name(context, label))
    return str(certificate["ServerCertificate"]["ServerCertificateMetadata"]["ServerCertificateId"])


def _await_visible(context: Context, label: str) -> float | None:
    """Return the seconds until the first of three reads in a row that show the certificate."""
    reads: list[float] = []
    began = context.clock.now()

    def probe() -> bool | None:
        if attempt(lambda: _id(context, label)) == "accepted":
            reads.append(context.clock.now() - began)
        else:
            reads.clear()
        return len(reads) >= CONSECUTIVE or None

    visible, _ = context.until(probe, minutes=10, every=1)
    return reads[0] if visible else None


def _use(context: Context, label: str) -> str:
    certificate = {
        "IAMCertificateId": _id(context, label),
        "SSLSupportMethod": "sni-only",
        "MinimumProtocolVersion": "TLSv1.2_2021",
    }
    outcome = attempt(lambda: site_of(context).change({"ViewerCertificate": certificate}))
    if outcome == "accepted":
        site_of(context).await_deployed()
    return outcome


def _restore(context: Context) -> float:
    """Give the distribution its default certificate; return the seconds until it is deployed."""
    site_of(context).change({"ViewerCertificate": DEFAULT})
    return site_of(context).await_deployed()


QUESTIONS = (
    Question("certificate-sizes", "Does CloudFront accept the key of each --certificate?", sizes, 60),
    Question("certificate-visibility", "How long until IAM shows an uploaded certificate?", visibility, 10),
    Question(
        "certificate-in-use", "Does CloudFront accept a certificate as soon as IAM shows it three times?", in_use, 120
    ),
)
