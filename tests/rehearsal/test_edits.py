"""What the real `cdk diff`, and the review before it, show of an edited file: what was named, and nothing else."""

import re
from collections.abc import Iterator

import pytest

from tests.conftest import ROOT
from tests.rehearsal.verifying import operations
from tests.stacks.templates import replaced
from understudy_failover.rehearsal.bed import RehearsalBed

LINE = re.compile(r"\[([+~-])\]\S* (\S+::\S+) (\S+) \w+")
"""Sign, type and construct path of a resource that `cdk diff` lists."""
PAGE = {
    "~ AWS::CloudFront::Distribution",
    "~ AWS::CloudFront::Function",
    "~ Custom::EdgeTest",
}
"""The distribution and the function that selects the page have the host names; the function is tested again."""
POLICY = "AWS::IAM::Policy"
CUTOVER = {"~ Custom::RecordCutover", f"~ {POLICY}"}
"""It gets every host, and may change only their record sets."""
OF_SERVERS = (
    PAGE
    | CUTOVER
    | {
        "~ AWS::IAM::Role",
        "~ AWS::Lambda::Function",
        "~ AWS::S3::BucketPolicy",
        "~ Custom::CDKBucketDeployment",
    }
)
"""Its switch is named to who writes it and to CloudFront, its certificate monitored, and it has pages of its own."""


@pytest.fixture
def text(bed: RehearsalBed) -> Iterator[str]:
    """The deployed file; put back afterwards."""
    result = bed.settings_path.read_text(encoding="utf-8")
    yield result
    bed.settings_path.write_text(result, encoding="utf-8")


def _diff(bed: RehearsalBed, text: str) -> tuple[set[str], set[str]]:
    """Signs and types of what changes but is not called after somebody, and the names of the rest."""
    bed.settings_path.write_text(text, encoding="utf-8")
    shown = bed.cdk.diff(print)
    assert "may be replaced" not in "".join(re.findall("^.*CloudFront::Distribution.*$", shown, re.MULTILINE))
    matches = LINE.findall(shown)
    assert matches
    # A policy with other hosts is a new resource; its name does not matter.
    matches = [("~" if kind == POLICY else sign, kind, path) for sign, kind, path in matches]
    named = {(sign, path) for sign, kind, path in matches if sign != "~"}
    return {f"{sign} {kind}" for sign, kind, _ in matches if sign == "~"}, {f"{sign} {path}" for sign, path in named}


def _review(bed: RehearsalBed) -> tuple[int, list[str]]:
    """Exit code and lines of the review of what `_diff` synthesised."""
    process = operations(ROOT, bed, "diff", str(bed.settings_path.parent / "cdk.out"), options=False)
    return process.returncode, [line.strip() for line in process.stdout.splitlines()]


def _pairs(sign: str, name: str, *types: str) -> set[str]:
    own = {f"{type_}{role}" for type_ in types for role in ("Primary", "Secondary")}
    return {f"{sign} {name}/{resource}" for resource in own}


def test_a_new_host_adds_its_pairs_and_stands_on_the_page(bed: RehearsalBed, text: str) -> None:
    # Last in the alphabet: the certificate monitor probes the first host.
    new = replaced(text, '"shop.example.com"]', '"shop.example.com", "tickets.example.com"]')
    changed, come_and_gone = _diff(bed, new)
    assert changed == PAGE | CUTOVER
    assert come_and_gone == _pairs("+", "Tickets.Example.Com", "A", "Aaaa")
    code, lines = _review(bed)
    assert code == 0
    assert [line for line in lines if "host" in line] == [
        "+ host added: tickets.example.com at server web (A 203.0.113.10; AAAA 2001:db8::10)"
    ]


def test_a_renamed_host_is_one_less_and_one_more(bed: RehearsalBed, text: str) -> None:
    changed, come_and_gone = _diff(bed, replaced(text, '"shop.example.com"]', '"store.example.com"]'))
    assert changed == PAGE | CUTOVER
    assert come_and_gone == {
        *_pairs("-", "Shop.Example.Com", "A", "Aaaa"),
        *_pairs("+", "Store.Example.Com", "A", "Aaaa"),
    }
    code, lines = _review(bed)
    assert code == 2, "a name that nobody answers for any more is destructive"
    assert any("host removed: shop.example.com" in line for line in lines)
    assert any("host added: store.example.com" in line for line in lines)
    assert not any("www.example.com" in line or "example.org" in line for line in lines)


def test_a_host_less_takes_its_pairs_along(bed: RehearsalBed, text: str) -> None:
    changed, come_and_gone = _diff(bed, replaced(text, ', "shop.example.com"]', "]"))
    assert changed == PAGE | CUTOVER
    assert come_and_gone == _pairs("-", "Shop.Example.Com", "A", "Aaaa")
    assert _review(bed)[0] == 2


def test_a_server_and_its_zone_less_take_theirs_along(bed: RehearsalBed, text: str) -> None:
    without_zone = replaced(text, '[[zones]]\nname = "example.org"\nid = "Z0EXAMPLEORG00000002"\n', "")
    head, web, _ = without_zone.split("[[servers]]")
    changed, come_and_gone = _diff(bed, "[[servers]]".join((head, web)))
    assert changed == OF_SERVERS
    mine = ("Api", "Any")
    assert all(any(word in line for word in mine) for line in come_and_gone), come_and_gone
    assert {line[0] for line in come_and_gone} == {"-"}
    assert _pairs("-", "Api.Example.Org", "A") < come_and_gone


def test_a_server_in_a_zone_more_only_adds(bed: RehearsalBed, text: str) -> None:
    new = (
        f'{text}\n[[zones]]\nname = "new.example.com"\nid = "Z0NEW"\n\n'
        '[[servers]]\nname = "new"\nipv4 = "203.0.113.30"\nhosts = ["new.example.com"]\n'
    )
    changed, come_and_gone = _diff(bed, new)
    assert changed == OF_SERVERS
    assert all(line.startswith("+ ") and "New" in line for line in come_and_gone), come_and_gone
    assert _pairs("+", "New.Example.Com", "A") < come_and_gone
    code, lines = _review(bed)
    assert code == 0
    assert not any(line.startswith("-") for line in lines), lines
