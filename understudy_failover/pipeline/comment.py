"""The one comment at a pull or merge request: what a deploy would change, and whether the label counts."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from understudy_failover.pipeline.forge import Comment

LABEL = "destructive-change-accepted"
MAX_CHARACTERS = 65_536
"""GitHub's limit; GitLab's is a million. https://github.com/orgs/community/discussions/41331"""
CUT = "\n… cut here; the job's log has all of it."
MARK = re.compile(r"<!-- understudy-diff (?P<label>\w+)(?P<lines>( [0-9a-f]{32})*) -->\n")
"""The first line, which nobody sees: the label's worth, and the digest of every destructive line."""


class Label(StrEnum):
    """What the label at the request is worth."""

    ABSENT = "absent"
    COUNTS = "counts"
    EARLY = "early"
    """It was there before anybody could read what is destructive now."""


@dataclass(frozen=True)
class Shown:
    """What a comment shows, as its first line keeps it. Lines that a later deploy brings are none of these."""

    lines: frozenset[str]
    """Digests of the destructive changes."""
    label: Label

    def covers(self, line: str) -> bool:
        """Return whether a destructive change stood in the comment, to be read before the label was put on."""
        return self.label is not Label.EARLY and digest(line) in self.lines


def digest(line: str) -> str:
    """Return what the comment keeps of a destructive change: 128 bits."""
    return hashlib.sha256(line.encode()).hexdigest()[:32]


def judged(before: Shown | None, destructive: Iterable[str], *, labelled: bool) -> Shown:
    """The label counts only for what the comment showed when it was put on.

    Otherwise whoever accepted one change would have accepted all that later commits bring.
    """
    lines = list(destructive)
    now = frozenset(map(digest, lines))
    if not labelled:
        return Shown(now, Label.ABSENT)
    if before is None or not all(map(before.covers, lines)):
        return Shown(now, Label.EARLY)
    return Shown(now, Label.COUNTS)


def found(comments: Iterable[Comment]) -> tuple[Comment, Shown] | None:
    """Our comment among those of our user, who may have written others, and what it shows."""
    for comment in comments:
        if (mark := MARK.match(comment.body)) and mark["label"] in set(Label):
            return comment, Shown(frozenset(mark["lines"].split()), Label(mark["label"]))
    return None


def body(shown: Shown, *, destructive: bool, summary: str, cdk_text: str, commit: str) -> str:
    """The whole comment in Markdown, within GitHub's limit.

    `summary` is Markdown that leaves room, `cdk_text` what `cdk diff` said.
    """
    head = f"<!-- understudy-diff {' '.join([shown.label, *sorted(shown.lines)])} -->\n"
    if destructive:
        head += f"{_verdict(shown.label)}\n\n"
    head += f"{summary.strip()}\n\n<details><summary>cdk diff</summary>\n\n"
    # Longer than any row of backticks in it, or the text could end the block and go on as Markdown.
    fence = "`" * max((3, *(len(row) + 1 for row in re.findall("`+", cdk_text))))
    tail = f"\n{fence}\n\n</details>\n\nOf commit {commit}. Every run writes this comment anew.\n"
    room = MAX_CHARACTERS - len(head) - len(fence) - 1 - len(tail)
    text = cdk_text.strip("\n")
    if len(text) > room:
        text = text[: room - len(CUT)] + CUT
    return f"{head}{fence}\n{text}{tail}"


def _verdict(label: Label) -> str:
    if label is Label.COUNTS:
        return f"> [!WARNING]\n> Destructive, and accepted by the label `{LABEL}`."
    if label is Label.EARLY:
        return (
            f"> [!CAUTION]\n> Blocked. The label `{LABEL}` was put on before this was here to read: "
            "read it, take the label off, let this job end, and put it on again."
        )
    return f"> [!CAUTION]\n> Blocked. If what goes may go, put on the label `{LABEL}`."
