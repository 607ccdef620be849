"""An owner's folder, and an AWS with a Secrets Manager in it."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.operations.certificate.authority import NAMES, Authority, Leaf
from understudy_failover.cli import main
from understudy_failover.emulator import EmbeddedAws
from understudy_failover.operations.certificate import trust

Push = Callable[..., int]


@pytest.fixture(scope="module")
def root_authority() -> Authority:
    return Authority.root()


@pytest.fixture(scope="module")
def issuer(root_authority: Authority) -> Authority:
    return root_authority.below("Example Intermediate")


@pytest.fixture(scope="module")
def good(issuer: Authority) -> Leaf:
    """A certificate that may be pushed."""
    return issuer.issue(*NAMES)


@pytest.fixture(scope="module")
def aws(processes: None) -> Iterator[EmbeddedAws]:
    with EmbeddedAws() as started:
        yield started


@pytest.fixture
def owner(tmp_path: Path, root: Path, root_authority: Authority, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which the commands are given: settings, and no certificate yet. The root counts as Mozilla's."""
    monkeypatch.setattr(trust, "mozilla_roots", lambda: (root_authority.certificate,))
    shutil.copy(root / "tests/sample/failover.toml", tmp_path)
    monkeypatch.delenv("UNDERSTUDY_SETTINGS")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    return tmp_path


def push(folder: Path, leaf: bytes, chain: bytes, key: bytes, *options: str) -> int:
    """`certificate push` of files with these contents, in a folder beside the settings."""
    inbox = folder / "new"
    inbox.mkdir(exist_ok=True)
    for name, content in (("cert.pem", leaf), ("chain.pem", chain), ("privkey.pem", key)):
        (inbox / name).write_bytes(content)
    return main(["certificate", "push", "--live-directory", "new", *options])
