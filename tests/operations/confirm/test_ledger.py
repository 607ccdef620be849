"""The ledger survives a kill, and what cannot be removed stays in it."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from understudy_failover import cli
from understudy_failover.contract.printable import printable
from understudy_failover.operations import aws
from understudy_failover.operations.confirm.command import line
from understudy_failover.operations.confirm.context import Answer, Question
from understudy_failover.operations.confirm.ledger import Entry, Ledger, LedgerError, alone_with
from understudy_failover.operations.confirm.removal import ATTEMPTS, TAG, remove_all

OWN = "understudy-confirm-0c0ffee0"


def _refusing(code: str) -> Any:
    class Client:
        def __getattr__(self, name: str) -> Any:
            def call(**_: Any) -> Any:
                raise ClientError({"Error": {"Code": code, "Message": "no"}}, name)

            return call

    return lambda _: Client()


def test_an_entry_is_in_the_file_before_anything_is_created(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.json")
    ledger.add("bucket", OWN)
    assert Ledger(ledger.path).entries == (Entry("bucket", OWN),)
    ledger.remove(Entry("bucket", OWN))
    assert not ledger.path.exists()


def test_what_cannot_be_written_is_said_before_anything_is_created(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "file" / "ledger.json")
    (tmp_path / "file").touch()
    with pytest.raises(LedgerError, match="--ledger FILE"):
        ledger.add("bucket", OWN)


@pytest.mark.parametrize("text", ["[]", "5", "[" * 100_000, '{"resources": [["a"]]}', '{"resources": 5}', "\x00"])
def test_what_is_no_ledger_is_refused_in_words(tmp_path: Path, text: str) -> None:
    (tmp_path / "ledger.json").write_text(text, encoding="utf-8")
    with pytest.raises(LedgerError, match="move it away") as refused:
        Ledger(tmp_path / "ledger.json")
    assert str(refused.value).isprintable()


def test_what_is_gone_already_is_removed_from_the_ledger(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.json")
    ledger.add("server certificate", OWN)
    assert remove_all(ledger, _refusing("NoSuchEntity"), lambda _: None, print) == []
    assert not ledger.path.exists()


@pytest.mark.parametrize(("code", "pauses"), [("AccessDenied", 0), ("DeleteConflict", ATTEMPTS - 1)])
def test_what_is_refused_stays_in_the_ledger_and_is_named(tmp_path: Path, code: str, pauses: int) -> None:
    ledger = Ledger(tmp_path / "ledger.json")
    waits: list[float] = []
    ledger.add("server certificate", OWN)
    (left,) = remove_all(ledger, _refusing(code), waits.append, lambda _: None)
    assert f"server certificate {OWN}" in left
    assert code in left
    assert len(waits) == pauses
    assert Ledger(ledger.path).entries == (Entry("server certificate", OWN),)


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("bucket", "invoices"),
        ("bucket", "understudy-confirm-mine"),
        ("bucket", f"{OWN}1"),
        ("bucket", f"{OWN}-"),
        ("bucket", f"{OWN}\n"),
        ("bucket", f"my-{OWN}"),
        ("bucket", f"/aws/lambda/{OWN}"),
        ("stack", "FailoverEdge"),
        ("role", "OrganizationAccountAccessRole"),
        ("hosted zone", "2026-11-01"),
        ("bucket\x1b[2J", OWN),
        ("", OWN),
    ],
)
@pytest.mark.parametrize("words", [[], ["--apply"]])
def test_a_ledger_that_names_what_no_run_created_is_refused_whole(  # noqa: PLR0917 (fixtures)
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    name: str,
    words: list[str],
) -> None:
    monkeypatch.setattr(aws, "require_credentials", lambda: pytest.fail("it went on"))
    path = tmp_path / "ledger.json"
    path.write_text(json.dumps({"resources": [["bucket", OWN], [kind, name]]}), encoding="utf-8")
    assert cli.main(["confirm", "--zone", "example.com", "--ledger", str(path), *words]) == 1
    printed = capsys.readouterr()
    assert not printed.out
    assert str(path) in printed.err
    assert printable(f"{kind} {name}") in printed.err
    assert "understudy-confirm-<8 hexadecimal digits>" in printed.err
    assert "move it away" in printed.err
    assert "\x1b[2J" not in printed.err
    assert path.exists()
    # The advice.
    path.rename(tmp_path / "away")
    assert cli.main(["confirm", "--zone", "example.com", "--ledger", str(path)]) == 0


def test_the_plan_names_every_entry_that_is_removed_first(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ledger = Ledger(tmp_path / "ledger.json")
    entries = [Entry("hosted zone", OWN), Entry("stack", f"{OWN}-records")]
    for entry in entries:
        ledger.add(*entry)
    words = ["confirm", "--zone", "example.com", "--ledger", str(ledger.path)]
    assert cli.main(words) == 0
    printed = capsys.readouterr().out
    assert [f"  {entry.kind} {entry.name}" for entry in entries] == printed.splitlines()[-2:]
    assert cli.main([*words, "--json"]) == 0
    removes = json.loads(capsys.readouterr().out)["removes"]
    assert removes == [{"kind": entry.kind, "name": entry.name} for entry in entries]


def test_a_certificate_goes_after_the_distribution_that_uses_it_although_it_is_newer(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.json")
    ledger.add("bucket", OWN)
    ledger.add("server certificate", OWN)
    used = [True]

    class Client:
        def get_paginator(self, _operation: str) -> Any:
            return SimpleNamespace(paginate=lambda **_: [])

        def delete_bucket(self, **_: str) -> None:
            used.clear()

        def delete_server_certificate(self, **_: str) -> None:
            if used:
                raise ClientError({"Error": {"Code": "DeleteConflict", "Message": "used"}}, "DeleteServerCertificate")

    waits: list[float] = []
    assert remove_all(ledger, lambda _: Client(), waits.append, lambda _: None) == []
    assert len(waits) == 1
    assert not ledger.path.exists()


def test_a_ledger_that_cannot_be_written_keeps_no_resource(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "folder" / "ledger.json")
    ledger.path.parent.mkdir()
    names = {f"{OWN}-a", f"{OWN}-b"}
    for name in sorted(names):
        ledger.add("alarm", name)
    ledger.path.unlink()
    ledger.path.parent.rmdir()
    ledger.path.parent.touch()

    def delete_alarms(**query: list[str]) -> None:
        names.difference_update(query["AlarmNames"])

    assert remove_all(ledger, lambda _: SimpleNamespace(delete_alarms=delete_alarms), print, print) == []
    assert names == set()


class Lookalikes:
    """What has the caller reference, the tag or the name of a run, and was made by somebody else."""

    def get_paginator(self, _operation: str) -> Any:
        zone = {"Id": "/hostedzone/Z1", "Name": "example.com.", "CallerReference": OWN}
        distributions = {"Items": [{"Id": "E1", "ARN": "arn"}]}
        return SimpleNamespace(paginate=lambda **_: [{"HostedZones": [zone], "DistributionList": distributions}])

    def list_tags_for_resource(self, **_: str) -> Any:
        return {"Tags": {"Items": [{"Key": TAG, "Value": OWN}]}}

    def get_distribution(self, **_: str) -> Any:
        config = {"CallerReference": "theirs", "Enabled": True}
        return {"ETag": "1", "Distribution": {"Status": "Deployed", "DistributionConfig": config}}


@pytest.mark.parametrize(("kind", "why"), [("hosted zone", "example.com."), ("distribution", "E1")])
def test_a_resource_with_other_properties_than_a_run_gives_is_left(tmp_path: Path, kind: str, why: str) -> None:
    ledger = Ledger(tmp_path / "ledger.json")
    ledger.add(kind, OWN)
    (left,) = remove_all(ledger, lambda _: Lookalikes(), lambda _: pytest.fail("it tried again"), print)
    assert why in left
    assert "no run has created" in left
    assert ledger.entries == (Entry(kind, OWN),)


def test_the_plan_names_the_questions_and_a_budget_and_creates_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "ledger.json"
    assert cli.main(["confirm", "--zone", "example.com", "--ledger", str(path)]) == 0
    printed = capsys.readouterr()
    assert "certificate-in-use" in printed.out
    assert "USD; health checks are billed by their time" in printed.out
    assert "understudy confirm --zone example.com --apply" in printed.err
    assert not path.exists()


def test_a_line_holds_the_question_its_answer_and_the_evidence() -> None:
    question = Question("fill", "Is it filled?", lambda _: Answer("yes", "values 1.0"), 1)
    assert line(question, Answer("yes", "values 1.0")) == "✔ fill: Is it filled? yes: values 1.0"


def test_two_runs_at_a_time_have_no_ledger_in_one_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "folder" / "ledger.json"
    words = ["confirm", "--zone", "example.com", "--ledger", str(path)]
    with alone_with(path):
        assert cli.main([*words, "--apply"]) == 1
        assert "another `understudy confirm --apply` runs" in capsys.readouterr().err
        assert cli.main(words) == 0, "a plan"
    with alone_with(path):
        assert not path.exists()
