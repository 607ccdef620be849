"""`understudy docs` prints the pages that messages name, in an owner's repository, too."""

import re
import tomllib
from pathlib import Path

import pytest

from understudy_failover.cli import main
from understudy_failover.owner.docs_command import pages

SOURCES = ("understudy_failover", "stacks")


def _named(root: Path) -> set[str]:
    """Every page that a message of the product names."""
    texts = [
        file.read_text(encoding="utf-8")
        for folder in SOURCES
        for file in sorted((root / folder).rglob("*"))
        if file.suffix in {".py", ".yml"} and "emulator" not in file.parts
    ]
    pattern = r"documentation\([\"']([a-z-]+)[\"']\)|`understudy docs ([a-z-]+)`"
    return {first or second for text in texts for first, second in re.findall(pattern, text)}


def test_every_page_that_a_message_names_is_in_the_wheel(root: Path) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    included = project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    shipped = {
        name for name in pages() if included.get(f"docs/{name}.md") == f"understudy_failover/owner/docs/{name}.md"
    }
    named = _named(root)
    assert len(named) >= 7
    assert named <= shipped


def test_no_message_names_a_file_that_an_owner_does_not_have(root: Path) -> None:
    """Of docs/, in a text that is printed; docstrings and comments are for this repository."""
    for folder in SOURCES:
        for file in sorted((root / folder).rglob("*.py")):
            if "emulator" in file.parts:
                continue
            text = re.sub(r'"""(?:(?!""").)*?"""', "", file.read_text(encoding="utf-8"), flags=re.DOTALL)
            assert not re.search(r"^[^#\n]*[\"'(][^#\n]*docs/[a-z-]+\.md", text, re.MULTILINE), file


def test_a_page_is_printed_and_the_pages_are_listed(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["docs", "permissions"]) == 0
    assert capsys.readouterr().out == (root / "docs" / "permissions.md").read_text(encoding="utf-8")
    assert main(["docs"]) == 0
    assert re.search(r"^who-notices +\S", capsys.readouterr().out, re.MULTILINE)


def test_a_page_that_does_not_exist_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["docs", "nothing"])
    assert ended.value.code == 2
    assert "permissions" in capsys.readouterr().err
