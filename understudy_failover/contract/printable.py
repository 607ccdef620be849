"""Text from outside, as it may stand on a terminal, in a job's log and in a report."""

import json
import re
from typing import Any

LIMIT_CHARACTERS = 1_000
COMMAND = re.compile(r"^([^\S\n]*:)(?=:[A-Za-z])|#(?=#\[)", re.MULTILINE)
"""What begins a command of GitHub's runner: `::error::` at the beginning of a line, `##[error]` anywhere in it.

The name of a command has letters alone, so `::1` stays an address.
https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs
"""


def printable(text: str, *, limit: int = LIMIT_CHARACTERS, keep: str = "") -> str:
    r"""Return `text` with everything that is not printable escaped: `\x1b`, `\n`, `\u202e`.

    So a server can move no cursor, begin no line, and turn no text around. A space in a command of GitHub's runner
    makes text of it. Characters in `keep` stay. What is longer than `limit` characters is cut off, with `…` at its end.
    """
    cut = text if len(text) <= limit else text[: limit - 1] + "…"
    if not cut.isprintable():
        cut = "".join(
            character
            if character.isprintable() or character in keep
            else character.encode("unicode_escape").decode("ascii")
            for character in cut
        )
    return COMMAND.sub(lambda found: f"{found[0]} ", cut)


def printable_lines(text: str) -> str:
    """Return `text` as `printable` does, whole and with its lines and tabs: what another program printed."""
    return printable(text, limit=len(text), keep="\n\t")


def printable_json(document: Any, *, indent: int | None = None) -> str:
    """Return `document` as JSON in which a string holds no command of GitHub's runner; a parser reads the same."""
    return json.dumps(document, indent=indent).replace("##[", r"#\u0023[")
