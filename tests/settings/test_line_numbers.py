"""The line of each problem, also in files that are laid out in unusual ways."""

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from tests.settings.properties import repeatable
from tests.settings.samples import error_from
from understudy_failover.settings import line_numbers as module
from understudy_failover.settings.line_numbers import line_numbers
from understudy_failover.settings.toml_file import document_of

TEXT = """\
# A comment, and a blank line.

app = "Demo"  # wrong

[certificate]
name = 'example'
private_key_secret = "no secret"  # wrong

[page]
message = \"\"\"
Several lines,
of which # none
is wrong.\"\"\"
title = \"\"\"Two lines # wrong
are too many.\"\"\"
retry_after_seconds = 1  # wrong

[[zones]]
name = "example.com"
id = "z"  # wrong

[[servers]]
name = "web"
ipv4 = "203.0.113.10"
hosts = ["www.example.com", 'Shop.example.com', "*.example.com"]  # wrong

[[servers]]  # wrong
name = "api"
hosts = [
    "api.example.com",  # right
    "API.example.com",  # wrong
    # a comment
    'a.api.example.com',  # wrong
    'Api.example.com',  # wrong
]
health_check.port = 0  # wrong
health_check.prt = 443  # wrong
"""


def _reported_lines(report: str) -> list[int]:
    return [int(number) for number in re.findall(r"^\d+\. .*\(line (\d+)\)", report, re.MULTILINE)]


def _marked_lines(text: str) -> list[int]:
    return [number for number, line in enumerate(text.split("\n"), 1) if line.endswith("# wrong")]


def test_every_problem_names_the_line_of_its_value(folder: Path) -> None:
    assert _reported_lines(str(error_from(folder, TEXT))) == _marked_lines(TEXT)


@pytest.mark.parametrize(
    ("before", "after"), [("\n", "\r\n"), ("# A comment", "\ufeff# A comment")], ids=["CRLF", "byte order mark"]
)
def test_the_lines_are_the_same_in_a_file_of_another_editor(folder: Path, before: str, after: str) -> None:
    there = _reported_lines(str(error_from(folder, TEXT.replace(before, after))))
    assert there == _reported_lines(str(error_from(folder, TEXT)))
    assert there


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('\n[[zones]]\nid = "Z1"\n', 2),
        ('\n\n[[servers]]\nname = "web"\n', 3),
        ('[[servers]]\nname = "web"\n\n[servers.health_check]\npath = "/"\n', 1),
    ],
    ids=["zones", "servers", "not its subtable"],
)
def test_a_missing_key_is_placed_at_the_header_of_its_table(folder: Path, text: str, line: int) -> None:
    report = str(error_from(folder, text))
    of_missing = [entry for entry in report.split("\n\n") if re.match(r"\d+\. (zones|servers)\[0\]\.\w+ ", entry)]
    assert of_missing
    assert all(f"(line {line})\n   is missing" in entry for entry in of_missing)


def test_a_missing_key_of_a_missing_table_is_placed_at_the_table_around_it(folder: Path) -> None:
    text = '\n[[servers]]\nname = "web"\nipv4 = "203.0.113.10"\nhosts = ["*.example.com"]\n[[zones]]\n'
    report = str(error_from(folder, text + 'name = "example.com"\nid = "Z1"\n'))
    assert "servers[0].health_check.host_name (line 2)\n   is missing" in report


def test_a_missing_key_at_the_top_has_no_line(folder: Path) -> None:
    assert "\n1. app\n   is missing" in str(error_from(folder, ""))


_NAME = st.sampled_from(["a", "b", "a.b", ""])
_SPACE = st.sampled_from([" ", "\n", "\n\n", "\n# a comment\n"])


@repeatable
@given(st.lists(st.tuples(_SPACE, _NAME, st.sampled_from("\"'"), _SPACE), min_size=1), st.integers(0, 3))
def test_the_line_of_an_item_is_where_it_stands_however_the_list_is_broken(
    items: list[tuple[str, str, str, str]], lines_before: int
) -> None:
    """Repeated items too: a duplicate is found at its own line."""
    text, expected = "\n" * lines_before + "list = [", {}
    for number, (before, name, quote, after) in enumerate(items):
        expected[("list", number)] = text.count("\n") + before.count("\n") + 1
        text += f"{before}{quote}{name}{quote}{after},"
    numbers = line_numbers(text + "]\n")
    assert {place: numbers[place] for place in expected} == expected


def test_the_work_grows_with_the_text_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[int] = []

    def counted(text: str) -> dict[str, Any]:
        parsed.append(len(text))
        return document_of(text)

    monkeypatch.setattr(module, "document_of", counted)
    servers = "".join(f'[[servers]]\nname = "s{number}"\nhosts = ["a",\n"b"]\n\n' for number in range(1_000))
    hosts = "".join(f'"h{number}",\n' for number in range(1_000))
    numbers = module.line_numbers(f"{servers}list = [\n{hosts}]\n")
    assert numbers["servers", 999, "hosts", 1] == 4_999
    assert numbers["servers", 999, "list", 999] == 6_001
    assert sum(parsed) <= len(servers + hosts) + 10
