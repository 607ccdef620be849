"""adopted-records.json, which lies in the repository: whoever can change it does not choose which names are created."""

import json
from pathlib import Path
from typing import Any

import pytest

from understudy_failover.operations.record_import.journal import Journal, JournalError

ZONE, HOST = "Z0EXAMPLECOM00000001", "www.example.com"
OWN = {"Name": "www.example.com.", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]}
ALIAS = {"HostedZoneId": "Z2", "DNSName": "elsewhere.example.", "EvaluateTargetHealth": False}


NO_RECORD_SETS: tuple[Any, ...] = (1, "x", {}, [], OWN | {"ResourceRecords": ["x"]}, OWN | {"TTL": "soon"})


def _journal(folder: Path, text: str) -> Journal:
    (folder / "journal.json").write_text(text, encoding="utf-8")
    return Journal(folder / "journal.json")


def _with(record: Any) -> str:
    return json.dumps({"zones": {ZONE: {HOST: [record]}}})


@pytest.mark.parametrize(
    ("host", "record"),
    [
        (HOST, OWN),
        (HOST, {"Name": "WWW.example.com", "Type": "A", "AliasTarget": ALIAS}),
        (HOST, OWN | {"SetIdentifier": "x", "Failover": "PRIMARY", "HealthCheckId": "y"}),
        ("*.example.com", OWN | {"Name": "\\052.example.com."}),
    ],
)
def test_what_adopt_writes_is_read(tmp_path: Path, host: str, record: dict[str, Any]) -> None:
    text = json.dumps({"zones": {ZONE: {host: [record]}}})
    assert _journal(tmp_path, text).records(ZONE, host) == [record]


@pytest.mark.parametrize(
    "record",
    [
        {"Name": "login.example.com.", "Type": "A", "AliasTarget": ALIAS},
        OWN | {"Name": "example.com."},
        OWN | {"Name": "*.example.com."},
        OWN | {"Name": "\x1b]0;x\x07\n::error::x"},
        OWN | {"Type": "MX"},
        OWN | {"Type": "NS"},
    ],
    ids=str,
)
def test_a_record_set_of_another_name_or_type_is_refused(tmp_path: Path, record: dict[str, Any]) -> None:
    with pytest.raises(JournalError, match="restore it from version control") as refused:
        _journal(tmp_path, _with(record))
    assert str(refused.value).isprintable()


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "5",
        "[" * 100_000,
        '{"zones": []}',
        '{"zones": {"Z": "x"}}',
        '{"zones": {"Z": {"www.example.com": "x"}}}',
        '{"zones": %s}' % ("9" * 10_000),
        '{"zones": {}, "old_answers_until": []}',
        '{"zones": {}, "old_answers_until": {"Z": 5}}',
        '{"zones": {}, "old_answers_until": {"Z": {"www.example.com": "\\u001b]0;x"}}}',
        *(_with(record) for record in NO_RECORD_SETS),
    ],
    ids=lambda text: text[:60],
)
def test_what_is_no_journal_is_refused_in_words(tmp_path: Path, text: str) -> None:
    with pytest.raises(JournalError, match="restore it from version control") as refused:
        _journal(tmp_path, text)
    assert str(refused.value).isprintable()
