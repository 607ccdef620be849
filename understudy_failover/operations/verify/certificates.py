"""The certificate in IAM and at the distribution, and how long it lasts."""

from collections.abc import Iterator
from datetime import timedelta

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256

from understudy_failover.operations.certificate.preflight import RENEWAL_FRACTION
from understudy_failover.operations.repair.plan import distribution_key
from understudy_failover.operations.verify.check import Seen, failed, passed
from understudy_failover.operations.verify.deployment import Deployment

DAY = timedelta(days=1)


def attached(deployment: Deployment) -> Iterator[Seen]:
    """The distribution uses the declared one."""
    identifier = _attached(deployment)
    subject = deployment.distribution_name()
    every = deployment.server_certificates("/")
    name = next((one["ServerCertificateName"] for one in every if one["ServerCertificateId"] == identifier), None)
    key = distribution_key(str(deployment.distribution()["Id"]))
    if name is None:
        yield failed(subject, f"uses {identifier or 'none of IAM'}, which IAM does not have", deployment.cure(key))
        return
    body = deployment.client("iam").get_server_certificate(ServerCertificateName=name)["ServerCertificate"]
    leaf = x509.load_pem_x509_certificate(body["CertificateBody"].encode())
    if leaf.fingerprint(SHA256()).hex(":").upper() == deployment.settings.certificate.public.fingerprint:
        yield passed(subject, name)
    else:
        yield failed(subject, f"uses {name}, which is not the declared certificate", deployment.cure(key))


def lifetime(deployment: Deployment) -> Iterator[Seen]:
    """The declared one is valid, and not about to end."""
    public, now = deployment.settings.certificate.public, deployment.now()
    subject = deployment.settings.certificate.name
    until = f"{public.not_after:%Y-%m-%d}"
    left = public.not_after - now
    renew = "renew it, then `understudy certificate push FILES… --apply` and `cdk deploy --all`"
    if left < timedelta():
        yield failed(subject, f"expired on {until}", renew)
    elif now < public.not_before:
        yield failed(subject, f"is valid only from {public.not_before:%Y-%m-%d} on", "is this machine's clock right?")
    elif left < (public.not_after - public.not_before) * RENEWAL_FRACTION:
        yield failed(subject, f"expires in {left // DAY} days, on {until}", renew)
    else:
        yield passed(subject, f"until {until}, {left // DAY} days")


def orphans(deployment: Deployment) -> Iterator[Seen]:
    """IAM keeps no certificate of this installation that nothing uses."""
    app = deployment.settings.app
    identifier = _attached(deployment)
    there = deployment.server_certificates(f"/cloudfront/{app}/")
    left_over = [one["ServerCertificateName"] for one in there if one["ServerCertificateId"] != identifier]
    declared = f"{app}-{deployment.settings.certificate.public.content_digest[:16]}"
    for name in left_over:
        if name != declared:
            yield failed(
                name,
                "is attached to nothing",
                "the next rotation removes it; or `aws iam "
                f"delete-server-certificate --server-certificate-name {name}`",
            )
    if not set(left_over) - {declared}:
        yield passed(app, "none")


def _attached(deployment: Deployment) -> str | None:
    found: str | None = deployment.config().get("ViewerCertificate", {}).get("IAMCertificateId")
    return found
