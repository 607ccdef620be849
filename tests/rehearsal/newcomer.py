"""Somebody new, with nothing but the wheel or a clone, an account, host names in use and a certificate."""

import importlib.util
import os
import re
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.owner.environment import Environment
from understudy_failover.rehearsal.bed import RehearsalBed

LIMIT_SECONDS = 240
SECRET = "understudy/example/private-key"
REACHES_OUT = r"understudy (import|detach|preflight|verify|drill|origin|certificate show)\b"
"""Commands that use more than AWS's APIs, here on loopback: `make up` prints the options."""


def copied(root: Path, folder: Path) -> Path:
    """`folder`, as `git clone` and `make setup` leave it; the environment's parts are links to this one's."""
    listed = subprocess.check_output(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=root, text=True
    )
    for name in filter(None, listed.split("\0")):
        if (root / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(root / name, folder / name)
    (root / ".venv/jsii").mkdir(exist_ok=True)
    (folder / ".venv/bin").mkdir(parents=True)
    own = {"up-to-date", "bin", "understudy"}
    for part in (*(root / ".venv").iterdir(), *(root / ".venv/bin").iterdir()):
        if part.name not in own:
            (folder / part.relative_to(root)).symlink_to(part)
    spec = importlib.util.spec_from_file_location("setup_of_the_copy", folder / "tools/setup.py")
    assert spec
    assert spec.loader
    setup = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(setup)
    setup.write_command(folder / ".venv/bin/understudy", folder / ".venv/bin/python")
    setup.STAMP.write_text(f"develop {setup.fingerprint()}")
    commit(folder, "As cloned")
    return folder


def commit(folder: Path, message: str) -> None:
    """Make the folder a git repository, with everything in it."""
    for command in (("init", "--quiet"), ("add", "."), ("commit", "--quiet", "-m", message)):
        subprocess.run(["git", *command], cwd=folder, env=os.environ | _COMMITTER, check=True)


_COMMITTER = {f"GIT_{who}_{what}": "a@b.example" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}


class Newcomer:
    """Types commands into a shell in an owner's folder, which is empty at first."""

    def __init__(self, environment: Environment, bed: RehearsalBed, folder: Path) -> None:
        """On a test bed where nothing is deployed."""
        self.folder = folder
        self._bed = bed
        self._environment = environment
        self._variables = {**bed.aws.environment(), **_COMMITTER, "RENEWED_LINEAGE": str(folder.parent / "live")}
        self._domain = ""
        # No key is stored yet.
        bed.aws.client("secretsmanager").delete_secret(SecretId=SECRET, ForceDeleteWithoutRecovery=True)

    def described(self) -> None:
        """Write the settings of the test bed, commit and push everything; certbot has issued a certificate."""
        own = self._bed.settings_path.parent
        shutil.copytree(own / "certificates", self.folder / "certificates", dirs_exist_ok=True)
        shutil.copy(self._bed.settings_path, self.folder)
        self.renewed()
        commit(self.folder, "As written")
        remote = self.folder.parent / "remote.git"
        for command in (
            ("init", "--quiet", "--bare", str(remote)),
            ("remote", "add", "origin", str(remote)),
            ("push", "--quiet", "--set-upstream", "origin", "HEAD"),
        ):
            subprocess.run(["git", *command], cwd=self.folder, check=True)

    def renewed(self) -> None:
        """certbot has left a new certificate for the same names, and its key."""
        names = self._bed.settings.certificate.public.names
        new = self._bed.authority.issue(tuple(names), days=180)
        live = self.folder.parent / "live"
        live.mkdir(exist_ok=True)
        for name, text in (("cert", new.body_pem), ("chain", new.chain_pem), ("privkey", new.private_key_pem)):
            (live / f"{name}.pem").write_text(text, encoding="ascii")

    def adds_a_host(self) -> None:
        """Add a name that has a simple record to the hosts of the first server."""
        name = "new.example.com"
        zone = self._bed.settings.zones[0]
        record = {"Name": name, "Type": "A", "TTL": 300, "ResourceRecords": [{"Value": "203.0.113.10"}]}
        self._bed.aws.client("route53").change_resource_record_sets(
            HostedZoneId=zone.id, ChangeBatch={"Changes": [{"Action": "CREATE", "ResourceRecordSet": record}]}
        )
        file = self.folder / "failover.toml"
        text = file.read_text(encoding="utf-8")
        assert text.count('"shop.example.com"]') == 1
        file.write_text(text.replace('"shop.example.com"]', f'"shop.example.com", "{name}"]'), encoding="utf-8")

    def type(self, command: str) -> tuple[int, str]:
        """Exit code and output, stderr included, of a command of the README as this reader has to write it."""
        code, printed = self._environment.run(self.written(command), self.folder, self._variables)
        if match := re.search(r"\b\w+\.cloudfront\.net\b", printed):
            self._domain = match[0]
        return code, printed

    def written(self, command: str) -> str:
        """With the reader's own names in place of those that only stand for them, and the ways of `understudy up`."""
        world = " ".join(self._bed.options())
        in_an_hour = (datetime.now(UTC) + timedelta(hours=1)).isoformat(timespec="seconds")
        in_a_week = (datetime.now(UTC) + timedelta(days=7)).date().isoformat()
        text = re.sub(r"^(?=certificate )", "understudy ", command)
        for pattern, own in (
            (rf"({REACHES_OUT}[^&#\n]*?)(?= *(&&|#|$))", rf"\1 {world}"),
            (r"certificate push ", "certificate push --private-ca "),
            # There is no terminal to confirm on.
            (r"cdk deploy(?!.*--require-approval)", "cdk deploy --require-approval never"),
            (r"^understudy destroy$", "understudy destroy -- --force"),
            (r"curl ", f"curl --silent --proxy http://{':'.join(map(str, self._bed.aws.gateway))} "
                       f"--cacert {self._bed.certificate_authority} "),
            (r"dXXXX\.cloudfront\.net", self._domain),
            (r"/etc/letsencrypt/live/example\.com", str(self.folder.parent / "live")),
            (r"/srv/failover", str(self.folder)),
            (r"2026-12-01T02:00\+01:00", in_an_hour),
            (r"2026-12-01(?=T0[13]:00 )", in_a_week),
        ):  # fmt: skip
            text = re.sub(pattern, own, text, flags=re.MULTILINE)
        return text
