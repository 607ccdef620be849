"""Makes untrusted text safe for a terminal, a job's log and a report."""

import json
import re
from typing import Any

LIMIT_CHARACTERS = 1_000
COMMAND = re.compile(r"^([^\S\n]*:)(?=:[A-Za-z])|#(?=#\[)", re.MULTILINE)
"""The start of a command of GitHub's runner: `::error::` at the beginning of a line, `##[error]` anywhere.

The name of a command has only letters, so `::1` stays an address.
https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs
"""


def printable(text: str, *, limit: int = LIMIT_CHARACTERS, keep: str = "") -> str:
    r"""Return `text` with everything that is not printable escaped: `\x1b`, `\n`, `\u202e`.

    So the text of a server cannot move the cursor, begin a line or reverse text. A space disables a command of GitHub's
    runner. Characters in `keep` stay. Longer text than `limit` characters ends in `…`.
    """
    cut = text if len(text) <= limit else text[: limit - 1] + "…"
    if not cut.isprintable():
        cut = "".join(
            character
            if character.isprintable() or character in keep
            else character.encode("unicode_escape").decode("ascii")
            for character in cut
        )
    return COMMAND.sub(lambda match: f"{match[0]} ", cut)


def printable_lines(text: str) -> str:
    """Return `text` as `printable`, in full and with its lines and tabs: the output of another program."""
    return printable(text, limit=len(text), keep="\n\t")


def printable_json(document: Any, *, indent: int | None = None) -> str:
    """Return `document` as JSON without commands of GitHub's runner; a parser reads the same values."""
    return json.dumps(document, indent=indent).replace("##[", r"#\u0023[")
