"""Whether the issuer of a certificate is one that browsers and CloudFront trust: a root of Mozilla's list.

The list comes with the package certifi, which the lock file pins. CloudFront wants a CA of this list for alternate
domain names: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cnames-and-https-requirements.html
"""

import warnings
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from pathlib import Path

import certifi
from cryptography import x509
from cryptography.utils import CryptographyDeprecationWarning

from understudy_failover.settings import PublicCertificate
from understudy_failover.settings.certificate_path import is_trusted
from understudy_failover.settings.certificate_pem import BLOCK, distinguished_name
from understudy_failover.settings.problem import Problem

ROOT_LIST = f"Mozilla's root certificates (certifi {certifi.__version__})"

CHAIN_ADVICE = "name the chain that your CA gave with the certificate"
PRIVATE_ADVICE = "have the certificate issued by a public CA; if a private CA is meant, repeat with --private-ca"
KNOWN_ISSUERS = {
    "(STAGING)": "it is from Let's Encrypt's test environment: request it again without --test-cert or --staging",
    "CloudFlare Origin": "only Cloudflare trusts it: have one issued by a public CA, for example Let's Encrypt",
    "mkcert": "only the machine that ran mkcert trusts it: have one issued by a public CA, for example Let's Encrypt",
}
"""Parts of issuers' names that are often mistaken for public CAs, and what to do."""


@cache
def mozilla_roots() -> tuple[x509.Certificate, ...]:
    """Return the root certificates of Mozilla's list for TLS servers that `cryptography` reads.

    One by one: a serial number that is not positive is read with a warning, and by later versions not at all.
    """
    roots = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CryptographyDeprecationWarning)
        for block in BLOCK.finditer(Path(certifi.where()).read_text(encoding="ascii", errors="replace")):
            try:
                roots.append(x509.load_pem_x509_certificate(block[0].encode()))
            except ValueError:
                continue
    return tuple(roots)


def trust_problem(
    public: PublicCertificate, file: str, at: datetime, roots: Sequence[x509.Certificate] | None = None
) -> Problem | None:
    """Return the problem of a certificate whose chain leads to none of `roots`, Mozilla's if there are none given.

    `file` is the name of the file with the chain.
    """
    path = public.path
    if is_trusted(path, mozilla_roots() if roots is None else roots, at):
        return None
    issuer = distinguished_name(path[-1].issuer)
    wrong = f"leads to {issuer}, which is none of {ROOT_LIST if roots is None else 'the trusted CAs'}"
    hint = next((fix for part, fix in KNOWN_ISSUERS.items() if part in issuer), None)
    if hint is None and not public.chain_pem:
        wrong = f"holds no chain, and the certificate is issued by {wrong.removeprefix('leads to ')}"
        hint = f"{CHAIN_ADVICE}; {PRIVATE_ADVICE}"
    return Problem(file, wrong, hint or PRIVATE_ADVICE, "certificates of CAs that browsers and CloudFront trust")
