"""The comment at a pull or merge request: the changes of a deploy, and whether the label counts."""

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
"""The first line, which is invisible: the state of the label, and the digest of every destructive line."""

COMMAND = re.compile(r"^/", re.MULTILINE)
"""The start of a quick action of GitLab, which some versions obey after three backticks in a longer block.

https://docs.gitlab.com/user/project/quick_actions/
"""


class Label(StrEnum):
    """The state of the label at the request."""

    ABSENT = "absent"
    COUNTS = "counts"
    EARLY = "early"
    """It was added before the comment showed the destructive changes."""


@dataclass(frozen=True)
class Shown:
    """The content of a comment, from its first line. It excludes lines of a later deploy."""

    lines: frozenset[str]
    """Digests of the destructive changes."""
    label: Label

    def covers(self, line: str) -> bool:
        """Return whether the comment showed a destructive change before the label was added."""
        return self.label is not Label.EARLY and digest(line) in self.lines


def digest(line: str) -> str:
    """Return the digest of a destructive change, 128 bits."""
    return hashlib.sha256(line.encode()).hexdigest()[:32]


def judged(before: Shown | None, destructive: Iterable[str], *, labelled: bool) -> Shown:
    """Return the new state: a label only accepts the changes that the comment showed when the label was added.

    Otherwise it would also accept the changes of later commits.
    """
    lines = list(destructive)
    now = frozenset(map(digest, lines))
    if not labelled:
        return Shown(now, Label.ABSENT)
    if before is None or not all(map(before.covers, lines)):
        return Shown(now, Label.EARLY)
    return Shown(now, Label.COUNTS)


def own_comment(comments: Iterable[Comment]) -> tuple[Comment, Shown] | None:
    """Return this pipeline's comment among those of its user, and its content."""
    for comment in comments:
        if (mark := MARK.match(comment.body)) and mark["label"] in set(Label):
            return comment, Shown(frozenset(mark["lines"].split()), Label(mark["label"]))
    return None


def body(shown: Shown, *, destructive: bool, summary: str, cdk_text: str, commit: str) -> str:
    """Return the comment in Markdown, within GitHub's limit. `cdk_text` is the output of `cdk diff`."""
    head = f"<!-- understudy-diff {' '.join([shown.label, *sorted(shown.lines)])} -->\n"
    if destructive:
        head += f"{_verdict(shown.label)}\n\n"
    head += f"{summary.strip()}\n\n<details><summary>cdk diff</summary>\n\n"
    # Longer than any row of backticks in the text, which could otherwise end the block.
    fence = "`" * max((3, *(len(row) + 1 for row in re.findall("`+", cdk_text))))
    tail = f"\n{fence}\n\n</details>\n\nOf commit {commit}. Every run rewrites this comment.\n"
    room = MAX_CHARACTERS - len(head) - len(fence) - 1 - len(tail)
    text = COMMAND.sub(" /", cdk_text.strip("\n"))
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
