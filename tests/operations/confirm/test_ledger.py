"""The ledger survives a kill, and what cannot be removed stays in it."""

from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from understudy_failover import cli
from understudy_failover.operations.confirm.command import line
from understudy_failover.operations.confirm.ledger import Entry, Ledger, LedgerError
from understudy_failover.operations.confirm.question import Answer, Question
from understudy_failover.operations.confirm.removal import ATTEMPTS, remove_all


def _refusing(code: str) -> Any:
    class Client:
        def __getattr__(self, name: str) -> Any:
            def call(**_: Any) -> Any:
                raise ClientError({"Error": {"Code": code, "Message": "no"}}, name)

            return call

    return lambda _: Client()


def test_an_entry_is_in_the_file_before_anything_is_created(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.json")
    ledger.add("bucket", "one")
    assert Ledger(ledger.path).entries == (Entry("bucket", "one"),)
    ledger.remove(Entry("bucket", "one"))
    assert not ledger.path.exists()


def test_what_cannot_be_written_is_said_before_anything_is_created(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="--ledger FILE"):
        Ledger(tmp_path / "no folder" / "ledger.json").add("bucket", "one")


def test_what_is_gone_already_is_removed_from_the_ledger(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.json")
    ledger.add("edge function", "one")
    assert remove_all(ledger, _refusing("NoSuchFunctionExists"), lambda _: None, print) == []
    assert not ledger.path.exists()


@pytest.mark.parametrize(("code", "pauses"), [("AccessDenied", 0), ("DeleteConflict", ATTEMPTS - 1)])
def test_what_is_refused_stays_in_the_ledger_and_is_named(tmp_path: Path, code: str, pauses: int) -> None:
    ledger = Ledger(tmp_path / "ledger.json")
    waits: list[float] = []
    ledger.add("server certificate", "one")
    (left,) = remove_all(ledger, _refusing(code), waits.append, lambda _: None)
    assert "server certificate one" in left
    assert code in left
    assert len(waits) == pauses
    assert Ledger(ledger.path).entries == (Entry("server certificate", "one"),)


def test_the_plan_names_every_question_and_a_budget_and_creates_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "ledger.json"
    assert cli.main(["confirm", "--zone", "example.com", "--ledger", str(path)]) == 0
    printed = capsys.readouterr()
    assert "log-delivery" in printed.out
    assert "USD; health checks are billed by their time" in printed.out
    assert "understudy confirm --zone example.com --apply" in printed.err
    assert not path.exists()


def test_a_line_holds_the_question_its_answer_and_the_evidence() -> None:
    question = Question("alpn", "Is it HTTP/1.1?", lambda _: Answer("yes", "http/1.1"), 1)
    assert line(question, Answer("yes", "http/1.1")) == "✔ alpn: Is it HTTP/1.1? yes: http/1.1"
