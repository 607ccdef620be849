"""Each host lies in the most specific hosted zone that holds it."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from tests.settings.authority import FIRST, SECOND, leaf, pem, put
from tests.settings.properties import repeatable
from tests.settings.samples import asking, load_from, problems_from, smallest
from understudy_failover.settings.aws_values import longest_zone

NAMES = st.lists(st.sampled_from(["a", "b", "ab", "com"]), min_size=1, max_size=5).map(".".join)


def _document(zones: list[str], hosts: list[str]) -> dict[str, Any]:
    document = smallest()
    document["zones"] = [{"name": name, "id": f"Z{number}"} for number, name in enumerate(zones)]
    document["servers"][0]["hosts"] = hosts
    document["servers"] = [asking(document["servers"][0])]
    return document


@repeatable
@given(NAMES, st.lists(NAMES))
def test_the_zone_is_the_one_with_the_most_labels_of_those_the_name_ends_in(host_name: str, zones: list[str]) -> None:
    labels = host_name.split(".")
    ends = [".".join(labels[start:]) for start in range(len(labels))]
    assert longest_zone(host_name, zones) == next((end for end in ends if end in zones), None)


@pytest.mark.parametrize(
    ("host_name", "zone"),
    [
        ("example.com", "example.com"),
        ("www.example.com", "example.com"),
        ("dev.example.com", "dev.example.com"),
        ("www.dev.example.com", "dev.example.com"),
        ("*.dev.example.com", "dev.example.com"),
        ("*.example.com", "example.com"),
        ("notdev.example.com", "example.com"),
    ],
)
def test_the_longest_zone_wins_whatever_the_order(own_folder: Path, host_name: str, zone: str) -> None:
    put(own_folder, leaf(host_name), pem(SECOND, FIRST))
    document = _document(["example.com", "dev.example.com", "com.example"], [host_name])
    document["servers"][0]["health_check"] = {"host_name": "www.example.com"}
    assert load_from(own_folder, document).servers[0].hosts[0].zone.name == zone
    document["zones"].reverse()
    assert load_from(own_folder, document).servers[0].hosts[0].zone.name == zone


@pytest.mark.parametrize("host_name", ["www.example.org", "notexample.org", "*.example.org"])
def test_a_host_in_no_zone_is_refused(own_folder: Path, host_name: str) -> None:
    put(own_folder, leaf("www.example.com", "www.example.org", "*.example.org", "notexample.org"), pem(SECOND, FIRST))
    zones = ["example.com", "a.example.org", "ample.org"]
    [problem] = problems_from(own_folder, _document(zones, ["www.example.com", host_name]))
    assert problem.place == ("servers", 0, "hosts", 1)
    assert problem.wrong == "is in none of the hosted zones"
    assert problem.fix == "add its zone as [[zones]], or correct the name"
    assert (problem.allowed, problem.value) == (f"names in {', '.join(zones)}", f'"{host_name}"')
