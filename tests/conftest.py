"""Tests are hermetic by force: no AWS credentials, and no network but loopback."""

import ipaddress
import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

LOOPBACK_NAMES = {"localhost", "127.0.0.1", "::1", "", None}


def _is_loopback(host: object) -> bool:
    if host in LOOPBACK_NAMES:
        return True
    if isinstance(host, bytes):
        host = host.decode()
    try:
        return ipaddress.ip_address(str(host)).is_loopback
    except ValueError:
        return False


def _refuse_the_outside(event: str, arguments: tuple[object, ...]) -> None:
    """Audit hook: a connection or a look-up that would leave this machine is an error in the test."""
    if event in {"socket.connect", "socket.sendto"}:
        connection, address = arguments
        families = (socket.AF_INET, socket.AF_INET6)
        if isinstance(connection, socket.socket) and connection.family in families:
            assert isinstance(address, tuple)
            host: object = address[0]
        else:
            return
    elif event == "socket.getaddrinfo":
        host = arguments[0]
    else:
        return
    if not _is_loopback(host):
        raise PermissionError(f"tests may talk to loopback only, not to {host}")


sys.addaudithook(_refuse_the_outside)


@pytest.fixture(scope="session", autouse=True)
def _no_credentials_and_no_proxy_out() -> Iterator[None]:
    """Hides whatever AWS account this machine is logged in to, from this process and its children."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            patch.delenv(name)
        # Of the make that runs these tests: one that a test runs would take its ARGS.
        for name in ("MAKEFLAGS", "MAKEOVERRIDES", "MFLAGS"):
            patch.delenv(name, raising=False)
        patch.setenv("AWS_CONFIG_FILE", os.devnull)
        patch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        # Children do not have the audit hook: a proxy that refuses everything stops them likewise.
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
            patch.setenv(name, "http://127.0.0.1:9")
        for name in ("NO_PROXY", "no_proxy"):
            patch.setenv(name, "127.0.0.1,localhost,::1")
        # Triples the time of a synthesis; the tests that prove `cdk synth` switch it on again.
        patch.setenv("CDK_VALIDATION", "false")
        yield


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's root folder."""
    return ROOT
