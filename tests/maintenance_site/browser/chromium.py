"""A real Chromium on the rehearsal's internet: every name resolves in the embedded AWS, and nowhere else."""

import base64
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from playwright.sync_api import Browser, Error, sync_playwright

from understudy_failover.rehearsal.bed import RehearsalBed

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Chromium never asks a proxy for its own machine's names; here it must, or it would reach what runs there.
    "--proxy-bypass-list=<-loopback>",
)


def executable() -> str | None:
    """An installed Chromium; None means the one that Playwright may have fetched."""
    return next(filter(None, map(shutil.which, NAMES)), None)


def skip_if_unwanted() -> None:
    """Skips where BROWSER=none is set by hand; nothing else lets a browser test pass by."""
    if os.environ.get("BROWSER") == "none":
        pytest.skip("BROWSER=none")


def public_key_digest(certificate_pem: str) -> str:
    """What --ignore-certificate-errors-spki-list takes: the SHA-256 of a certificate's public key."""
    key = x509.load_pem_x509_certificate(certificate_pem.encode()).public_key()
    spki = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(hashlib.sha256(spki).digest()).decode()


@contextmanager
def chromium(bed: RehearsalBed) -> Iterator[Browser]:
    """A Chromium that reaches the embedded AWS alone and trusts its throwaway certificate."""
    trusted = public_key_digest(bed.settings.certificate.public.body_pem)
    arguments = [*ARGUMENTS, f"--ignore-certificate-errors-spki-list={trusted}"]
    if os.geteuid() == 0:  # Chromium's sandbox refuses to work for root
        arguments.append("--no-sandbox")
    host, port = bed.aws.gateway
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(
                executable_path=executable(), args=arguments, proxy={"server": f"http://{host}:{port}"}
            )
        except Error as error:
            pytest.fail(f"no browser: install one (Debian: apt install chromium), or set BROWSER=none. {error}")
        try:
            yield browser
        finally:
            browser.close()
