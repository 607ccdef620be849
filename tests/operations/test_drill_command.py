"""`understudy drill` before it changes anything: it asks, and without a yes it does nothing."""

import io
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from understudy_failover import cli as entry
from understudy_failover.operations import aws, drill_command
from understudy_failover.settings import load

Run = Callable[..., int]


class _SteadyStage:
    def __init__(self, *_: object, **__: object) -> None: ...

    def unsteady(self, *_: object) -> list[str]:
        return []


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def played(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The servers of every drill that would have begun; each of them holds."""
    begun: list[list[str]] = []

    def play(_: object, servers: Any, **__: object) -> Any:
        begun.append([server.name for server in servers])
        return SimpleNamespace(interrupted=False, record=SimpleNamespace(outcome="held"))

    monkeypatch.setattr(drill_command, "Stage", _SteadyStage)
    monkeypatch.setattr(drill_command, "play", play)
    monkeypatch.setattr(drill_command, "_leave", lambda *_: 0)
    monkeypatch.setattr(aws, "boto3", SimpleNamespace(DEFAULT_SESSION="", client=lambda *_, **__: None))
    return begun


@pytest.fixture
def run(root: Path, tmp_path: Path, played: list[list[str]], monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command on the shipped sample; `typed` is what a person at a terminal answers."""

    def command(*words: str, typed: str = "") -> int:
        monkeypatch.setattr(sys, "stdin", _Terminal(typed))
        where = ["--account", "111122223333", "--name-server", "127.0.0.1:53", "--report", str(tmp_path)]
        return entry.main(["--settings", str(root / "tests/sample/failover.toml"), "drill", *words, *where])

    return command


def test_the_name_has_to_be_typed(run: Run, played: list[list[str]], capsys: pytest.CaptureFixture[str]) -> None:
    assert run("web", typed="web\n") == 0
    assert played == [["web"]]
    assert "visitors will see the maintenance page. Type `web` to go on:" in capsys.readouterr().err


@pytest.mark.parametrize("typed", ["", "\n", "y\n", "api\n", "web api\n"])
def test_anything_else_changes_nothing(
    run: Run, played: list[list[str]], capsys: pytest.CaptureFixture[str], typed: str
) -> None:
    assert run("web", typed=typed) == 1
    assert played == []
    assert "nothing was changed" in capsys.readouterr().err


def test_with_yes_nobody_is_asked_and_all_are_all(run: Run, played: list[list[str]]) -> None:
    assert run("--all", "--yes") == 0
    assert played == [["web", "api"]]


def test_servers_are_played_in_the_order_in_which_they_are_named_once_each(run: Run, played: list[list[str]]) -> None:
    assert run("api", "web", "api", "--yes") == 0
    assert played == [["api", "web"]]


def test_the_plan_tells_how_long_visitors_see_the_page(root: Path) -> None:
    settings = load(root / "tests/sample/failover.toml")
    assert drill_command.plan(settings, settings.servers[1:]) == [
        "▶ api: switch on; api.example.org, *.example.org are on the maintenance page within 76 s",
        "  api: ask them everything, then switch off; back within 96 s",
        "  Clients that keep connections or addresses of their own follow later: docs/who-notices.md",
    ]


def test_a_server_has_to_be_named(run: Run) -> None:
    with pytest.raises(SystemExit):
        run()
