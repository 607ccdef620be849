"""`understudy renew`, as the nightly job runs it: the certificate in a request, its key in Secrets Manager alone."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.owner.environment import Environment
from tests.pipeline.forge import REPOSITORY, forge
from tests.pipeline.repository import RENEW, Repository
from tests.stacks.templates import sample_text, with_sample_certificate
from understudy_failover.operations.interruption import Interruption
from understudy_failover.rehearsal.bed import RehearsalBed
from understudy_failover.rehearsal.certificates import IssuedCertificate

CERTBOT = """\
#!{python}
import json, os, pathlib, sys

assert not [name for name in os.environ if "TOKEN" in name and not name.startswith("AWS_")], sorted(os.environ)
words = sys.argv[1:]
pathlib.Path({asked!r}).write_text(json.dumps(words))
live = pathlib.Path(words[words.index("--config-dir") + 1], "live", words[words.index("--cert-name") + 1])
live.mkdir(parents=True)
for name, text in json.loads(pathlib.Path({issued!r}).read_text()).items():
    (live / name).write_text(text)
"""


class Night:
    """A repository with a certificate, and a CA's client that issues `renewed`."""

    def __init__(self, repository: Repository) -> None:
        self.repository = repository
        self.renewed = self.issue(days=90)
        folder = repository.folder
        self.asked, issued = folder / "asked.json", folder / "issued.json"
        self.certbot = repository.temporary / "certbot" / "bin" / "certbot"
        self.certbot.parent.mkdir(parents=True)
        files = {
            "cert.pem": self.renewed.body_pem,
            "chain.pem": self.renewed.chain_pem,
            "privkey.pem": self.renewed.private_key_pem,
        }
        issued.write_text(json.dumps(files), encoding="utf-8")
        program = CERTBOT.format(python=sys.executable, asked=str(self.asked), issued=str(issued))
        self.certbot.write_text(program, encoding="utf-8")
        self.certbot.chmod(0o755)
        self.remote = folder / f"{REPOSITORY}.git"
        git(folder, "init", "--quiet", "--bare", str(self.remote))
        git(repository.checkout, "init", "--quiet", "--initial-branch", "main")

    def issue(self, *, days: int, age_days: int = 0) -> IssuedCertificate:
        """For the names of the sample."""
        bed = self.repository.bed
        names = tuple(bed.settings.certificate.public.names)
        return bed.authority.issue(names, days=days, age_days=age_days)

    def falls(self, *, days_left: int) -> tuple[int, str]:
        """The job's exit code and output, where the certificate in main lasts so much longer of 90 days."""
        checkout = self.repository.checkout
        old = self.issue(days=days_left, age_days=90 - days_left)
        old.write_public_files(checkout / "certificates" / self.repository.bed.settings.certificate.folder_name)
        (checkout / "failover.toml").write_text(self.repository.text, encoding="utf-8")
        git(checkout, "checkout", "--quiet", "-B", "main")
        git(checkout, "add", ".")
        git(checkout, "-c", "user.name=a", "-c", "user.email=a@invalid", "commit", "--quiet", "--message", "main")
        (done,) = self.repository.run("renew", self.repository.text, merged="abc")
        assert done.run == RENEW
        return done.code, done.output


def git(folder: Path, *words: str) -> str:
    """What git says."""
    return subprocess.run(["git", *words], cwd=folder, capture_output=True, text=True, check=True).stdout


@pytest.fixture
def night(environment: Environment, tmp_path: Path) -> Iterator[Night]:
    settings = with_sample_certificate(tmp_path / "settings") / "failover.toml"
    settings.write_text(sample_text(), encoding="utf-8")
    with (
        Interruption() as interruption,
        RehearsalBed(settings, rate=1, interruption=interruption) as bed,
        forge() as here,
    ):
        (tmp_path / "job").mkdir()
        yield Night(Repository(environment, bed, here, tmp_path / "job"))


def test_a_certificate_that_lasts_is_left_alone(night: Night) -> None:
    code, output = night.falls(days_left=46)
    assert code == 0
    assert "nothing is due" in output
    assert not night.asked.exists()
    assert night.repository.forge.changes == []


def test_one_that_is_due_is_proposed_once_and_its_key_is_in_the_secret_alone(night: Night) -> None:
    code, output = night.falls(days_left=44)
    assert code == 0, output
    (proposed,) = night.repository.forge.opened
    assert (proposed["head"], proposed["base"]) == ("renew-certificate", "main")
    changed = git(night.remote, "show", "--format=", "--name-only", "renew-certificate").split()
    folder = f"certificates/{night.repository.bed.settings.certificate.folder_name}"
    # The chain is that of the certificate before.
    assert sorted(changed) == [f"{folder}/certificate.pem", "failover.toml"]
    assert git(night.remote, "show", f"renew-certificate:{folder}/certificate.pem") == night.renewed.body_pem
    words = json.loads(night.asked.read_text(encoding="utf-8"))
    assert {words[at + 1] for at, word in enumerate(words) if word == "--domain"} == set(
        night.repository.bed.settings.certificate.public.names
    )
    secrets = night.repository.bed.aws.client("secretsmanager")
    name = night.repository.bed.settings.certificate.private_key_secret
    assert secrets.get_secret_value(SecretId=name)["SecretString"].strip() == night.renewed.private_key_pem.strip()

    # The lines of its base64; the sources of this tree speak of headers.
    lines = [line.encode() for line in night.renewed.private_key_pem.splitlines()[2:-1]]
    kept = {str(file): file.read_bytes() for file in _files(night.repository.checkout)}
    kept["history"] = git(night.remote, "log", "--all", "--patch").encode()
    kept["log"], kept["request"] = output.encode(), proposed["body"].encode()
    assert len(lines) > 20
    assert night.renewed.body_pem.splitlines()[2].encode() in kept["history"]
    assert [where for where, content in kept.items() if any(line in content for line in lines)] == []
    # Where the CA's client had it.
    assert not Path(words[words.index("--config-dir") + 1]).exists()

    night.asked.unlink()
    code, output = night.falls(days_left=34)
    assert code == 0
    assert "waits to be merged" in output
    assert not night.asked.exists()


def test_a_certificate_authority_that_refuses_fails_the_job_and_changes_nothing(night: Night) -> None:
    night.certbot.write_text("#!/bin/sh\necho too many certificates >&2\nexit 1\n", encoding="utf-8")
    code, output = night.falls(days_left=10)
    assert code != 0
    assert "too many certificates" in output
    assert night.repository.forge.opened == []
    assert git(night.remote, "branch", "--list") == ""


def _files(tree: Path) -> list[Path]:
    linked = {path for path in tree.iterdir() if path.is_symlink()}
    return [file for file in tree.rglob("*") if file.is_file() and not linked & {file, *file.parents}]
