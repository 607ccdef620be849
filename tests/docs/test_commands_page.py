"""docs/commands.md has every command."""

import re

from docs.generate_commands import PAGE, commands, page


def test_the_page_is_generated_from_the_commands() -> None:
    """If not: `python -m docs.generate_commands`."""
    assert PAGE.read_text(encoding="utf-8") == page()


def test_every_command_is_on_the_page_with_a_sentence() -> None:
    lines = re.findall(r"^- \*\*(understudy .+)\*\*: [A-Z].+\.$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert lines == [parser.prog for parser in commands()]
