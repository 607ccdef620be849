"""The lab and the table have the same clients; what is not installed is named with how to install it."""

import asyncio
import os
from pathlib import Path

import pytest

from docs.who_notices import rows
from tools.lab import __main__ as command, programs
from tools.lab.network import AUTHORITY, SERVER
from tools.lab.programs import Bench, Need, Subject, end, start
from tools.lab.proxies import PROXIES
from tools.lab.requesters import REQUESTERS
from tools.lab.resolvers import RESOLVERS
from tools.lab.run import SUBJECTS, addresses


def test_every_client_of_the_lab_has_one_row_and_every_row_of_the_lab_a_client() -> None:
    assert sorted(row.lab for row in rows() if row.lab) == sorted(subject.name for subject in SUBJECTS)
    assert {row.source for row in rows() if row.lab} == {"lab"}
    assert all(row.lab for row in rows() if row.source == "lab")


def test_there_are_enough_of_each_kind() -> None:
    assert len({subject.needs for subject in RESOLVERS}) >= 8
    assert len({subject.needs for subject in PROXIES}) >= 6
    assert len({subject.needs for subject in REQUESTERS}) >= 15


def test_no_two_share_a_name_or_an_address() -> None:
    used = [AUTHORITY, *addresses()]
    assert len(used) == len(set(used))
    assert SERVER in used
    names = [subject.name for subject in SUBJECTS]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("subject", SUBJECTS, ids=lambda subject: subject.name)
def test_commands_are_whole_and_name_the_client(subject: Subject, tmp_path: Path) -> None:
    bench = Bench(tmp_path, subject, environment={"CLIENTS": str(command.CLIENTS), "AUTHORITIES": "authorities.pem"})
    commands = subject.commands(bench)
    written = "".join(path.read_text(encoding="utf-8") for path in tmp_path.iterdir() if path.is_file())
    text = written + " ".join(part for entry in commands for part in entry)
    assert (subject.name if subject in REQUESTERS else subject.address) in text
    assert "{" not in written.replace("{ ", "").replace("{\n", "").replace("{'", ""), "a placeholder was forgotten"
    for part in text.split():
        if part.startswith(str(command.CLIENTS)):
            assert Path(part).is_file()


@pytest.mark.parametrize("subject", [*RESOLVERS, *PROXIES], ids=lambda subject: subject.name)
def test_a_resolver_or_proxy_keeps_its_user_and_writes_into_its_folder(subject: Subject, tmp_path: Path) -> None:
    """As an ordinary user, dnsmasq could not call setgroups, and varnishd could not write to /var/lib/varnish."""
    for command_line in subject.commands(Bench(tmp_path, subject, environment={"CLIENTS": ""})):
        program = Path(command_line[0]).name
        assert ("--no-daemon" in command_line) is (program == "dnsmasq")
        if program == "varnishd":
            assert command_line[command_line.index("-n") + 1].startswith(str(tmp_path))


def test_what_is_not_installed_is_named_with_its_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "find", lambda program, _: None if program in {"nginx", "php"} else program)
    monkeypatch.setattr(programs, "_is_installed", lambda need, _: need.program not in {"nginx", "php"})
    text = command._absent(SUBJECTS, None)
    assert "not installed, so not measured: nginx, nginx-resolver, php-curl\n" in text
    assert text.endswith("apt-get install --no-install-recommends nginx-light php-cli php-curl\n")
    monkeypatch.setattr(programs, "_is_installed", lambda *_: True)
    assert command._absent(SUBJECTS, None) == ""


def test_what_would_change_this_machines_resolver_is_not_to_be_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "_is_installed", lambda need, _: need.program != "systemd-resolved")
    text = command._absent(SUBJECTS, None)
    assert "apt-get install" not in text
    assert "apt-get download systemd-resolved && dpkg -x" in text


def test_a_package_that_was_unpacked_is_looked_through(tmp_path: Path) -> None:
    program = tmp_path / "usr/sbin/of-the-lab"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    assert programs.find("of-the-lab", None) is None
    assert programs.find("of-the-lab", tmp_path) == str(program)


@pytest.mark.usefixtures("processes")
def test_a_program_ends_with_what_it_started_even_if_it_will_not(tmp_path: Path) -> None:
    # A reader of a FIFO comes to its end when no process has it open for writing.
    os.mkfifo(tmp_path / "alive")
    reader = os.open(tmp_path / "alive", os.O_RDONLY | os.O_NONBLOCK)
    script = "exec 3>alive; trap '' TERM; sleep 600 & echo >ready; wait; wait"
    subject = Subject("stubborn", (Need("sh", "dash"),), lambda _: [["sh", "-c", script]])

    async def scenario() -> None:
        started = await start(Bench(tmp_path, subject))
        while not (tmp_path / "ready").exists():
            await asyncio.sleep(0.01)
        with pytest.raises(BlockingIOError):
            os.read(reader, 1)
        await end(started)

    asyncio.run(scenario())
    assert os.read(reader, 1) == b""
    os.close(reader)


def test_without_root_what_needs_it_is_named_and_left_out(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    started: list[str] = []

    def reenter(_: Path, arguments: list[str]) -> int:
        started.extend(arguments)
        return 0

    monkeypatch.setattr(programs, "_is_installed", lambda *_: True)
    monkeypatch.setattr("shutil.which", lambda _: "there")
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    monkeypatch.setattr(command, "refusal", str)
    monkeypatch.setattr(command, "reenter", reenter)
    monkeypatch.setattr("sys.argv", ["lab", "squid", "curl"])
    assert command.main() == 0
    assert started == ["curl"]
    assert capsys.readouterr().out == "not measured without root: squid\n"
