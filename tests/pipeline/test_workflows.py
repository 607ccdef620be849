"""The pipelines' files: what may do what, and that GitHub and GitLab do the same."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.pipeline.workflows import GITHUB, GITLAB, IDENTITY, INSTALLS, ROOT, commands, gitlab, steps, workflow

JOBS = ("diff", "deploy", "renew", "rehearse")
FILES = (GITHUB, *sorted((ROOT / ".github" / "workflows").iterdir()))


def _jobs() -> list[tuple[Path, str, dict[str, Any]]]:
    return [(file, name, job) for file in FILES for name, job in workflow(file)["jobs"].items()]


@pytest.mark.parametrize("name", JOBS)
def test_gitlab_runs_the_same_commands_in_the_same_order(name: str) -> None:
    ours = commands([step.run for step in steps(name) if step.run])
    assert commands(gitlab()[name]["script"]) == ours
    assert ours


def test_gitlab_checks_for_drift_in_two_jobs_so_that_one_failure_hides_no_other() -> None:
    script = gitlab()["drift"]["script"] + gitlab()["verify"]["script"]
    assert commands(script) == commands([step.run for step in steps("drift") if step.run])


def test_no_job_of_an_owner_runs_the_products_tests() -> None:
    for text in (GITHUB.read_text(encoding="utf-8"), GITLAB.read_text(encoding="utf-8")):
        assert not re.search(r"\b(make|pytest|\.ci/run)\b", text)


@pytest.mark.usefixtures("processes")
def test_the_pipelines_are_valid(tmp_path: Path) -> None:
    """As `make check` asks; zizmor reads workflows where GitHub has them."""
    place = tmp_path / ".github" / "workflows" / "failover.yml"
    place.parent.mkdir(parents=True)
    place.write_bytes(GITHUB.read_bytes())
    zizmor = ("zizmor", "--offline", "--quiet", "--no-progress", "--persona", "pedantic", str(place))
    schema = (sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.gitlab-ci")
    for command in (("actionlint", str(place)), zizmor, (*schema, "--data-transform", "gitlab-ci", str(GITLAB))):
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{command[0]}: {done.stdout}{done.stderr}"


def test_packages_are_installed_before_there_are_credentials() -> None:
    for name in ("diff", "deploy", "drift", "renew"):
        job_steps = steps(name)
        identity = next(number for number, step in enumerate(job_steps) if "aws-actions" in step.uses)
        installs = [number for number, step in enumerate(job_steps) if INSTALLS.search(step.run)]
        assert installs
        assert max(installs) < identity
        assert all("--only-binary :all:" in step.run for step in job_steps if "pip install" in step.run)


def _gitlab_lines(name: str) -> list[str]:
    script = gitlab()[name]["script"]
    parts = [line for step in script for line in ([step] if isinstance(step, str) else step)]
    return "\n".join(parts).splitlines()


@pytest.mark.parametrize("name", ["diff", "deploy", "drift", "verify", "renew"])
def test_on_gitlab_too_packages_are_installed_before_there_are_credentials(name: str) -> None:
    lines = _gitlab_lines(name)
    identity = [number for number, line in enumerate(lines) if IDENTITY.search(line)]
    installs = [number for number, line in enumerate(lines) if INSTALLS.search(line)]
    assert len(identity) == 2
    assert installs
    assert max(installs) < min(identity)
    assert "before_script" not in gitlab()[name] | gitlab()[".aws"]


def test_on_gitlab_no_installer_sees_a_token() -> None:
    """Of GitLab's own: they are in a job's environment from its first line."""
    for name in ("diff", "deploy", "drift", "verify", "renew"):
        for line in _gitlab_lines(name):
            if INSTALLS.search(line):
                assert line.startswith("env -u AWS_ID_TOKEN -u GITLAB_TOKEN "), line


def test_the_token_lies_in_a_folder_of_its_own() -> None:
    for name in ("diff", "deploy", "drift", "verify", "renew"):
        text = "\n".join(_gitlab_lines(name))
        assert "umask 077" in text
        assert 'AWS_WEB_IDENTITY_TOKEN_FILE="$(mktemp -d)/token"' in text
    assert "AWS_WEB_IDENTITY_TOKEN_FILE" not in str(gitlab()[".aws"]["variables"])


def test_every_image_is_pinned_by_digest() -> None:
    images = [job["image"] for job in gitlab().values() if "image" in job]
    assert images
    for image in images:
        assert re.fullmatch(r"[\w.:-]+@sha256:[0-9a-f]{64}", image)


def test_a_forks_code_gets_no_identity() -> None:
    [rule] = gitlab()["diff"]["rules"]
    assert "$CI_MERGE_REQUEST_SOURCE_PROJECT_ID == $CI_PROJECT_ID" in rule["if"]
    assert "github.event.pull_request.head.repo.full_name == github.repository" in workflow()["jobs"]["diff"]["if"]


@pytest.mark.parametrize("file", [GITHUB, GITLAB], ids=lambda file: file.stem)
def test_nothing_that_is_installed_runs_code_while_it_is(file: Path) -> None:
    lines = [line for line in file.read_text(encoding="utf-8").splitlines() if re.search(r'npm ci|pip"? install', line)]
    assert len(lines) > 3
    for line in lines:
        assert "npm ci" not in line or "npm ci --ignore-scripts" in line, line
        assert "install" not in line or "--only-binary :all:" in line, line
        # What `understudy requirements` prints without this package is hashed throughout.
        assert not re.search(r"(renewal|node)\.txt", line) or "--require-hashes" in line, line


def test_every_action_is_pinned_by_its_commit_and_leaves_no_credentials() -> None:
    used = [step for _, _, job in _jobs() for step in job.get("steps", ()) if "uses" in step]
    assert used
    for action in used:
        assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", action["uses"]), action
        if action["uses"].startswith("actions/checkout@"):
            assert action["with"] == {"persist-credentials": False}


def test_every_job_has_a_limit_and_no_workflow_a_permission_for_all_its_jobs() -> None:
    for file, name, job in _jobs():
        assert workflow(file)["permissions"] == {}
        assert job["timeout-minutes"] <= 90, name


def test_only_jobs_that_assume_a_role_get_an_identity_and_only_if_it_is_named() -> None:
    for file, name, job in _jobs():
        assumed = [
            step["with"]["role-to-assume"] for step in job.get("steps", ()) if "role-to-assume" in step.get("with", {})
        ]
        identity = job.get("permissions", {}).get("id-token")
        assert bool(assumed) == (identity == "write"), (file, name)
        for role in assumed:
            variable = re.fullmatch(r"\$\{\{ (vars\.AWS_\w+_ROLE) \}\}", role)
            assert variable
            assert f"{variable[1]} != ''" in job["if"]


def test_what_is_not_configured_says_so_and_is_not_red() -> None:
    jobs = workflow()["jobs"]
    notice = jobs["unconfigured"]
    assert "::notice" in notice["steps"][0]["run"]
    for name in ("diff", "deploy", "drift", "renew"):
        (role,) = re.findall(r"vars\.AWS_\w+", jobs[name]["if"])
        assert f"{role} == ''" in notice["if"]


def test_a_label_starts_the_gate_anew_and_a_deploy_is_never_cut_short() -> None:
    document = workflow()
    assert {"labeled", "unlabeled", "synchronize"} <= set(document["on"]["pull_request"]["types"])
    # A job that is skipped for some labels would count as passed.
    assert "label" not in document["jobs"]["diff"]["if"]
    assert document["concurrency"]["cancel-in-progress"] == "${{ github.event_name == 'pull_request' }}"
    # A nightly run that waits would else take the place of a deploy that waits.
    assert "github.event_name" in document["concurrency"]["group"]
    assert document["jobs"]["deploy"]["environment"] == gitlab()["deploy"]["environment"] == "production"
    assert gitlab()["deploy"]["interruptible"] is False
