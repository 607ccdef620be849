"""Where the kernel refuses namespaces, the lab says which setting does it, and the command it prints allows them."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tools.lab import __main__ as command, network

# An ordinary user with the capability to set the limit of its own namespace, and no other effect on the machine.
ORDINARY_USER = ("unshare", "--user", "--map-user=1000", "--map-group=1000", "--keep-caps", "sh", "-c")
OFF = "echo 0 > /proc/sys/user/max_user_namespaces"
ASK = f"{sys.executable} -c 'from tools.lab.network import refusal; print(refusal())'"


@pytest.mark.usefixtures("processes")
def test_the_printed_command_allows_what_the_kernel_refused(root: Path) -> None:
    if not network.SYSCTLS.is_dir() or network.refusal():
        pytest.skip("no user namespaces on this machine")

    def play(script: str) -> str:
        return subprocess.run([*ORDINARY_USER, script], capture_output=True, text=True, check=True, cwd=root).stdout

    refused = play(f"{OFF}; {ASK}")
    assert refused.startswith("The lab needs namespaces, which the kernel refuses: unshare: ")
    advice = re.search(r"or sudo (sysctl -w .+)$", refused, re.MULTILINE)
    assert advice
    assert play(f"{OFF}; {advice[1]} >/dev/null; {ASK}") == "\n"


@pytest.mark.parametrize(("name", "refusing", "allowing"), network.USER_NAMESPACES)
def test_each_setting_is_named_where_it_refuses(
    name: str, refusing: str, allowing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    file = tmp_path / name.replace(".", "/")
    file.parent.mkdir(parents=True)
    file.write_text(f"{refusing}\n", encoding="ascii")
    assert network.explain("no", tmp_path).endswith(
        f": no\n  user namespaces are off: run it as root, or sudo sysctl -w {name}={allowing}"
    )
    file.write_text(f"{allowing}\n", encoding="ascii")
    assert network.explain("no", tmp_path).endswith(": no\n  run it as root")


def test_root_without_its_capabilities_is_a_container(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert network.explain("no", tmp_path).endswith("start the container with --privileged")


def test_a_refusal_is_printed_and_nothing_is_measured(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("shutil.which", lambda _: "/usr/bin/true")
    monkeypatch.setattr(command, "missing", lambda *_: [])
    monkeypatch.setattr(command, "refusal", lambda: "the lab needs namespaces")
    monkeypatch.setattr(command, "reenter", pytest.fail)
    monkeypatch.setattr("sys.argv", ["lab", "curl"])
    assert command.main() == 2
    assert capsys.readouterr().err == "the lab needs namespaces\n"
