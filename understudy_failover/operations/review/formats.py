"""A review as text for a terminal, as Markdown for a pull request, and as JSON."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict

from understudy_failover.contract.printable import printable_json
from understudy_failover.operations.review.change import Change

NOTHING = "No changes."
HEADING = "DESTRUCTIVE: removes or replaces resources that serve visitors"
LONGEST = 30_000
"""Characters of a comment: GitHub accepts 65,536, and CDK's own text may be added."""

SAFE = re.compile(r"[A-Za-z]+(?:-[a-z]+)*|\d+|→")
"""Words without a meaning in Markdown.

All else goes into a code span, the only place without mentions, references, emoji, links and tags: a backslash before
`@` does not prevent a mention. https://github.github.com/gfm/#code-spans
"""
PIECE = re.compile(r'(?P<before>\(*)(?P<word>"(?:[^"\\]|\\.)*"|\S+?)(?P<after>[),:;]*)(?=\s|$)')


def text(differences: Sequence[Change]) -> str:
    """Return a line for each change, destructive ones under a heading of their own."""
    destructive, others = _by_effect(differences)
    parts = []
    if destructive:
        parts += [HEADING, *(f"  {change.mark} {change.text}" for change in destructive)]
    if others:
        parts += ["Changes", *(f"  {change.mark} {change.text}" for change in others)]
    return "\n".join(parts) or NOTHING


def markdown(differences: Sequence[Change]) -> str:
    """Return a heading with the outcome, a warning with the destructive changes, and a list of the others."""
    destructive, others = _by_effect(differences)
    if not differences:
        return f"## No changes\n\n{NOTHING}"
    lines = [f"## {_outcome(len(destructive), len(others))}"]
    if destructive:
        lines += [
            "",
            "> [!WARNING]",
            f"> **{HEADING}**",
            ">",
            *(f"> - {_escaped(change.text)}" for change in destructive),
        ]
    if others:
        lines += ["", *(f"- {_escaped(change.text)}" for change in others)]
    return "\n".join(_cut(lines))


def document(differences: Sequence[Change]) -> str:
    """Return a JSON array of objects with `mark`, `text` and `destructive`."""
    return printable_json([asdict(change) for change in differences], indent=2)


FORMATS: Mapping[str, Callable[[Sequence[Change]], str]] = {"text": text, "markdown": markdown, "json": document}


def _by_effect(differences: Sequence[Change]) -> tuple[list[Change], list[Change]]:
    return [change for change in differences if change.destructive], [
        change for change in differences if not change.destructive
    ]


def _outcome(destructive: int, others: int) -> str:
    if not destructive:
        return f"{_counted(others, 'change')}, nothing destructive"
    outcome = _counted(destructive, "destructive change")
    return f"{outcome}, {_counted(others, 'other')}" if others else outcome


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _escaped(line: str) -> str:
    """Return one line of Markdown that shows `line` and does nothing else."""
    return " ".join(f"{piece['before']}{_word(piece['word'])}{piece['after']}" for piece in PIECE.finditer(line))


def _word(word: str) -> str:
    if SAFE.fullmatch(word):
        return word
    fence = "`" * (max((len(run) for run in re.findall("`+", word)), default=0) + 1)
    padding = " " if "`" in (word[0], word[-1]) else ""
    return f"{fence}{padding}{' '.join(word.split())}{padding}{fence}"


def _cut(lines: Sequence[str]) -> Iterator[str]:
    """Yield as many lines as a comment holds; destructive changes come first."""
    left = LONGEST
    for index, line in enumerate(lines):
        left -= len(line) + 1
        if left < 0:
            yield f"\n… and {_counted(len(lines) - index, 'line')} more: `understudy diff` shows them all"
            return
        yield line
