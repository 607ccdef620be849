"""The certificate in IAM and at the distribution, and how long it lasts."""

from collections.abc import Iterator

from understudy_failover.operations.finding import Finding, failed, passed
from understudy_failover.operations.lookups import certificate_path
from understudy_failover.operations.repair.plan import Key, distribution_key
from understudy_failover.operations.verify.deployment import Deployment
from understudy_failover.settings.certificate_lifetime import FIRST_ALARM_SHARE, share_left
from understudy_failover.settings.certificate_rules import IN_FOLDER, CertificateFault, faults_of_path

PUSH_AND_DEPLOY = "then `understudy certificate push FILES… --apply` and `cdk deploy --all`"
RENEW = f"renew it, {PUSH_AND_DEPLOY}"


def declared_faults(deployment: Deployment) -> list[CertificateFault]:
    return list(faults_of_path(deployment.settings.certificate.public.path, IN_FOLDER, deployment.now()))


def cure_of_another(deployment: Deployment, *keys: Key) -> str:
    """Return what to do about a certificate that is not the declared one: no deploy takes one that clients refuse."""
    faults = declared_faults(deployment)
    if not faults:
        return deployment.cure(*keys)
    first = faults[0]
    refused = f"no deploy can succeed with the declared one ({first.file}: {first.wrong}): {first.fix}; "
    return deployment.cure(*keys, otherwise=refused + PUSH_AND_DEPLOY)


def attached(deployment: Deployment) -> Iterator[Finding]:
    """The distribution uses the declared certificate."""
    identifier = _attached(deployment)
    subject = deployment.distribution_name()
    every = deployment.server_certificates("/")
    name = next(
        (
            certificate["ServerCertificateName"]
            for certificate in every
            if certificate["ServerCertificateId"] == identifier
        ),
        None,
    )
    key = distribution_key(str(deployment.distribution()["Id"]))
    if name is None:
        yield failed(
            "certificate-not-in-iam",
            subject,
            f"uses {identifier or 'none of IAM'}, which IAM does not have",
            deployment.cure(key),
        )
        return
    path = certificate_path(deployment.client("iam"), name)
    declared = deployment.settings.certificate.public.path
    if path[0] != declared[0]:
        yield failed(
            "certificate-not-declared",
            subject,
            f"uses {name}, which is not the declared certificate",
            cure_of_another(deployment, key),
        )
    elif tuple(path) != declared:
        yield failed(
            "chain-not-declared",
            subject,
            f"uses {name}, whose chain is not the declared one",
            cure_of_another(deployment, key),
        )
    else:
        yield passed(subject, name)


def lifetime(deployment: Deployment) -> Iterator[Finding]:
    """Clients accept the declared certificate and chain, and neither expires soon."""
    public, now = deployment.settings.certificate.public, deployment.now()
    subject = deployment.settings.certificate.name
    if faults := declared_faults(deployment):
        for fault in faults:
            text = f"{fault.file}: {fault.wrong}"
            yield failed("certificate-refused", subject, text, f"{fault.fix}; {PUSH_AND_DEPLOY}")
        return
    days, until = (public.usable_until - now).days, f"{public.usable_until:%Y-%m-%d}"
    if share_left(public.not_before, public.usable_until, now) < FIRST_ALARM_SHARE:
        yield failed("certificate-ends-soon", subject, f"expires in {days} days, on {until}", RENEW)
    else:
        yield passed(subject, f"until {until}, {days} days")


def orphans(deployment: Deployment) -> Iterator[Finding]:
    """IAM has no unused certificate of this installation."""
    app = deployment.settings.app
    identifier = _attached(deployment)
    there = deployment.server_certificates(f"/cloudfront/{app}/")
    left_over = [
        certificate["ServerCertificateName"]
        for certificate in there
        if certificate["ServerCertificateId"] != identifier
    ]
    declared = f"{app}-{deployment.settings.certificate.public.content_digest[:16]}"
    for name in left_over:
        if name != declared:
            yield failed(
                "certificate-orphaned",
                name,
                "is attached to nothing",
                "the next rotation removes it; or `aws iam "
                f"delete-server-certificate --server-certificate-name {name}`",
            )
    if not set(left_over) - {declared}:
        yield passed(app, "none")


def _attached(deployment: Deployment) -> str | None:
    identifier: str | None = deployment.config().get("ViewerCertificate", {}).get("IAMCertificateId")
    return identifier
