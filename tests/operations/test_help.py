"""Every command's `--help` teaches by examples, and the examples are commands that there are."""

import argparse
import re
import shlex
from collections.abc import Iterator

import pytest

from understudy_failover import cli as entry
from understudy_failover.operations.help import Help

EXAMPLE = re.compile(r"^  understudy (?P<words>[^|<>]*)", re.MULTILINE)


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
    for one in inner:
        yield from _leaves(capsys, (*words, one))


def test_every_command_shows_examples_of_itself(capsys: pytest.CaptureFixture[str]) -> None:
    found = dict(_leaves(capsys))
    assert len(found) >= 17
    for words, text in found.items():
        assert "example" in text, words
        shown = [shlex.split(one["words"].split("   ")[0]) for one in EXAMPLE.finditer(text)]
        assert not shown or any(one[: len(words)] == list(words) for one in shown), (words, shown)


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
