"""The forms of findings: a table, JSON, JUnit."""

from xml.etree import ElementTree

from understudy_failover.operations.finding import Finding, Verdict, table
from understudy_failover.operations.verify.command import document, junit

FINDINGS = [
    Finding("TTL", "a.example", Verdict.PASSED, "30 s"),
    Finding("TTL", "b.example", Verdict.PASSED, "30 s"),
    Finding("TTL", "c.example", Verdict.FAILED, "A 3600 s instead of 30 s", "deploy again", "ttl-differs"),
    Finding("windows", "app", Verdict.UNKNOWN, "ListSchedules: <down> & out", "try again"),
    Finding("clock", "this machine", Verdict.PASSED, "agrees with AWS's"),
]


def test_what_passed_is_one_line_a_check_and_the_rest_has_its_advice() -> None:
    assert table(FINDINGS).splitlines() == [
        "✔ TTL                     2 of 3",
        "✘ TTL                     c.example: A 3600 s instead of 30 s",
        "                          → deploy again",
        "? windows                 app: ListSchedules: <down> & out",
        "                          → try again",
        "✔ clock                   this machine: agrees with AWS's",
    ]


def test_verbose_has_a_line_for_everything() -> None:
    assert "✔ TTL                     b.example: 30 s" in table(FINDINGS, verbose=True).splitlines()


def test_json_counts_and_lists() -> None:
    shown = document(FINDINGS)
    assert (shown["passed"], shown["failed"], shown["unknown"]) == (3, 1, 1)
    assert shown["findings"][2] == {
        "check": "TTL",
        "subject": "c.example",
        "verdict": "failed",
        "text": "A 3600 s instead of 30 s",
        "advice": "deploy again",
        "id": "ttl-differs",
    }


def test_junit_distinguishes_failures_from_what_could_not_be_determined() -> None:
    suite = ElementTree.fromstring(junit(FINDINGS))  # noqa: S314 (written by ourselves)
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("5", "1", "1")
    (failure,) = suite.iter("failure")
    assert (failure.get("message"), failure.text) == ("A 3600 s instead of 30 s", "deploy again")
    (error,) = suite.iter("error")
    assert error.get("message") == "ListSchedules: <down> & out"
