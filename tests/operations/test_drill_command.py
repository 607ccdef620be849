"""`understudy drill` before it changes anything: it asks, and without a yes it does nothing."""

import io
import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from understudy_failover import cli as entry
from understudy_failover.operations import aws, drill_command
from understudy_failover.operations.record_import.journal import FILE, Journal, old_answers
from understudy_failover.operations.timestamps import rfc3339
from understudy_failover.settings import load

NAME = "www.example.com"

Run = Callable[..., int]


class _ServingBed:
    def __init__(self, *_: object, **__: object) -> None: ...

    def violations(self, *_: object) -> list[str]:
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

    monkeypatch.setattr(drill_command, "Preconditions", _ServingBed)
    monkeypatch.setattr(drill_command, "play", play)
    monkeypatch.setattr(drill_command, "_leave", lambda *_: 0)
    monkeypatch.setattr(aws, "boto3", SimpleNamespace(DEFAULT_SESSION="", client=lambda *_, **__: None))
    monkeypatch.setattr(aws, "require_credentials", lambda: None)
    return begun


@pytest.fixture
def run(root: Path, tmp_path: Path, played: list[list[str]], monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command on the shipped sample; `typed` is what a person at a terminal answers."""

    def command(*words: str, typed: str = "", settings: Path = root / "tests/sample/failover.toml") -> int:
        monkeypatch.setattr(sys, "stdin", _Terminal(typed))
        where = ["--account", "111122223333", "--name-server", "127.0.0.1:53", "--report", str(tmp_path)]
        return entry.main(["--settings", str(settings), "drill", *words, *where])

    return command


def test_the_name_has_to_be_typed(run: Run, played: list[list[str]], capsys: pytest.CaptureFixture[str]) -> None:
    assert run("web", typed="web\n") == 0
    assert played == [["web"]]
    assert "Visitors will see the maintenance page. To go on, type `web`:" in capsys.readouterr().err


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


def test_the_plan_shows_how_long_visitors_see_the_page(root: Path) -> None:
    settings = load(root / "tests/sample/failover.toml")
    assert drill_command.plan(settings, settings.servers[1:]) == [
        "▶ api: switch on; visitors of api.example.org, *.example.org see the page within 76 s",
        "  api: probe every path, then switch off; visitors are back within 96 s",
        "  Slower: clients that keep a connection open, or an address longer than its TTL: "
        "`understudy docs who-notices`",
    ]


def test_a_drill_says_until_when_resolvers_keep_answers_from_before_adopt(
    run: Run, root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sample = tmp_path / "failover.toml"
    sample.write_bytes((root / "tests/sample/failover.toml").read_bytes())
    (tmp_path / "certificates").symlink_to(root / "tests/sample/certificates")
    settings = load(sample)
    web, api = (server.hosts[0] for server in settings.servers)
    now = datetime.now(UTC)
    journal = Journal(tmp_path / FILE)
    journal.add(web.zone.id, web.name, [{"Name": web.name, "Type": "A", "TTL": 86_400}], now=now)
    journal.add(api.zone.id, api.name, [{"Name": api.name, "Type": "A", "TTL": 300}], now=now - timedelta(seconds=301))
    journal.write()
    assert run("--all", "--dry-run", "--json", settings=sample) == 0
    (warning,) = json.loads(capsys.readouterr().out)["warnings"]
    assert warning.startswith(f"{web.name}: until {rfc3339(now + timedelta(days=1))} resolvers may keep")
    # What was released has no old answer any more, and without a journal there is none.
    journal.remove(web.zone.id, web.name)
    journal.write()
    assert list(old_answers(tmp_path, settings.servers, now)) == []
    journal.remove(api.zone.id, api.name)
    journal.write()
    assert not journal.path.exists()
    assert list(old_answers(tmp_path, settings.servers, now)) == []


@pytest.mark.parametrize("until", ["tomorrow", "2026-13-01T00:00:00Z", 5, []])
def test_a_journal_that_cannot_be_read_is_a_warning(root: Path, tmp_path: Path, until: object) -> None:
    document = {"zones": {}, "old_answers_until": {"Z1": {"www.example.com": until}}}
    (tmp_path / FILE).write_text(json.dumps(document), encoding="utf-8")
    (warning,) = old_answers(tmp_path, load(root / "tests/sample/failover.toml").servers, datetime.now(UTC))
    assert "cannot be read as a record of adoptions" in warning


def test_the_later_of_two_adoptions_counts(tmp_path: Path) -> None:
    now = datetime(2026, 11, 30, 12, tzinfo=UTC)
    journal = Journal(tmp_path / FILE)
    journal.add("Z1", NAME, [{"Name": NAME, "Type": "A", "TTL": 3_600}, {"Name": NAME, "Type": "AAAA"}], now=now)
    journal.add("Z1", NAME, [{"Name": NAME, "Type": "CNAME", "TTL": 60}], now=now)
    journal.write()
    assert Journal(tmp_path / FILE).old_answers_until("Z1", NAME) == now + timedelta(hours=1)


def test_a_server_has_to_be_named(run: Run) -> None:
    with pytest.raises(SystemExit):
        run()
