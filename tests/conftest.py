"""Tests are hermetic by force: no AWS credentials, and no network but loopback.

Unit tests (`make unit`) are quick by force: one that starts a process fails, however it is run, and so has no embedded
AWS, no browser and no synthesis, as the CDK runs in Node. Every test is a unit test but
for those that ask for the fixture `processes`, themselves or by another fixture; that lie in `FOLDERS_WITH_PROCESSES`;
or that are marked `lengthy`.
"""

import functools
import gc
import ipaddress
import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import botocore.loaders
import botocore.session
import pytest

from tests.owner.fixtures import environment, wheel
from understudy_failover.operations.aws import NEWER_APIS

__all__ = ["environment", "wheel"]

TESTS = Path(__file__).resolve().parent
ROOT = TESTS.parent


@functools.cache
def _shared_loader(data_path: str | None = None) -> botocore.loaders.Loader:
    """AWS's service models, read once by a worker and not by every client of a test."""
    loader = botocore.loaders.create_loader(data_path)
    loader.search_paths.append(str(NEWER_APIS))
    return loader


# In the module that calls it: it has imported the name.
botocore.session.create_loader = _shared_loader

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

FOLDERS_WITH_PROCESSES = {"browser", "owner", "rehearsal", "stacks"}
STARTS = {"subprocess.Popen", "os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.system"}
"""https://docs.python.org/3/library/audit_events.html"""
_running: list[pytest.Item] = []
"""The unit test that is set up or called."""


@pytest.fixture(scope="session")
def processes() -> None:
    """Whoever asks for it may start processes, and is no unit test; nor is whoever asks for a fixture that does."""


def in_folder_with_processes(path: Path) -> bool:
    """Whether a file or folder is, or lies in, one of `FOLDERS_WITH_PROCESSES`."""
    return bool(FOLDERS_WITH_PROCESSES & set(path.parts[len(TESTS.parts) :]))


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """To read these folders takes seconds, and starts the CDK's Node, in which a synthesis would go unnoticed."""
    return (config.option.markexpr == "unit" and in_folder_with_processes(collection_path)) or None


LONGEST = "test_verify.py"
"""Every fault of a deployment, in one worker."""
RELEASE = "release"


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Return three workers for two processors, as a test bed waits half of its time; unit tests wait for nothing."""
    processors = os.cpu_count() or 1
    return processors if config.option.markexpr == "unit" else max(1, processors * 3 // 2)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Marks the unit tests, leaves out what is for a release only, and puts modules in order."""
    if RELEASE not in config.option.markexpr:
        for_release = {item for item in items if item.get_closest_marker(RELEASE)}
        config.hook.pytest_deselected(items=[*for_release])
        items[:] = [item for item in items if item not in for_release]
    for item in items:
        asked_for = item.fixturenames if isinstance(item, pytest.Function) else []
        with_processes = "processes" in asked_for or in_folder_with_processes(item.path)
        if not with_processes and item.get_closest_marker("lengthy") is None:
            item.add_marker("unit")
    # The longest module first, as one worker runs all of it; then modules that share a test bed, so that it ends soon;
    # what is quick last, so that no worker waits.
    sharing = {item.path for item in items if "shared_bed" in getattr(item, "fixturenames", ())}
    lengthy = {item.path for item in items if item.get_closest_marker("unit") is None}
    items.sort(
        key=lambda item: (item.path.name != LONGEST, 0 if item.path in sharing else 1 if item.path in lengthy else 2)
    )


def pytest_collection_finish() -> None:
    """What was collected stays until the end: without this, each garbage collection looks at thousands of tests."""
    gc.freeze()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """From here on a unit test starts nothing, and has no credentials of a test before it."""
    _running[:] = [item] if item.get_closest_marker("unit") else []
    if _running and "boto3" in sys.modules:
        vars(sys.modules["boto3"])["DEFAULT_SESSION"] = None


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown() -> None:
    """What ends now may be a fixture of others."""
    _running.clear()


def _refuse_processes(event: str, arguments: tuple[object, ...]) -> None:
    """Audit hook: a process that a unit test starts is an error in the test."""
    if _running and event in STARTS:
        pytest.fail(
            f"a unit test starts no process: {event}{arguments[:2]}. If {_running[0].name} has to, let it, or the "
            'fixture that does, ask for the fixture "processes" of tests/conftest.py'
        )


sys.addaudithook(_refuse_processes)


@pytest.fixture(scope="session", autouse=True)
def _no_credentials_and_no_proxy_out() -> Iterator[None]:
    """Hides whatever AWS account this machine is logged in to, from this process and its children."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            patch.delenv(name)
        # Of the make that runs these tests: one that a test runs would take its ARGS.
        for name in ("ARGS", "MAKEFLAGS", "MAKEOVERRIDES", "MFLAGS"):
            patch.delenv(name, raising=False)
        patch.setenv("AWS_CONFIG_FILE", os.devnull)
        patch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        # Children do not have the audit hook: a proxy that refuses everything stops them likewise.
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
            patch.setenv(name, "http://127.0.0.1:9")
        for name in ("NO_PROXY", "no_proxy"):
            patch.setenv(name, "127.0.0.1,localhost,::1")
        # Whatever an owner writes at the root: commands of tests that name no settings read the sample.
        patch.setenv("UNDERSTUDY_SETTINGS", str(ROOT / "tests/sample/failover.toml"))
        # Triples the time of a synthesis; the tests that prove `cdk synth` switch it on again.
        patch.setenv("CDK_VALIDATION", "false")
        yield


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's root folder."""
    return ROOT
