"""app.py with settings that are wrong: what an operator sees of `cdk synth`, and what is left behind."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.usefixtures("processes")

TEN_MISTAKES = Path("tests", "settings", "ten_mistakes.toml")


def _run(settings: Path, folder: Path, root: Path, **context: object) -> subprocess.CompletedProcess[str]:
    """`python app.py` as the CDK CLI starts it for `-c settings=…`, with `folder` for all that it writes."""
    environment = os.environ | {
        "CDK_CONTEXT_JSON": json.dumps({"settings": str(settings), **context}),
        "CDK_OUTDIR": str(folder / "cdk.out"),
        "TMPDIR": str(folder),
        "PYTHONUTF8": "1",
    }
    return subprocess.run(
        [sys.executable, "app.py"], cwd=root, env=environment, capture_output=True, encoding="utf-8", check=False
    )


def _written(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder / "cdk.out").as_posix() for path in (folder / "cdk.out").rglob("*"))


@pytest.fixture(scope="module")
def left_behind(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("ten-mistakes")


@pytest.fixture(scope="module")
def run(root: Path, left_behind: Path) -> subprocess.CompletedProcess[str]:
    return _run(TEN_MISTAKES, left_behind, root)


def test_wrong_settings_end_with_exit_code_1(run: subprocess.CompletedProcess[str]) -> None:
    assert run.returncode == 1


def test_the_report_is_all_that_is_said_and_stands_on_stderr(run: subprocess.CompletedProcess[str], root: Path) -> None:
    """No traceback before it, and nothing on stdout, which belongs to templates."""
    assert run.stderr == (root / TEN_MISTAKES).with_suffix(".txt").read_text(encoding="utf-8")
    assert run.stdout == ""


def test_wrong_settings_leave_no_cloud_assembly(run: subprocess.CompletedProcess[str], left_behind: Path) -> None:
    """`cdk deploy` therefore has nothing to deploy."""
    assert run.returncode == 1
    assert not (left_behind / "cdk.out").exists()


def test_settings_that_are_right_leave_one(tmp_path: Path, root: Path) -> None:
    """Else the test above could not fail."""
    run = _run(root / "tests/sample/failover.toml", tmp_path, root)
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
    assert {"cdk.out", "manifest.json"} <= set(_written(tmp_path))


@pytest.mark.parametrize(("value", "accepted"), [("true", True), ("false", True), (True, True), ("yes", False)])
def test_what_opens_the_gate_is_said_plainly(tmp_path: Path, root: Path, value: object, accepted: bool) -> None:
    run = _run(root / "tests/sample/failover.toml", tmp_path, root, accept_outage=value)
    assert run.stdout == ""
    if accepted:
        (template,) = (tmp_path / "cdk.out").glob("Failover.template.json")
        resources = json.loads(template.read_text(encoding="utf-8"))["Resources"].values()
        gates = {
            resource["Properties"]["AcceptOutage"] for resource in resources if resource["Type"] == "Custom::HealthGate"
        }
        assert gates == {str(value).lower() == "true"}
    else:
        assert run.returncode == 1
        assert run.stderr == 'context accept_outage is "yes"; write --context accept_outage=true, or leave it out\n'
        assert _written(tmp_path) == []


def test_settings_that_do_not_exist_end_in_the_same_way(tmp_path: Path, root: Path) -> None:
    run = _run(tmp_path / "nowhere.toml", tmp_path, root)
    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr == (
        f"{tmp_path}/nowhere.toml has 1 problem:\n\n"
        "1. file\n"
        "   cannot be read: No such file or directory\n"
        "   fix:     name an existing file, or copy the sample\n"
    )
