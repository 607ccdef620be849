"""docs/commands.md has every command and every argument."""

import re

from docs.generate_commands import PAGE, commands, names, page


def test_the_page_is_generated_from_the_commands() -> None:
    """If not: `python -m docs.generate_commands`."""
    assert PAGE.read_text(encoding="utf-8") == page()


def test_every_command_has_every_argument() -> None:
    _, *sections = re.split(r"^## (?=understudy)", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    by_command = {section.partition("\n")[0]: section for section in sections}
    parsers = {parser.prog: parser for parser in commands()}
    assert by_command.keys() == parsers.keys()
    for command, parser in parsers.items():
        for name in names(parser):
            assert f"`{name}`" in by_command[command], name
