"""A drill's journal as a file, and as a report that a person can read anywhere."""

import json
import os
import re
from collections.abc import Callable
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest
from pydantic import ValidationError

from tests.emulator.manual_time import ManualTime
from understudy_failover.emulator.clock import Clock
from understudy_failover.operations import report
from understudy_failover.operations.files import write_atomically
from understudy_failover.operations.journal import Journal, Kind, Measurement
from understudy_failover.operations.observation import ServedBy
from understudy_failover.operations.record import Record, record, schema
from understudy_failover.operations.report import ReportError
from understudy_failover.operations.timeline import Span
from understudy_failover.settings import Settings

BEGAN_AT = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
VOID = {"meta", "link", "br", "hr", "img"}

Make = Callable[..., Record]


def _span(begin: float, end: float, on_stage: ServedBy, detail: str = "200") -> Span:
    status = int(detail) if detail.isdecimal() else None
    return Span(
        from_seconds=begin,
        to_seconds=end,
        dns="maintenance page" if on_stage is ServedBy.PAGE else "server",
        addresses=("203.0.113.10",),
        on_stage=on_stage,
        tls="trusted" if status else "none",
        status=status,
        detail=detail,
    )


@pytest.fixture
def make(settings: Settings) -> Make:
    """A record of a drill of web: what happened besides is the test's choice."""

    def make_record(*entries: tuple[Kind, str], ended: bool = True, detail: str = "refused") -> Record:
        clock = Clock(source=ManualTime())
        journal = Journal(clock)
        journal.write(Kind.METHOD, "web: switch on")
        clock.sleep(90)
        journal.measure(Measurement("web: DNS moves", after_seconds=10, within_seconds=12, bound_seconds=26))
        for kind, text in entries:
            journal.write(kind, text)
        spans = (
            _span(0, 40, ServedBy.SERVER),
            _span(40, 60, ServedBy.NOBODY, detail),
            _span(60, 90, ServedBy.PAGE, "503"),
        )
        return record(
            journal,
            {"www.example.com": spans, "www.example.com (connection kept)": spans[-1:]},
            settings,
            what="drill",
            servers=("web",),
            began_at=BEGAN_AT,
            ended=ended,
        )

    return make_record


def test_the_published_schema_is_that_of_the_records(root: Path) -> None:
    """If not: write `operations.record.schema()` to docs/drill-journal.schema.json."""
    assert (root / "docs" / "drill-journal.schema.json").read_text(encoding="utf-8") == schema()


def test_a_written_journal_is_read_back_as_it_was(make: Make, tmp_path: Path) -> None:
    record_made = make()
    report.leave(record_made, tmp_path, "drill-")
    assert Record.model_validate_json((tmp_path / "drill-journal.json").read_text(encoding="utf-8")) == record_made


def test_a_kept_connection_has_a_row_behind_that_of_its_host(make: Make) -> None:
    names = [host.name for host in make().hosts]
    assert names[1:4] == ["www.example.com", "www.example.com (connection kept)", "shop.example.com"]


def test_what_is_no_record_is_refused(make: Make) -> None:
    document = json.loads(make().model_dump_json())
    for changed in ({"version": 2}, {"outcome": "fine"}, {"began_at": "2026-11-25T02:00:00"}, {"mood": "good"}):
        with pytest.raises(ValidationError):
            Record.model_validate_json(json.dumps(document | changed))


def test_the_outcome_is_what_the_journal_says(make: Make) -> None:
    assert make().outcome == "held"
    assert make((Kind.DEVIATED, "late")).outcome == "deviated"
    assert make(ended=False).outcome == "broken off"


class _Reader(HTMLParser):
    """Whether every element is closed in its turn, and what is in it."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def _read(page: str) -> _Reader:
    reader = _Reader()
    reader.feed(page)
    assert reader.open == []
    return reader


def test_the_report_loads_nothing_and_runs_nothing(make: Make) -> None:
    page = report.html(make())
    reader = _read(page)
    assert not {tag for tag, _ in reader.elements} & {"script", "link", "img", "iframe", "object"}
    assert not re.search(r"url\(|@import|\bsrc=|https?:", page)
    assert "default-src 'none'" in page


def test_every_host_is_a_plot_that_can_be_read_aloud_and_as_a_table(make: Make, settings: Settings) -> None:
    reader = _read(report.html(make()))
    plots = [attributes["aria-label"] for _, attributes in reader.elements if attributes.get("class") == "plot"]
    assert len(plots) == len(settings.host_names) + 1, "and that of the kept connection"
    described = "0 to 40 s: DNS server, TLS trusted, 200; 40 to 60 s: DNS server, TLS none, refused; 60 to 90 s: DNS"
    assert any(label and described in label for label in plots)
    assert "no observation" in plots
    assert sum(tag == "details" for tag, _ in reader.elements) == len(plots)


def test_the_report_says_at_once_whether_it_held(make: Make) -> None:
    assert "Every hypothesis held" in _read(report.html(make())).text
    deviated = _read(report.html(make((Kind.DEVIATED, "web: late")))).text
    assert "Not every hypothesis held" in deviated
    assert "web: late" in deviated
    assert "Aborted" in _read(report.html(make(ended=False))).text


def test_whatever_a_server_answered_stays_text(make: Make) -> None:
    evil = '<script>alert("1")</script>'
    reader = _read(report.html(make((Kind.DEVIATED, evil), detail=evil)))
    assert "script" not in {tag for tag, _ in reader.elements}
    assert evil in reader.text


def test_a_report_of_nothing_is_a_report(settings: Settings) -> None:
    journal = Journal(Clock(source=ManualTime()))
    unfinished = record(journal, {}, settings, what="drill", servers=(), began_at=BEGAN_AT, ended=False)
    assert "No measurements." in _read(report.html(unfinished)).text


def test_a_folder_that_cannot_be_written_to_is_named_before_anything_begins(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ReportError, match=r"file: no report can be written there: .+; name another folder"):
        report.prepare(tmp_path / "file")
    report.prepare(tmp_path / "folder" / "below")
    assert list((tmp_path / "folder" / "below").iterdir()) == []


def test_a_file_is_written_as_a_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_atomically(tmp_path / "report.html", "old")

    def broken(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(Path, "replace", broken)
    with pytest.raises(OSError, match="disk full"):
        write_atomically(tmp_path / "report.html", "new")
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("report.html", "old")]


def test_what_is_no_file_is_not_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(OSError, match="not a regular file"):
        write_atomically(tmp_path / "fifo", "new")
    assert [file.is_fifo() for file in tmp_path.iterdir()] == [True]
