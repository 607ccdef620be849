"""The certificate by the clock, and the secret that holds its key; the key itself is not read."""

import hashlib
import re
from collections.abc import Iterator

from botocore.exceptions import ClientError

from understudy_failover.operations.certificate.preflight import problems_now, public_key, warnings
from understudy_failover.operations.certificate.secret import CURRENT, restore_command
from understudy_failover.operations.finding import Finding, failed, passed, warning
from understudy_failover.operations.preflight.subject import Subject
from understudy_failover.operations.review.change import CERTIFICATE, properties
from understudy_failover.operations.review.templates import AssemblyError
from understudy_failover.settings import CertificateSettings
from understudy_failover.settings.certificate_rules import IN_FOLDER

PREVIOUS = "AWSPREVIOUS"
PUSHED = re.compile(r"[0-9a-f]{64}")
"""Version ids that `certificate push` gives: SHA-256 of the public key."""
PUSH = "`understudy certificate push FILES… --apply`"


def certificate(subject: Subject) -> Iterator[Finding]:
    """That it covers every host, and is none that CloudFront refuses, the settings have made sure of."""
    for declared in _declared(subject):
        public, name = declared.public, declared.name
        problems = problems_now(
            public, IN_FOLDER, subject.now, private_ca=subject.private_ca, roots=subject.trusted_roots
        )
        for problem in problems:
            yield failed("certificate-refused", name, f"{problem.place}: {problem.wrong}", problem.fix)
        if not problems:
            yield passed(name, f"covers every host until {public.usable_until:%Y-%m-%d}")
        for text in warnings(public, subject.now):
            yield warning("certificate-ends-soon", name, text, f"with the renewed one: {PUSH}")


def secret(subject: Subject) -> Iterator[Finding]:
    """Needs secretsmanager:DescribeSecret."""
    for declared in _declared(subject):
        yield from _secret(subject, declared)


def _declared(subject: Subject) -> list[CertificateSettings]:
    """Every certificate of the settings, each folder once."""
    every = (subject.settings.certificate, *subject.settings.certificates)
    return list({declared.folder_name: declared for declared in reversed(every)}.values())[::-1]


def _secret(subject: Subject, settings: CertificateSettings) -> Iterator[Finding]:
    name = settings.private_key_secret
    try:
        description = subject.client("secretsmanager").describe_secret(SecretId=name)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
        yield failed("secret-missing", name, "there is no such secret in us-east-1", PUSH)
        return
    if description.get("DeletedDate"):
        yield failed(
            "secret-being-deleted",
            name,
            "is being deleted",
            restore_command(name),
        )
        return
    versions: dict[str, list[str]] = description.get("VersionIdsToStages", {})
    # As the upload does: the version that the settings name, or the current one and the one before.
    used = [settings.private_key_version] if settings.private_key_version else _staged(versions)
    if not set(used) & versions.keys():
        what = f"has no version {used[0]}" if used else "holds no key yet"
        yield failed("secret-without-key", name, what, PUSH)
    elif hashlib.sha256(public_key(settings.public)).hexdigest() in used:
        yield passed(name, "holds the certificate's private key")
    elif all(PUSHED.fullmatch(version) for version in used):
        yield failed("secret-of-other-certificate", name, "holds the private key of another certificate", PUSH)
    elif _is_deployed(subject, settings.public.fingerprint):
        yield passed(name, "is there, and was used by the last deploy of this certificate")
    else:
        yield warning(
            "secret-not-read",
            name,
            "was stored by hand, and is not read here: the deploy fails if it is JSON (the console's key/value form), "
            "or has \\n as two characters",
            f"{PUSH} stores the key as the deploy needs it",
        )


def _is_deployed(subject: Subject, fingerprint: str) -> bool:
    try:
        resources = subject.deployed.values()
    except AssemblyError:  # reported by `quotas`
        return False
    return any(
        properties(resource).get("Fingerprint") == fingerprint
        for resource in resources
        if resource["Type"] == CERTIFICATE
    )


def _staged(versions: dict[str, list[str]]) -> list[str]:
    return [version for stage in (CURRENT, PREVIOUS) for version, stages in versions.items() if stage in stages]
