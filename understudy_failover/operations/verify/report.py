"""Findings as a table for people, as JSON, and as JUnit's XML for CI."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any
from xml.etree import ElementTree

from understudy_failover.operations.verify.finding import Finding, Verdict

MARKS = {Verdict.PASSED: "✔", Verdict.FAILED: "✘", Verdict.UNKNOWN: "?"}
WIDTH = 24
"""Of the column of names."""


def table(findings: Sequence[Finding], *, verbose: bool = False) -> str:
    """A line for each check that passed, and two for everything that did not; `verbose`: a line for everything."""
    return "\n".join(_lines(findings, verbose))


def document(findings: Sequence[Finding]) -> dict[str, Any]:
    """As JSON has it."""
    counts = {str(verdict): sum(one.verdict is verdict for one in findings) for verdict in Verdict}
    return {**counts, "findings": [{**vars(one), "verdict": str(one.verdict)} for one in findings]}


def junit(findings: Sequence[Finding]) -> bytes:
    """A test case for each finding: what failed as a failure, what could not be checked as an error."""
    suite = ElementTree.Element(
        "testsuite",
        name="understudy verify",
        tests=str(len(findings)),
        failures=str(sum(one.verdict is Verdict.FAILED for one in findings)),
        errors=str(sum(one.verdict is Verdict.UNKNOWN for one in findings)),
    )
    for one in findings:
        case = ElementTree.SubElement(suite, "testcase", classname=f"verify.{one.check}", name=one.subject)
        if one.verdict is not Verdict.PASSED:
            kind = "failure" if one.verdict is Verdict.FAILED else "error"
            ElementTree.SubElement(case, kind, message=one.text).text = one.advice
    return bytes(ElementTree.tostring(suite, encoding="utf-8", xml_declaration=True))


def _lines(findings: Sequence[Finding], verbose: bool) -> Iterator[str]:
    for check, group in groupby(findings, key=lambda one: one.check):
        several = list(group)
        passed = [one for one in several if one.verdict is Verdict.PASSED]
        if verbose or len(passed) == 1:
            for one in passed:
                if one.advice:  # told below, with it
                    continue
                yield f"{MARKS[one.verdict]} {check:{WIDTH}}{one.subject}: {one.text}"
        elif passed:
            yield f"{MARKS[Verdict.PASSED]} {check:{WIDTH}}{len(passed)} of {len(several)}"
        for one in several:
            if one.verdict is not Verdict.PASSED or one.advice:
                yield f"{MARKS[one.verdict]} {check:{WIDTH}}{one.subject}: {one.text}"
                yield f"  {'':{WIDTH}}→ {one.advice}"
