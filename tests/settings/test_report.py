"""One report of everything: what it looks like, its order, and what it does not say twice."""

from pathlib import Path

import pytest

from tests.settings.samples import asking, changed, error_from, problems_from, smallest
from understudy_failover.settings.problem import Problem
from understudy_failover.settings.report import SettingsError, written


def test_an_entry_gives_place_line_and_value_then_what_is_wrong_and_allowed_and_how_to_fix_it(folder: Path) -> None:
    assert str(error_from(folder, changed("app", "Demo"))) == (
        f"{folder}/failover.toml has 1 problem:\n"
        "\n"
        '1. app (line 1) = "Demo"\n'
        "   is not in the allowed form\n"
        "   allowed: 2 to 32 of a–z, 0–9 and -, beginning with a letter, not ending in -\n"
        '   fix:     write for example app = "understudy-example" at the top of the file'
    )


def test_an_entry_leaves_out_what_there_is_not() -> None:
    error = SettingsError(Path("failover.toml"), [Problem("certificates/example", "does not exist", "create it")])
    assert str(error) == (
        "failover.toml has 1 problem:\n\n1. certificates/example\n   does not exist\n   fix:     create it"
    )


def test_problems_are_counted_and_numbered(folder: Path) -> None:
    document = smallest() | {"app": "Demo", "timing": {"profile": "turbo"}}
    report = str(error_from(folder, document))
    assert report.startswith(f"{folder}/failover.toml has 2 problems:\n\n1. app ")
    assert "\n\n2. timing.profile " in report


def test_problems_stand_in_the_order_of_the_file_and_those_of_other_files_at_the_end(folder: Path) -> None:
    text = (
        "zones = []\n"
        'certificate = { name = "nowhere", private_key_secret = "demo/key" }\n'
        'app = "Demo"\n'
        'servers = [{ name = "web", ipv4 = "10.0.0.1", hosts = ["www.example.com"] }]\n'
        "ttl_seconds = 5\n"
    )
    places = [problem.place for problem in problems_from(folder, text)]
    assert places == [("zones",), ("app",), ("servers", 0, "ipv4"), ("ttl_seconds",), "certificates/nowhere"]


def test_a_wrong_table_hides_no_mistake_elsewhere(folder: Path) -> None:
    document = smallest() | {"zones": "example.com", "page": 5}
    document["servers"][0]["health_check"] = {"port": 0}
    places = {problem.place for problem in problems_from(folder, document)}
    assert places == {("zones",), ("page",), ("servers", 0, "health_check", "port")}


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("zones.0.name", "example.com."),
        ("zones.0.name", "Example.com"),
        ("zones.0.id", "example.com"),
        ("zones.0", {"nam": "example.com", "id": "Z0EXAMPLE"}),
        ("zones.0", {"id": "Z0EXAMPLE"}),
        ("zones", []),
    ],
)
def test_a_mistake_in_a_zone_is_not_repeated_for_each_of_its_hosts(folder: Path, place: str, value: object) -> None:
    document = changed(place, value)
    document["servers"][0]["hosts"] = ["example.com", "www.example.com", "shop.example.com"]
    document["servers"] = [asking(document["servers"][0])]
    if document["zones"]:
        document["zones"].append({"name": "example.org", "id": "Z0EXAMPLE2"})
    assert len(problems_from(folder, document)) == 1


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("a", '"a"'),
        ("two\nlines", '"two\\nlines"'),
        ("bücher", '"bücher"'),
        (True, "true"),
        (1.5, "1.5"),
        ([1, 2], "a list of 2"),
        ({"a": 1}, "a table"),
        ("x" * 58, '"' + "x" * 58 + '"'),
        ("x" * 59, '"' + "x" * 58 + "…"),
    ],
)
def test_a_value_is_shown_as_toml_writes_it_and_cut_at_60_characters(value: object, shown: str) -> None:
    assert written(value) == shown
