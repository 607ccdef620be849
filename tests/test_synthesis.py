"""Synthesis is pure: the sources decide about every byte, and neither machine, user, place nor time does."""

import ast
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.stacks.templates import Synthesis, Template, cdk_context, read_assembly, synthesise
from understudy_failover.settings import load

NOT_SOURCES = shutil.ignore_patterns(".*", "__pycache__", "cdk.out", "node_modules", "mutants", "tests")
"""`tests` too: nothing there is synthesised, and it changes while it is being worked on."""

NO_WAY_OUT = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), "http://127.0.0.1:9")
MACHINES = {
    "one": {"TZ": "Pacific/Kiritimati", "LANG": "C", "USER": "root", "PYTHONHASHSEED": "1"},
    "another/far/away": {"TZ": "America/Anchorage", "LANG": "C.UTF-8", "USER": "ci", "PYTHONHASHSEED": "2"},
}
ANOTHER_DAY = "const now = Date.now; Date.now = () => now() - 4e10; \
global.Date = class extends Date { constructor(...of) { of.length ? super(...of) : super(Date.now()); } };"
"""A year ago and more, for Node, in which the CDK itself runs; later, jsii would say that this Node is too old."""
PURE = ("stacks", *(f"understudy_failover/{part}" for part in ("contract", "settings", "page")))
CLOCKS = {"now", "today", "utcnow", "time", "time_ns", "localtime", "gmtime"}


@pytest.fixture(scope="module")
def assemblies(root: Path, tmp_path_factory: pytest.TempPathFactory, processes: None) -> list[Path]:
    """Cloud assemblies made in two copies of the sources, each as if on a machine of its own."""
    home = tmp_path_factory.mktemp("machines")
    running: list[tuple[Path, subprocess.Popen[str]]] = []
    day: dict[str, str] = {}
    for place, machine in MACHINES.items():
        folder = home / place
        shutil.copytree(root, folder, ignore=NOT_SOURCES)
        if running:  # what somebody who has run the tests there has lying about
            leftovers = folder / "stacks" / "server_certificate" / "handler" / "__pycache__"
            leftovers.mkdir()
            (leftovers / "index.cpython-311.pyc").write_bytes(b"compiled")
            _private(folder)
            (home / "another-day.js").write_text(ANOTHER_DAY)
            day = {"NODE_OPTIONS": f"--require={home / 'another-day.js'}", "HOME": str(home)}
        environment = {
            "PATH": os.environ["PATH"],
            # What the CDK command line hands to an app.
            "CDK_OUTDIR": str(folder / "cdk.out"),
            "CDK_CONTEXT_JSON": json.dumps(cdk_context()),
            "CDK_VALIDATION": "false",
            **NO_WAY_OUT,
            **machine,
            **day,
        }
        running.append((folder, start_app(sys.executable, folder, environment, umask=0o077 if running else 0o022)))
    for _, process in running:
        _, errors = process.communicate(timeout=120)
        assert (process.returncode, errors) == (0, "")
    return [folder / "cdk.out" for folder, _ in running]


def _private(folder: Path) -> None:
    """As somebody has it who lets nobody else read anything."""
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o700 if path.is_dir() else 0o600)


def start_app(
    python: str | Path, folder: Path, environment: dict[str, str], *, umask: int = 0o022
) -> subprocess.Popen[str]:
    """Begins a synthesis of the sources in `folder`."""
    return subprocess.Popen(
        [python, "app.py"], cwd=folder, env=environment, stderr=subprocess.PIPE, encoding="utf-8", umask=umask
    )


@pytest.fixture(scope="module")
def in_process(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Synthesis:
    """The synthesis that the tests of the stacks look at."""
    return synthesise(root / "tests/sample/failover.toml", tmp_path_factory.mktemp("assembly"))


def file_contents(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file()}


def test_two_machines_synthesise_the_same_bytes(assemblies: list[Path]) -> None:
    first, another = map(file_contents, assemblies)
    assert len(first) > 10
    assert first.keys() == another.keys()
    assert [name for name in first if first[name] != another[name]] == []


def test_nothing_that_is_synthesised_asks_for_the_time(root: Path) -> None:
    """What `ANOTHER_DAY` is for the CDK, for our own Python."""
    files = [
        root / "app.py",
        *(file for name in PURE for file in _own(root / name)),
    ]
    matches = {
        f"{file.relative_to(root)}:{node.lineno}"
        for file in files
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CLOCKS
        # `PolicyBuilder.time(at)` is told the time; `time.time()` tells it.
        if not (node.func.attr == "time" and node.args)
    }
    assert matches == set()


def _own(folder: Path) -> list[Path]:
    """Without what runs in Lambda, or as a command."""
    return [file for file in folder.rglob("*.py") if "handler" not in file.parts and file.name != "__main__.py"]


def test_no_synthesised_file_holds_a_private_key(assemblies: list[Path]) -> None:
    contents = file_contents(assemblies[0])
    assert b"BEGIN CERTIFICATE-----" in b"".join(contents.values()), "the public certificate should be there"
    assert [name for name, content in contents.items() if b"PRIVATE KEY-----" in content] == []


def test_no_synthesised_file_shows_where_it_was_made(assemblies: list[Path], root: Path) -> None:
    for assembly in assemblies:
        contents = file_contents(assembly)
        # jsii's own folder is a temporary one with a random name; stack traces would show it.
        for place in (str(assembly.parent), str(root), "jsii-kernel-"):
            assert [name for name, content in contents.items() if place.encode() in content] == [], place


def _without_paths(template: Template) -> object:
    """The template without the construct paths that only the command line asks for."""
    resources = {
        name: {key: value for key, value in resource.items() if key != "Metadata"}
        for name, resource in template.document["Resources"].items()
    }
    return template.document | {"Resources": resources}


@pytest.mark.usefixtures("processes")
def test_cdk_synth_succeeds_without_a_warning_and_writes_what_the_tests_read(
    root: Path, tmp_path: Path, in_process: Synthesis
) -> None:
    # Validation is off in the other tests, for the time it takes; telemetry would talk to AWS.
    environment = {name: value for name, value in os.environ.items() if name != "CDK_VALIDATION"}
    environment["CDK_DISABLE_CLI_TELEMETRY"] = "true"
    result = subprocess.run(
        ["cdk", "--no-notices", "synth", "**", "--quiet", "--strict", "--output", str(tmp_path / "cdk.out")],
        cwd=root,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    said = result.stdout + result.stderr
    assert result.returncode == 0, said
    assert "warning" not in said.lower(), said
    report = json.loads((tmp_path / "cdk.out" / "validation-report.json").read_text(encoding="utf-8"))
    assert report["pluginReports"] == []
    written = read_assembly(tmp_path / "cdk.out", load(root / "tests/sample/failover.toml"))
    assert _without_paths(written.maintenance) == _without_paths(in_process.maintenance)
    assert _without_paths(written.failover) == _without_paths(in_process.failover)
