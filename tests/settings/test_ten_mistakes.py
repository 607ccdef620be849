"""One file with ten different mistakes: one report that fixes it in one go."""

import re
from pathlib import Path

import pytest

from understudy_failover.settings import SettingsError, load

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def error() -> SettingsError:
    with pytest.raises(SettingsError) as caught:
        load(HERE / "ten_mistakes.toml")
    return caught.value


def test_the_report_is_the_one_that_is_shown(error: SettingsError) -> None:
    """ten_mistakes.txt; after a change on purpose, write there what the test says."""
    assert str(error).removeprefix(f"{HERE.parent.parent}/") + "\n" == (HERE / "ten_mistakes.txt").read_text("utf-8")


def test_ten_mistakes_are_ten_problems_of_ten_kinds_at_ten_places(error: SettingsError) -> None:
    assert len(error.problems) == 10
    assert len({problem.place for problem in error.problems}) == 10
    assert len({problem.wrong for problem in error.problems}) == 10
    assert len({problem.fix for problem in error.problems}) == 10


def test_each_entry_has_its_number_and_says_what_is_wrong_and_allowed_and_how_to_fix_it(error: SettingsError) -> None:
    head, *entries = str(error).split("\n\n")
    assert head.endswith("ten_mistakes.toml has 10 problems:")
    assert len(entries) == 10
    for number, entry in enumerate(entries, 1):
        assert re.fullmatch(rf"{number}\. \S.*\n   \S.*\n   allowed: \S.*\n   fix:     \S.*", entry), entry


def test_doing_what_the_report_says_fixes_the_file(tmp_path: Path, root: Path) -> None:
    text = (HERE / "ten_mistakes.toml").read_text(encoding="utf-8")
    for wrong, right in {
        'app = "Understudy"': 'app = "understudy-example"',
        "exmaple": "example",
        "ttl = 30": "ttl_seconds = 30",
        '"120"': "120",
        "/hostedzone/": "",
        "192.168.1.10": "203.0.113.10",
        "https://shop.example.com/": "shop.example.com",
        "bücher.example.com": "xn--bcher-kva.example.com",
        "[[servers]]": '[[zones]]\nname = "example.org"\nid = "Z1"\n\n[[servers]]',
        "70000": "443",
    }.items():
        assert wrong in text
        text = text.replace(wrong, right, 1)
    (tmp_path / "failover.toml").write_text(text, encoding="utf-8")
    (tmp_path / "certificates").symlink_to(root / "tests/sample/certificates")
    assert load(tmp_path / "failover.toml").app == "understudy-example"
