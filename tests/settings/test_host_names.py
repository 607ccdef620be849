"""Which host names are accepted as they are, and what is said about the others."""

import re

import pytest
from hypothesis import example, given, strategies as st

from tests.settings.properties import repeatable
from understudy_failover.settings.aws_values import BadValueError, check_host_name, punycode

LABELS = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", fullmatch=True)
HOST_NAMES = st.builds(
    lambda labels, last: ".".join([*labels, last]),
    st.lists(LABELS, min_size=1, max_size=3),
    st.text("abcdefghijklmnopqrstuvwxyz", min_size=2, max_size=20),
)
"""At most 3 × 64 + 20 characters."""
WILDCARDS = HOST_NAMES.map(lambda name: f"*.{name}")


def _refusal(name: str, *, wildcard: bool = True) -> tuple[str, str]:
    with pytest.raises(BadValueError) as caught:
        check_host_name(name, wildcard=wildcard)
    return caught.value.wrong, caught.value.fix


@repeatable
@given(st.text() | st.text("aZ0-._*/: \n\x00üß。İ", max_size=300), st.booleans())
@example("*", True)
@example(".", True)
@example("*.", True)
@example("..", False)
@example("xn--", False)
@example("\ud800", False)
def test_any_text_is_either_itself_or_refused(text: str, wildcard: bool) -> None:
    try:
        accepted = check_host_name(text, wildcard=wildcard)
    except BadValueError:
        return
    assert accepted == text
    assert re.fullmatch(r"(\*\.)?([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]*[a-z0-9])?", text)
    assert all(len(label) <= 63 for label in text.split("."))
    assert len(text) <= 253


@repeatable
@given(HOST_NAMES, st.booleans())
def test_a_concrete_name_is_accepted_with_and_without_wildcards(name: str, wildcard: bool) -> None:
    assert check_host_name(name, wildcard=wildcard) == name


@repeatable
@given(WILDCARDS)
def test_a_wildcard_is_accepted_only_where_one_may_stand(name: str) -> None:
    assert check_host_name(name, wildcard=True) == name
    assert _refusal(name, wildcard=False) == ("is a wildcard", "write one concrete name")


@repeatable
@given(HOST_NAMES | WILDCARDS)
def test_a_final_dot_is_refused_with_the_name_to_write(name: str) -> None:
    assert _refusal(f"{name}.") == ("ends in a dot", f'write "{name}"')


@repeatable
@given(HOST_NAMES | WILDCARDS)
def test_capitals_are_refused_with_the_name_to_write(name: str) -> None:
    assert _refusal(name.capitalize() if name[0].isalpha() else name.upper()) == (
        "is not lower case",
        f'write "{name}"',
    )


@repeatable
@given(st.text("äöüßéñøçаяж日本語", min_size=1, max_size=10), HOST_NAMES)
def test_other_letters_are_refused_with_a_name_that_is_accepted(label: str, domain: str) -> None:
    wrong, fix = _refusal(f"{label}.{domain}")
    assert wrong == "has letters beyond a–z"
    shown = re.fullmatch(r'write its punycode form "(xn--.*)"', fix)
    assert shown
    assert check_host_name(shown[1]) == shown[1]
    assert shown[1].removesuffix(f".{domain}").removeprefix("xn--").encode().decode("punycode") == label


@pytest.mark.parametrize(
    ("name", "ascii_form"),
    [
        ("bücher.example", "xn--bcher-kva.example"),
        ("Bücher.Example", "xn--bcher-kva.example"),
        ("bu\u0308cher.example", "xn--bcher-kva.example"),
        ("straße.example", "xn--strae-oqa.example"),
        ("日本語.example", "xn--wgv71a119e.example"),
        ("www.bücher.example", "www.xn--bcher-kva.example"),
        ("*.bücher.example", "*.xn--bcher-kva.example"),
    ],
)
def test_the_punycode_form_is_that_of_the_registries(name: str, ascii_form: str) -> None:
    """As today's rules have it (RFC 5891); those of 2003 would make `strasse` of `straße`: somebody else's name."""
    assert punycode(name) == ascii_form


@pytest.mark.parametrize(
    ("name", "wrong", "fix"),
    [
        (
            "https://www.example.com",
            "is more than a host name",
            "write the name alone: no https://, port, path or blank",
        ),
        ("www.example.com:443", "is more than a host name", "write the name alone: no https://, port, path or blank"),
        ("www.example.com/", "is more than a host name", "write the name alone: no https://, port, path or blank"),
        ("me@example.com", "is more than a host name", "write the name alone: no https://, port, path or blank"),
        (" www.example.com", "is more than a host name", "write the name alone: no https://, port, path or blank"),
        ("www.example.com\n", "is more than a host name", "write the name alone: no https://, port, path or blank"),
        ("", "is not a full name", 'write it with its domain, like "www.example.com"'),
        ("www", "is not a full name", 'write it with its domain, like "www.example.com"'),
        ("*.com", "is not a full name", 'write it with its domain, like "www.example.com"'),
        ("203.0.113.10", "is an address, not a name", 'write the host name, like "www.example.com"'),
        ("*", "has * in another place than the whole first label", 'write it like "*.example.com"'),
        ("www.*.example.com", "has * in another place than the whole first label", 'write it like "*.example.com"'),
        ("w*.example.com", "has * in another place than the whole first label", 'write it like "*.example.com"'),
        ("*.*.example.com", "has * in another place than the whole first label", 'write it like "*.example.com"'),
        ("*www.example.com", "has * in another place than the whole first label", 'write it like "*.example.com"'),
        ("www..example.com", 'has the invalid label ""', "give each label 1–63 of a–z, 0–9 and inner -"),
        (".example.com", 'has the invalid label ""', "give each label 1–63 of a–z, 0–9 and inner -"),
        ("my_shop.example.com", 'has the invalid label "my_shop"', "give each label 1–63 of a–z, 0–9 and inner -"),
        ("-a.example.com", 'has the invalid label "-a"', "give each label 1–63 of a–z, 0–9 and inner -"),
        ("a-.example.com", 'has the invalid label "a-"', "give each label 1–63 of a–z, 0–9 and inner -"),
        ("a\x1b[1m.example.com", 'has the invalid label "a\\u001b[1m"', "give each label 1–63 of a–z, 0–9 and inner -"),
        (
            f"{'a' * 64}.example.com",
            f'has the invalid label "{"a" * 64}"',
            "give each label 1–63 of a–z, 0–9 and inner -",
        ),
        (f"{'a.' * 125}long", "is 254 characters long", "use a name of at most 253"),
    ],
)
def test_a_name_that_cannot_be_is_refused_in_words_that_fix_it(name: str, wrong: str, fix: str) -> None:
    assert _refusal(name) == (wrong, fix)


def test_the_longest_names_are_accepted() -> None:
    longest_label = f"{'a' * 63}.example.com"
    longest_name = f"{'a.' * 125}lon"
    assert len(longest_name) == 253
    assert (check_host_name(longest_label), check_host_name(longest_name)) == (longest_label, longest_name)
