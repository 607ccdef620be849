"""docs/commands.md tells of every command and every option."""

import re

from docs.generate_commands import PAGE, commands


def test_the_page_has_every_command_with_every_option_and_every_example() -> None:
    """If not: `python -m docs.generate_commands`. How a line is broken differs among versions of Python."""
    text = PAGE.read_text(encoding="utf-8")
    sections = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE))
    parsers = {parser.prog: parser for parser in commands()}
    assert sections.keys() == parsers.keys()
    for name, parser in parsers.items():
        told = " ".join(sections[name].split())
        for action in parser._actions:
            assert all(option in told for option in action.option_strings), (name, action)
            assert not action.help or " ".join(action.help.split()) in told or "%(" in action.help, (name, action)
        assert " ".join((parser.epilog or "").split()) in told, name
