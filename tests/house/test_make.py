"""`make help` lists every target."""

import os
import re
import subprocess
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def makefile(root: Path) -> str:
    return (root / "Makefile").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def help_text(root: Path, processes: None) -> str:
    return subprocess.check_output(["make", "--no-print-directory", "-C", str(root)], text=True, env=os.environ)


def test_help_lists_every_target_once_and_in_order(makefile: str, help_text: str) -> None:
    targets = re.findall(r"^([A-Za-z][\w-]*):(?!=)", makefile, re.MULTILINE)
    assert len(targets) > 15
    assert re.findall(r"^  make (\S+)", help_text, re.MULTILINE) == targets


def test_help_is_aligned_and_fits_a_terminal(help_text: str) -> None:
    lines = help_text.splitlines()
    assert {re.match(r"  make \S+ +", line).end() for line in lines} == {18}  # type: ignore[union-attr]
    assert max(map(len, lines)) <= 120


def test_every_target_is_phony(makefile: str) -> None:
    """A file of that name, such as docs/, would stand in for it."""
    phony = re.search(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)
    assert phony
    assert sorted(phony[1].split()) == sorted(re.findall(r"^([A-Za-z][\w-]*):(?!=)", makefile, re.MULTILINE))


@pytest.mark.usefixtures("processes")
@pytest.mark.parametrize(
    ("reviewed", "compared", "ends"),
    [(0, 0, None), (2, 0, 2), (1, 0, 1), (0, 1, 1), (2, 1, 1)],
)
def test_diff_fails_where_either_half_does(
    reviewed: int, compared: int, ends: int | None, root: Path, tmp_path: Path
) -> None:
    for name, script in (("understudy", f"exit {reviewed}"), ("cdk", f'[ "$2" = synth ] || exit {compared}')):
        (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / name).chmod(0o755)
    command = ["make", "--no-print-directory", "-o", "setup", "diff", f"PATH={tmp_path}:{os.environ['PATH']}"]
    environment = {**os.environ, "LC_ALL": "C"}
    process = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
    match = re.search(r"diff\] Error (\d)", process.stderr)
    assert (match and int(match[1])) == ends
    assert (process.returncode == 0) == (ends is None)
