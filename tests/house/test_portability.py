"""What works on Linux alone is not used: GNU's options, /proc, make 4, addresses that macOS does not have."""

import re
import subprocess
from pathlib import Path

import pytest

SCRIPTS = ("Makefile", ".ci/run")
OF_LINUX = {
    r"\bsed\b.* -i\b": "BSD's sed wants a suffix there",
    r"\bdate -d\b|\bdate --": "BSD's date has other options",
    r"\bgrep -\w*P": "BSD's grep has no Perl expressions",
    r"\breadlink -f\b|\brealpath\b|\bnproc\b|\bflock\b|\bsha256sum\b|\btimeout \d": "macOS has no such command",
    r"\bxargs -\w*r\b|\bstat -c\b|\bcp --|\bmktemp --|\bsort -V\b|\bls --|\bhead -n -": "an option of GNU alone",
    r"/proc/|/dev/shm|/sys/": "Linux alone has it",
}
OF_NEWER_MAKE = {
    r"^\.ONESHELL": "make 3.82",
    r"^\w+ *!=": "make 4.0",
    r"^\w+ *::?:=": "make 4.0",
    r"\$\(file ": "make 4.0",
    r"\$\(let |\$\(intcmp ": "make 4.4",
    r"&:": "make 4.3",
    r"^undefine ": "make 3.82",
}
OF_NEWER_BASH = {
    r"\bdeclare -A\b|\bmapfile\b|\breadarray\b|\$\{\w+(\^\^|,,)\}|&>>|\|&": "bash 4; macOS has 3.2",
    r'"\$\{\w+\[@\]\}"(?<!missing\[@\]\}")': 'an empty array is "unbound" under set -u in bash 3.2',
}
OF_LINUX_IN_PYTHON = {
    r"127\.0\.0\.(?!1\b)\d+[\"']|127\.(?!0)\d+\.\d+\.\d+": "macOS answers at 127.0.0.1 alone",
    r"[\"']/proc|[\"']/dev/shm": "Linux alone has it",
    r"\bAF_UNIX\b": "its paths may have 104 bytes on macOS, and temporary folders there are long",
    r"\bsched_getaffinity\b|\bepoll\b|\bpidfd_|\bSO_BINDTODEVICE\b|\bSOCK_NONBLOCK\b": "Linux alone has it",
    r"[\"']/tmp/": "a link on macOS; ask tempfile",
}
NEVER_OPENED = {"tests/emulator/test_network.py", "tests/settings/test_addresses.py"}
"""Only look at what an address is called."""
SKIPPED_ELSEWHERE = {"tests/emulator/test_embedded.py", "tests/rehearsal/running.py"}
"""Tests that look into /proc, and are skipped, with a word, where there is none."""
ON_LINUX_MORE = {"understudy_failover/emulator/paced_time.py", "benchmarks/busy_rehearsals.py", "tools/lab/network.py"}
"""The clock measures waits for a processor in /proc; only Linux can starve a rehearsal on purpose."""


def _offences(text: str, rules: dict[str, str]) -> list[str]:
    code = [re.sub(r"(^|\s)#.*", "", line) for line in text.splitlines()]
    return [f"{line.strip()}: {why}" for line in code for rule, why in rules.items() if re.search(rule, line)]


def _tracked(root: Path) -> list[str]:
    listed = subprocess.check_output(["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=root)
    return sorted(set(listed.decode().splitlines()))


@pytest.mark.parametrize("name", SCRIPTS)
def test_scripts_use_nothing_that_macos_has_not(root: Path, name: str) -> None:
    text = (root / name).read_text(encoding="utf-8")
    assert _offences(text, OF_LINUX) == []
    assert _offences(text, OF_NEWER_MAKE if name == "Makefile" else OF_NEWER_BASH) == []


def test_make_hands_every_command_to_a_shell(root: Path) -> None:
    """make 3.81, that of macOS, looks for a command without shell syntax in its own PATH, not in the exported one."""
    assert re.search(r"^SHELL := /bin/bash$", (root / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.usefixtures("processes")
def test_python_uses_nothing_that_macos_has_not(root: Path) -> None:
    allowed = NEVER_OPENED | SKIPPED_ELSEWHERE | ON_LINUX_MORE | {str(Path(__file__).relative_to(root))}
    names = [name for name in _tracked(root) if name.endswith(".py")]
    assert allowed <= set(names)
    result = {name: _offences((root / name).read_text(encoding="utf-8"), OF_LINUX_IN_PYTHON) for name in names}
    assert {name: offences for name, offences in result.items() if offences and name not in allowed} == {}


@pytest.mark.usefixtures("processes")
def test_no_two_files_differ_by_case_alone(root: Path) -> None:
    names = [name.casefold() for name in _tracked(root)]
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize(
    ("line", "rules"),
    [
        ("\tsed -i s/a/b/ file", OF_LINUX),
        ("until=$(date -d tomorrow)", OF_LINUX),
        ("now != date", OF_NEWER_MAKE),
        ("declare -A seen", OF_NEWER_BASH),
        ('"${sudo[@]}" apt-get', OF_NEWER_BASH),
        ('bind(("127.0.0.2", 0))', OF_LINUX_IN_PYTHON),
        ("socket.AF_UNIX", OF_LINUX_IN_PYTHON),
    ],
)
def test_each_kind_is_noticed(line: str, rules: dict[str, str]) -> None:
    assert len(_offences(line, rules)) == 1
    assert _offences(f"# {line}", rules) == []
