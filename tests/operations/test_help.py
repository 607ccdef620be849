"""Every command's `--help` teaches by examples, and the examples are commands that there are."""

import argparse
import io
import re
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from understudy_failover import cli as entry
from understudy_failover.operations.help import Help

EXAMPLE = re.compile(r"^  understudy (?P<words>[^|<>\n]*)", re.MULTILINE)
LONGEST = 78
"""Of a line of an example: with it, nothing is wrapped at 80 columns, and what is shown can be pasted."""


def _helps(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit) as ended:
        entry.main([*words, "--help"])
    assert ended.value.code == 0
    return capsys.readouterr().out


def _commands(text: str) -> list[str]:
    """The subcommands that a help lists."""
    return re.findall(r"^    ([a-z]+)  +\S", text, re.MULTILINE) if re.search(r"^  [A-Z|a-z]+$", text, re.M) else []


def _leaves(capsys: pytest.CaptureFixture[str], words: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    text = _helps(words, capsys)
    inner = _commands(text)
    if not inner:
        yield words, text
    for command in inner:
        yield from _leaves(capsys, (*words, command))


def test_every_command_shows_examples_of_itself(capsys: pytest.CaptureFixture[str]) -> None:
    helps = dict(_leaves(capsys))
    assert len(helps) >= 17
    for words, text in helps.items():
        assert "example" in text, words
        joined = text.replace("\\\n", "")
        shown = [shlex.split(example["words"], comments=True) for example in EXAMPLE.finditer(joined)]
        assert not shown or any(words_shown[: len(words)] == list(words) for words_shown in shown), (words, shown)


def test_no_line_is_wider_than_the_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    helps = {(): _helps((), capsys), **dict(_leaves(capsys))}
    assert [line for text in helps.values() for line in text.splitlines() if len(line) > 80] == []


def test_a_paragraph_is_wrapped_and_lines_are_kept() -> None:
    parser = argparse.ArgumentParser(
        prog="x", description="word " * 60, epilog="examples:\n  a     b\n", formatter_class=Help
    )
    text = parser.format_help()
    assert max(map(len, text.splitlines())) <= 100
    assert "examples:\n  a     b\n" in text


def _texts(parser: argparse.ArgumentParser) -> Iterator[str]:
    """Description and epilog of every command, as they are written."""
    yield from (text for text in (parser.description, parser.epilog) if text)
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for inner in dict.fromkeys(action.choices.values()):
                yield from _texts(inner)


def test_no_line_of_an_example_has_to_be_wrapped() -> None:
    """Wrapped, it would break without a backslash."""
    lines = [line for text in _texts(entry.command_line()) for line in text.splitlines() if line.startswith(" ")]
    assert len(lines) > 50
    assert [line for line in lines if len(line) > LONGEST] == []


def test_what_is_said_beside_an_example_is_a_comment_of_the_shell() -> None:
    """Whoever copies the line may paste it."""
    for text in _texts(entry.command_line()):
        for line in text.splitlines():
            if re.match(r"  (understudy|cdk) ", line):
                assert not re.search(r"\S {3,}(?!#)\S", line), line


def test_the_help_has_one_table_of_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    table = re.findall(r"^  (\d+) {2,}(\S.*)", _helps((), capsys), re.MULTILINE)
    assert dict(table).keys() == {"0", "1", "2", "3", "130"}


def test_a_terminal_without_utf_8_gets_escapes(monkeypatch: pytest.MonkeyPatch, root: Path) -> None:
    terminal = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(terminal, encoding="ascii"))
    monkeypatch.setenv("COLUMNS", "120")
    assert entry.main(["--settings", str(root / "tests/sample/failover.toml"), "estimate"]) == 0
    sys.stdout.flush()
    assert rb"\xd7" in terminal.getvalue()
