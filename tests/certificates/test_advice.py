"""The command that a refusal advises converts the file, and what it writes is accepted."""

import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import pytest
from cryptography import x509

from tests.certificates.inputs import INPUTS, Files
from understudy_failover.operations.certificate import source, trust
from understudy_failover.operations.certificate.preflight import Checked, check
from understudy_failover.settings.problem import Problem

ADVISED = [
    "der_leaf",
    "base64_leaf",
    "pkcs7_chain",
    "pkcs7_all",
    "pkcs7_der_chain",
    "pkcs12_for_all",
    "text_utf16",
    "text_json_escapes",
    "tool_vault_jq_without_r",
    "vault_document",
    "tool_openssl_trusted_certificate",
    "der_key",
    "base64_key",
    "key_encrypted_pkcs8",
    "key_encrypted_traditional",
    "all_in_one_three_times",
]
PASSWORDS = {"key_encrypted_pkcs8": b"word\n", "key_encrypted_traditional": b"word\n"}
"""What is typed; of PKCS #12 without a password, nothing."""


def _run(command: str, folder: Path, typed: bytes) -> None:
    # In a session of its own: OpenSSL asks at a terminal if it finds one, and reads stdin otherwise.
    done = subprocess.run(
        ["bash", "-c", command], cwd=folder, input=typed, capture_output=True, check=False, start_new_session=True
    )
    assert done.returncode == 0, done.stderr


Judge = Callable[[list[str]], Checked | list[Problem]]


@pytest.fixture
def judge(tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> Judge:
    """`push` of files in a folder whose name has a space, by their names in it."""
    settings = tmp_path / "failover.toml"
    settings.write_bytes((root / "tests/sample/failover.toml").read_bytes())
    monkeypatch.chdir(tmp_path)

    def run(names: list[str]) -> Checked | list[Problem]:
        sources = cast("source.Source", source.read([Path(name) for name in names]))
        return check(sources, settings, datetime.now(UTC))

    return run


def _write(files: Files, folder: Path) -> list[str]:
    names = {"our certificate.pem": files.leaf, "chain.pem": files.chain, "key.pem": files.key}
    given = {name: content for name, content in names.items() if content}
    for name, content in given.items():
        (folder / name).write_bytes(content)
    return list(given)


@pytest.mark.parametrize("name", ADVISED)
def test_the_advised_command_cures_the_file(
    name: str, tmp_path: Path, judge: Judge, monkeypatch: pytest.MonkeyPatch, processes: None
) -> None:
    files = INPUTS[name]()
    roots = tuple(x509.load_pem_x509_certificates(files.root))
    monkeypatch.setattr(trust, "mozilla_roots", lambda: roots)
    names = _write(files, tmp_path)
    if name == "all_in_one_three_times":
        names = [names[0], names[-1]]
    # A file is judged when those before it are right.
    for _ in range(3):
        judged = judge(names)
        if isinstance(judged, Checked):
            return
        for problem in judged:
            before, _, after = problem.fix.partition(": ")
            command = after.removesuffix(" writes one")
            _run(command, tmp_path, PASSWORDS.get(name, b"\n"))
            written = "certificates.pem" if after != command else command.rpartition("-out ")[2].rpartition("> ")[2]
            assert before
            names[names.index(str(problem.place))] = written.strip("'")
    assert isinstance(judge(names), Checked)
