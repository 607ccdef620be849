"""tools/terms.py finds the words of terms.toml in names, messages and pages, and lets their number only shrink."""

import tomllib
from pathlib import Path

import pytest

from tools.terms import LEFT, ROOT, WORDS, Term, Words, problems, terms


@pytest.fixture(scope="module")
def words() -> Words:
    return Words(tomllib.loads(WORDS.read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    ("source", "word"),
    [
        ("[one for one in range(3)]", "one"),
        ("_seen = 1", "seen"),
        ("def f(found): ...", "found"),
        ("lambda held: 1", "held"),
        ("if made := f(): ...", "made"),
        ("import json as parted", "parted"),
        ("try: ...\nexcept OSError as told: ...", "told"),
        ("match x:\n case [told]: ...", "told"),
        ("self.told = 1", "told"),
        ("class LeftStacks: ...", "Left Stacks"),
        ("def hand_over(): ...", "hand over"),
        ("OnStage = 1", "On Stage"),
        ("def first_look(): ...", "first look"),
        ("def look(): ...", "look"),
        ("class Visit: ...", "Visit"),
        ("further = 1", "further"),
        ("'no operator is told of it'", "told"),
        ("f'{host}: mend that first'", "mend"),
        ("'''The docstring of a\n\nfurther\ncertificate.'''", "further certificate"),
        ("'the drill needs a steady deployment'", "steady"),
    ],
)
def test_a_term_in_python_is_found(words: Words, source: str, word: str) -> None:
    assert [term.word for term in words.in_python(source)] == [word]


@pytest.mark.parametrize(
    "source",
    [
        "print(found, made, seen)",  # a use, which the definition's finding covers
        "from module import one",  # likewise
        "made_of = found_by_name = one_zone = 1",
        "look_up = visitor = 1",
        "def visit_Name(): ...",
        "'told'",  # a key
        "'Custom::Handover'",
        "'adopted-records.json'",
        "'`understudy status --watch` until Ctrl-C'",
        "'watch it with status --watch'",
        "'the maintenance switch and the deploy gate'",
        "'a stage of a CDK app, and the steady-state hypothesis'",
        "'the trusted roots of a TLS client, and the audience of a token'",
        "'look up the name, after a look-up failed'",
        "'integer division of the seconds'",
        "'the hold of a health check; the folder lies beside it'",
        "'put what was changed by hand back'",
        "'visitors see the page; it recommends further reading'",
        "'a name of `left stacks` in code'",
    ],
)
def test_other_uses_of_the_same_letters_are_right(words: Words, source: str) -> None:
    assert list(words.in_python(source)) == []


def test_a_page_is_read_outside_of_code_and_a_term_has_its_line(words: Words) -> None:
    page = "# Title\n\n```\nmend\n```\n\n    mend\n\nUse `mend`, or\nthe world.\nWho is on\nstage?\n"
    assert [(term.line, term.word) for term in words.in_markdown(page)] == [(11, "on stage"), (10, "the world")]


def test_the_name_of_a_module_counts_and_a_generated_page_does_not(words: Words, tmp_path: Path) -> None:
    module, generated, page = (tmp_path / name for name in ("left_stacks.py", "generated.md", "page.md"))
    module.write_text("")
    generated.write_text("<!-- Written by `python -m x`. -->\nmend it\n")
    page.write_text("mend it\n")
    assert [len(terms(words, file)) for file in (module, generated, page)] == [1, 0, 1]


def test_more_terms_than_allowed_fail_with_what_to_write_and_fewer_until_recorded() -> None:
    used = {"more.py": [Term(7, "mend", "fix")], "same.py": [Term(1, "told", "notify")], "fewer.py": []}
    left = {"same.py": 1, "fewer.py": 2, "deleted.py": 1}
    assert list(problems(used, left)) == [
        "deleted.py: 0 terms to replace, 1 recorded: run python tools/terms.py --write",
        "fewer.py: 0 terms to replace, 2 recorded: run python tools/terms.py --write",
        "more.py: 1 terms to replace, 0 allowed",
        "more.py:7: 'mend': write fix",
    ]


def test_no_file_of_the_list_is_missing() -> None:
    assert [name for name in tomllib.loads(LEFT.read_text(encoding="utf-8")) if not (ROOT / name).exists()] == []
