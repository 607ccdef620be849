"""A review as text for a terminal, as the body of a comment under a pull request, and as JSON."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict

from understudy_failover.contract.printable import printable_json
from understudy_failover.operations.review.change import Change

NOTHING = "No changes."
HEADING = "DESTRUCTIVE: what serves people today goes or is replaced"
LONGEST = 30_000
"""Characters of a comment: GitHub takes 65,536, and whoever posts it may want to add CDK's own text."""

SAFE = re.compile(r"[A-Za-z]+(?:-[a-z]+)*|\d+|→")
"""Words that mean nothing to any Markdown. All else goes into a code span, the only place where GitHub and GitLab take
no mention, reference, emoji, link or tag for one: a backslash before `@` keeps nobody from being mentioned.

https://github.github.com/gfm/#code-spans
"""
PIECE = re.compile(r'(?P<before>\(*)(?P<word>"(?:[^"\\]|\\.)*"|\S+?)(?P<after>[),:;]*)(?=\s|$)')


def text(found: Sequence[Change]) -> str:
    """The changes a line each, destructive ones under a heading of their own."""
    destructive, others = _parted(found)
    parts = []
    if destructive:
        parts += [HEADING, *(f"  {change.mark} {change.text}" for change in destructive)]
    if others:
        parts += ["Changes", *(f"  {change.mark} {change.text}" for change in others)]
    return "\n".join(parts) or NOTHING


def markdown(found: Sequence[Change]) -> str:
    """A heading that tells the outcome, a warning with what is destructive, and a list of the rest."""
    destructive, others = _parted(found)
    if not found:
        return f"## No changes\n\n{NOTHING}"
    lines = [f"## {_outcome(len(destructive), len(others))}"]
    if destructive:
        lines += ["", "> [!WARNING]", f"> **{HEADING}**", ">", *(f"> - {_escaped(one.text)}" for one in destructive)]
    if others:
        lines += ["", *(f"- {_escaped(one.text)}" for one in others)]
    return "\n".join(_cut(lines))


def document(found: Sequence[Change]) -> str:
    """A JSON array of objects with `mark`, `text` and `destructive`."""
    return printable_json([asdict(change) for change in found], indent=2)


FORMATS: Mapping[str, Callable[[Sequence[Change]], str]] = {"text": text, "markdown": markdown, "json": document}


def _parted(found: Sequence[Change]) -> tuple[list[Change], list[Change]]:
    return [one for one in found if one.destructive], [one for one in found if not one.destructive]


def _outcome(destructive: int, others: int) -> str:
    if not destructive:
        return f"{_counted(others, 'change')}, nothing destructive"
    told = _counted(destructive, "destructive change")
    return f"{told}, {_counted(others, 'other')}" if others else told


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _escaped(line: str) -> str:
    """One line of Markdown that shows `line`, whatever stands in it, and does nothing else."""
    return " ".join(f"{piece['before']}{_word(piece['word'])}{piece['after']}" for piece in PIECE.finditer(line))


def _word(word: str) -> str:
    if SAFE.fullmatch(word):
        return word
    fence = "`" * (max((len(run) for run in re.findall("`+", word)), default=0) + 1)
    padding = " " if "`" in (word[0], word[-1]) else ""
    return f"{fence}{padding}{' '.join(word.split())}{padding}{fence}"


def _cut(lines: Sequence[str]) -> Iterator[str]:
    """As many lines as a comment takes; what is destructive stands first."""
    left = LONGEST
    for index, line in enumerate(lines):
        left -= len(line) + 1
        if left < 0:
            yield f"\n… and {_counted(len(lines) - index, 'line')} more: `understudy diff` shows them all"
            return
        yield line
