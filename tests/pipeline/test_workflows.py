"""The pipelines' files: what may do what, and that GitHub and GitLab do the same."""

import re
import subprocess
from typing import Any

import pytest

from tests.pipeline.workflows import WORKFLOWS, gitlab, steps, targets, workflow

JOBS = {"check": ("check.yml", "check"), "diff": ("diff.yml", "diff"), "deploy": ("deploy.yml", "deploy")} | {
    job: ("nightly.yml", job) for job in ("drift", "renew")
}
FILES = sorted(file.name for file in WORKFLOWS.iterdir())


def _jobs() -> list[tuple[str, str, dict[str, Any]]]:
    return [(file, name, job) for file in FILES for name, job in workflow(file)["jobs"].items()]


@pytest.mark.parametrize("name", JOBS)
def test_gitlab_runs_the_same_targets_in_the_same_order(name: str) -> None:
    lines = [step.run for step in steps(*JOBS[name]) if step.run]
    assert targets(gitlab()[name]["script"]) == targets(lines)
    assert targets(lines)


@pytest.mark.usefixtures("processes")
def test_every_target_is_in_the_makefile() -> None:
    named = {target for name in JOBS for target in targets(gitlab()[name]["script"])} - {".ci/run"}
    assert named == {"synth", "gate", "deploy", "verify", "drift", "renew"}
    help_text = subprocess.run(["make", "help"], capture_output=True, text=True, check=True).stdout
    assert named <= set(re.findall(r"^  make (\w+) ", help_text, re.MULTILINE))


def test_every_action_is_pinned_by_its_commit_and_leaves_no_credentials() -> None:
    used = [one for _, _, job in _jobs() for one in job.get("steps", ()) if "uses" in one]
    assert used
    for one in used:
        assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", one["uses"]), one
        if one["uses"].startswith("actions/checkout@"):
            assert one["with"] == {"persist-credentials": False}


def test_every_job_has_a_limit_and_no_workflow_a_permission_for_all_its_jobs() -> None:
    for file, name, job in _jobs():
        assert workflow(file)["permissions"] == {}
        assert "uses" in job or job["timeout-minutes"] <= 90, name


def test_only_jobs_that_assume_a_role_get_an_identity_and_only_if_it_is_named() -> None:
    for file, name, job in _jobs():
        assumed = [
            one["with"]["role-to-assume"] for one in job.get("steps", ()) if "role-to-assume" in one.get("with", {})
        ]
        identity = job.get("permissions", {}).get("id-token")
        assert bool(assumed) == (identity == "write"), (file, name)
        for role in assumed:
            variable = re.fullmatch(r"\$\{\{ (vars\.AWS_\w+_ROLE) \}\}", role)
            assert variable
            assert f"{variable[1]} != ''" in job["if"]


def test_what_is_not_configured_says_so_and_is_not_red() -> None:
    for file in ("diff.yml", "deploy.yml", "nightly.yml"):
        notice = workflow(file)["jobs"]["skipped"]
        assert "::notice" in notice["steps"][0]["run"]
        (others,) = ({name for name in workflow(file)["jobs"] if name not in {"skipped", "check"}},)
        for name in others:
            role = re.findall(r"vars\.\w+", workflow(file)["jobs"][name]["if"])[0]
            assert f"{role} == ''" in notice["if"]


def test_a_label_starts_the_gate_anew_and_a_deploy_is_never_cut_short() -> None:
    assert {"labeled", "unlabeled", "synchronize"} <= set(workflow("diff.yml")["on"]["pull_request"]["types"])
    # A job that is skipped for some labels would count as passed.
    assert "label" not in workflow("diff.yml")["jobs"]["diff"]["if"]
    deploy = workflow("deploy.yml")
    assert deploy["concurrency"]["cancel-in-progress"] is False
    assert deploy["jobs"]["deploy"]["needs"] == "check"
    assert deploy["jobs"]["deploy"]["environment"] == gitlab()["deploy"]["environment"] == "production"
    assert gitlab()["deploy"]["interruptible"] is False
