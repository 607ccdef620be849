"""What must hold between values that are right by themselves."""

from pathlib import Path
from typing import Any

import pytest

from tests.settings.samples import asking, changed, load_from, problems_from, smallest


def _servers(*hosts: list[str], names: list[str] | None = None) -> dict[str, Any]:
    document = smallest()
    document["zones"] += [{"name": "example.org", "id": "Z0EXAMPLE2"}]
    document["servers"] = [
        asking({"name": name, "ipv4": "203.0.113.10", "hosts": of_server})
        for name, of_server in zip(names or [f"s{number}" for number in range(len(hosts))], hosts, strict=True)
    ]
    return document


@pytest.mark.parametrize(
    ("document", "place", "earlier", "value"),
    [
        (_servers(["a.example.com", "a.example.com"]), ("servers", 0, "hosts", 1), "servers[0].hosts[0]", None),
        (_servers(["a.example.com"], ["a.example.com"]), ("servers", 1, "hosts", 0), "servers[0].hosts[0]", None),
        (
            changed("zones", [{"name": "example.com", "id": "Z1"}, {"name": "example.com", "id": "Z2"}]),
            ("zones", 1, "name"),
            "zones[0].name",
            "example.com",
        ),
        (
            changed("zones", [{"name": "example.com", "id": "Z1"}, {"name": "example.org", "id": "Z1"}]),
            ("zones", 1, "id"),
            "zones[0].id",
            "Z1",
        ),
    ],
    ids=["hosts of one server", "hosts of two servers", "names of zones", "ids of zones"],
)
def test_what_must_stand_once_is_refused_at_its_second_place(
    folder: Path, document: dict[str, Any], place: tuple[str | int, ...], earlier: str, value: str | None
) -> None:
    [problem] = problems_from(folder, document)
    assert problem.place == place
    assert problem.wrong == f"stands already in {earlier}"
    assert problem.fix.startswith("remove ")
    assert ("more_ipv4" in problem.fix) == ("hosts" in earlier)
    assert (problem.allowed, problem.value) == ("each value once", f'"{value or "a.example.com"}"')


@pytest.mark.parametrize("second", ["web-1", "web1", "w-eb1"])
def test_hyphens_alone_make_no_difference_between_two_servers(folder: Path, second: str) -> None:
    """Resources and outputs are named after servers, and their names hold no hyphens."""
    [problem] = problems_from(folder, _servers(["a.example.com"], ["b.example.com"], names=["web-1", second]))
    assert problem.place == ("servers", 1, "name")
    assert problem.wrong == "stands already in servers[0].name"
    assert (problem.allowed, problem.value) == ("each value once, hyphens aside", f'"{second}"')


def test_a_wildcard_and_a_host_that_it_covers_may_stand_side_by_side(folder: Path) -> None:
    document = _servers(["*.example.com"], ["a.example.com"])
    document["servers"][0]["health_check"] = {"host_name": "b.example.com"}
    assert load_from(folder, document).host_names == ("*.example.com", "a.example.com")


def test_two_servers_may_share_an_address(folder: Path) -> None:
    assert len(load_from(folder, _servers(["a.example.com"], ["b.example.com"])).servers) == 2


def test_100_host_names_are_accepted(folder: Path) -> None:
    hosts = [f"h{number}.example.com" for number in range(100)]
    assert load_from(folder, _servers(hosts[:60], hosts[60:])).host_names == tuple(hosts)


@pytest.mark.parametrize("more", [1, 30])
def test_more_than_100_host_names_are_one_problem_at_the_101st(folder: Path, more: int) -> None:
    """https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html"""
    hosts = [f"h{number}.example.com" for number in range(100 + more)]
    [problem] = problems_from(folder, _servers(hosts[:60], hosts[60:]))
    assert (problem.place, problem.value) == (("servers", 1, "hosts", 40), '"h100.example.com"')
    assert problem.wrong == f"is one of {100 + more} host names of the certificate in [certificate]"
    assert problem.allowed == "at most 100 (alternate domain names of one CloudFront distribution)"
    assert "declare an additional certificate" in problem.fix


@pytest.mark.parametrize("host_name", ["a.b.example.com", "example.org", "*.b.example.com"])
def test_a_host_that_the_certificate_does_not_cover_is_refused(folder: Path, host_name: str) -> None:
    [problem] = problems_from(folder, _servers(["www.example.com", host_name]))
    assert (problem.place, problem.value) == (("servers", 0, "hosts", 1), f'"{host_name}"')
    assert problem.wrong == "is not covered by the certificate"
    assert problem.allowed == "names covered by example.com, *.example.com, *.example.org"
    assert problem.fix == "have the certificate issued again with this name, or remove the host"


def test_a_host_without_zone_and_certificate_hears_of_both_at_once(folder: Path) -> None:
    problems = problems_from(folder, _servers(["www.example.net"]))
    assert [problem.wrong for problem in problems] == [
        "is in none of the hosted zones",
        "is not covered by the certificate",
    ]


def test_a_certificate_that_cannot_be_used_says_nothing_about_hosts(folder: Path) -> None:
    [problem] = problems_from(folder, changed("certificate.name", "nowhere"))
    assert (problem.place, problem.wrong) == ("certificates/nowhere", "does not exist")
    assert problem.allowed == "a folder with certificate.pem and chain.pem"
    assert problem.fix == "create that folder, or correct the certificate's name"


def test_recipients_without_alarms_are_refused_as_they_would_hear_nothing(folder: Path) -> None:
    document = smallest() | {"monitoring": {"alarms": False}, "notifications": {"emails": ["ops@example.net"]}}
    [problem] = problems_from(folder, document)
    assert problem.place == ("notifications",)
    assert (problem.wrong, problem.fix) == (
        "has nothing to notify of without alarms",
        "remove it, or write alarms = true",
    )
