"""Text that AWS, a server or a certificate wrote moves no cursor and begins no line of a job's log."""

from collections.abc import Callable

import pytest

from understudy_failover.operations import aws
from understudy_failover.operations.connection import UnreachableError
from understudy_failover.operations.https_client import TlsError
from understudy_failover.operations.name_server import DnsError
from understudy_failover.operations.preflight.finding import Area
from understudy_failover.operations.preflight.probe import ProbeError
from understudy_failover.operations.terminal import Terminal
from understudy_failover.operations.verify import known
from understudy_failover.operations.verify.finding import Finding, Verdict

FOREIGN = "\x1b[2J\r\n::error::text\u202e\x9b"


@pytest.mark.parametrize(
    "text",
    [
        lambda: str(UnreachableError(FOREIGN)),
        lambda: str(TlsError(FOREIGN)),
        lambda: str(DnsError(FOREIGN)),
        lambda: str(ProbeError("server-not-http", FOREIGN)),
        lambda: aws.in_words(ValueError(FOREIGN)),
        lambda: known.in_words(ValueError(FOREIGN)),
        lambda: "".join(vars(Finding("check", FOREIGN, Verdict.FAILED, FOREIGN, FOREIGN)).values()),
        lambda: "".join(vars(Area("area").failed("zone-missing", FOREIGN, FOREIGN, FOREIGN)).values()),
    ],
)
def test_every_report_of_it_is_one_printable_line(text: Callable[[], str]) -> None:
    assert text().isprintable()


@pytest.mark.parametrize("as_json", [False, True])
def test_a_terminal_gets_lines_and_nothing_else_that_acts_on_it(
    capsys: pytest.CaptureFixture[str], as_json: bool
) -> None:
    terminal = Terminal(as_json=as_json)
    terminal.say(FOREIGN)
    terminal.warn(FOREIGN)
    terminal.fail(FOREIGN)
    terminal.result(FOREIGN, FOREIGN)
    printed = capsys.readouterr()
    assert (printed.out + printed.err).replace("\n", "").isprintable()
