"""docs/commands.md has every command and every argument."""

import re

from docs.generate_commands import PAGE, commands, described, page


def test_the_page_is_generated_from_the_commands() -> None:
    """If not: `python -m docs.generate_commands`."""
    assert PAGE.read_text(encoding="utf-8") == page()


def test_every_command_has_every_argument_with_its_help_or_in_the_common_table() -> None:
    head, *sections = re.split(r"^## (?=understudy)", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    by_command = {section.partition("\n")[0]: section for section in sections}
    parsers = {parser.prog: parser for parser in commands()}
    assert by_command.keys() == parsers.keys()
    for command, parser in parsers.items():
        for name, meaning in described(parser):
            option = name.partition(" ")[0] if name.startswith("-") else name
            assert f"`{option}`" in by_command[command] or f"`{name}`: {meaning}\n" in by_command[command], name
            assert f"`{name}`: {meaning}\n" in by_command[command] or f"| `{name}` |" in head or not meaning, name
