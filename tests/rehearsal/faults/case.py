"""One fault of the table, and what several kinds of faults need."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.rehearsal.verifying import configured
from understudy_failover.rehearsal.bed import RehearsalBed
from understudy_failover.settings import Settings

FAILED, UNKNOWN = "failed", "unknown"
WWW, API = "www.example.com", "api.example.org"
NOBODY = "203.0.113.99"
REPAIR = "understudy repair --apply"
NO_PAGE = {"TLS": FAILED, "answers": UNKNOWN}


@dataclass
class Case:
    """`fault` breaks the test bed and puts it back; `expected` are the checks that must not pass, and no others."""

    fault: Callable[[RehearsalBed], AbstractContextManager[Any]]
    expected: dict[str, str]
    expected_text: str = ""
    """A part of the text of a finding."""
    advice: str = ""
    """The one command that the findings advise, and that removes them; empty where none can."""
    plays: tuple[str, ...] = ()
    """Ids of findings that it plays, and whose advice removes them, for tests/operations/test_finding_ids.py."""
    by_hand: Callable[[RehearsalBed], Any] | None = None
    """The steps that the findings advise outside this command line: before `advice`, or instead."""
    settings: Callable[[RehearsalBed], Settings] | None = None
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))


def changed(change: Callable[[dict[str, Any]], Any]) -> Callable[[RehearsalBed], AbstractContextManager[None]]:
    """Return the distribution's configuration is otherwise."""
    return lambda bed: configured(bed, change)
