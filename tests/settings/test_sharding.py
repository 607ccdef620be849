"""Which certificate a host belongs to, and which failover stack a server: decided by themselves, not by the others."""

from pathlib import Path
from typing import Any

import pytest

from tests.settings.authority import FIRST, SECOND, leaf, pem
from tests.settings.samples import asking, load_from, problems_from, smallest
from understudy_failover.settings import Settings
from understudy_failover.settings.sharding import MAIN

COVERED = {
    "example": ("www.example.com", "*.example.com"),
    "shops": ("*.shops.example.com", "*.both.example.com"),
    "labs": ("*.labs.example.com", "*.both.example.com"),
}


@pytest.fixture(scope="module")
def certified(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the certificates of `COVERED`."""
    folder = tmp_path_factory.mktemp("division")
    for name, names in COVERED.items():
        place = folder / "certificates" / name
        place.mkdir(parents=True)
        (place / "certificate.pem").write_bytes(leaf(*names))
        (place / "chain.pem").write_bytes(pem(SECOND, FIRST))
    return folder


def _server(name: str, *hosts: str, **more: str) -> dict[str, Any]:
    return asking({"name": name, "ipv4": "203.0.113.10", "hosts": list(hosts), **more})


def _document(*servers: dict[str, Any], additional: tuple[dict[str, str], ...] | None = None) -> dict[str, Any]:
    names = ("shops", "labs")
    tables = additional or tuple({"name": name, "private_key_secret": f"demo/{name}"} for name in names)
    return {**smallest(), "certificates": list(tables), "servers": list(servers)}


def _assigned(settings: Settings) -> dict[str, str]:
    return {host.name: host.certificate for server in settings.servers for host in server.hosts}


def test_a_host_belongs_to_the_certificate_that_covers_it_first_of_all_to_the_main_one(certified: Path) -> None:
    document = _document(_server("web", "www.example.com", "a.shops.example.com", "a.labs.example.com"))
    assert _assigned(load_from(certified, document)) == {
        "www.example.com": MAIN,
        "a.shops.example.com": "shops",
        "a.labs.example.com": "labs",
    }


@pytest.mark.parametrize("named", ["shops", "labs"])
def test_where_several_cover_it_the_server_says_which(certified: Path, named: str) -> None:
    document = _document(_server("web", "a.both.example.com", certificate=named))
    assert _assigned(load_from(certified, document)) == {"a.both.example.com": named}


def test_a_host_that_several_cover_is_refused_without_a_name(certified: Path) -> None:
    """Else the order of the file, or a renewal with more names, would move it to another distribution."""
    [problem] = problems_from(certified, _document(_server("web", "www.example.com", "a.both.example.com")))
    assert problem.place == ("servers", 0, "hosts", 1)
    assert problem.wrong == "is covered by several certificates: shops, labs"
    assert problem.fix == 'write certificate = "shops", or another of them, at its server'


def test_a_host_that_the_named_certificate_does_not_cover_is_refused(certified: Path) -> None:
    [problem] = problems_from(certified, _document(_server("web", "www.example.com", certificate="shops")))
    assert problem.wrong == "is not covered by certificate shops"
    assert problem.allowed == "names covered by *.shops.example.com, *.both.example.com"


def test_a_host_that_the_named_main_certificate_does_not_cover_is_refused(certified: Path) -> None:
    [problem] = problems_from(certified, _document(_server("web", "a.shops.example.com", certificate="example")))
    assert problem.wrong == "is not covered by the certificate in [certificate]"
    assert problem.allowed == "names covered by www.example.com, *.example.com"


def test_a_host_that_none_covers_is_refused_with_the_names_of_all(certified: Path) -> None:
    [problem] = problems_from(certified, _document(_server("web", "a.b.example.com")))
    assert problem.wrong == "is covered by no certificate"
    assert all(name in problem.allowed for names in COVERED.values() for name in names)


def test_the_main_certificate_may_be_named(certified: Path) -> None:
    document = _document(_server("web", "www.example.com", certificate="example"))
    assert _assigned(load_from(certified, document)) == {"www.example.com": MAIN}


def test_more_hosts_or_another_order_of_certificates_and_servers_move_no_host(certified: Path) -> None:
    servers = [_server("web", "www.example.com", "a.shops.example.com"), _server("api", "b.labs.example.com")]
    before = _assigned(load_from(certified, _document(*servers)))
    more = _document(_server("new", "c.shops.example.com"), *reversed(servers))
    more["certificates"].reverse()
    after = _assigned(load_from(certified, more))
    assert {name: after[name] for name in before} == before
    assert after.keys() - before.keys() == {"c.shops.example.com"}


def test_each_certificate_takes_100_hosts(certified: Path) -> None:
    several = {kind: [f"h{number}.{kind}example.com" for number in range(100)] for kind in ("", "shops.", "labs.")}
    document = _document(*(_server(f"s{number}", *hosts) for number, hosts in enumerate(several.values())))
    assert len(load_from(certified, document).host_names) == 300
    document["servers"].append(_server("more", "one.shops.example.com"))
    [problem] = problems_from(certified, document)
    assert problem.place == ("servers", 3, "hosts", 0)
    assert problem.wrong == "is one of 101 host names of certificate shops"


def test_several_may_share_their_files_which_gives_the_same_names_an_additional_distribution(certified: Path) -> None:
    additional = tuple({"name": name, "folder": "shops", "private_key_secret": "demo/shops"} for name in ("one", "two"))
    document = _document(
        _server("a", "a.shops.example.com", certificate="one"),
        _server("b", "b.shops.example.com", certificate="two"),
        additional=additional,
    )
    settings = load_from(certified, document)
    assert _assigned(settings) == {"a.shops.example.com": "one", "b.shops.example.com": "two"}
    assert settings.certificates[0].public == settings.certificates[1].public


def test_an_additional_certificate_is_read_from_the_folder_of_its_name(certified: Path) -> None:
    settings = load_from(certified, _document(_server("web", "www.example.com")))
    assert [
        (certificate.name, certificate.folder, certificate.public.names) for certificate in settings.certificates
    ] == [(name, name, COVERED[name]) for name in ("shops", "labs")]


def test_an_additional_certificate_that_does_not_exist_is_one_problem(certified: Path) -> None:
    additional = ({"name": "gone", "private_key_secret": "demo/gone"},)
    [problem] = problems_from(certified, _document(_server("web", "www.example.com"), additional=additional))
    assert (problem.place, problem.wrong) == ("certificates/gone", "does not exist")


def test_two_additional_certificates_have_two_names(certified: Path) -> None:
    additional = tuple({"name": "shops", "private_key_secret": "demo/shops"} for _ in range(2))
    [problem] = problems_from(certified, _document(_server("web", "www.example.com"), additional=additional))
    assert (problem.place, problem.wrong) == (("certificates", 1, "name"), "stands already in certificates[0].name")


def test_an_additional_certificate_is_not_named_as_the_main_one(certified: Path) -> None:
    additional = ({"name": "example", "private_key_secret": "demo/other"},)
    [problem] = problems_from(certified, _document(_server("web", "www.example.com"), additional=additional))
    assert (problem.place, problem.wrong) == (("certificates", 0, "name"), "is the name in [certificate] already")


@pytest.mark.parametrize(("key", "value"), [("name", "Shops"), ("folder", "../shops"), ("private_key_secret", "a b")])
def test_a_key_of_an_additional_certificate_is_refused_as_in_the_main_table(
    certified: Path, key: str, value: str
) -> None:
    table = {"name": "shops", "folder": "shops", "private_key_secret": "demo/shops", key: value}
    [problem] = problems_from(certified, _document(_server("web", "www.example.com"), additional=(table,)))
    assert problem.place == ("certificates", 0, key)


def test_what_a_certificates_stack_needs_is_its_own_hosts_under_a_name_of_its_own(certified: Path) -> None:
    document = _document(
        _server("web", "www.example.com", "a.shops.example.com"), _server("api", "b.shops.example.com")
    )
    settings = load_from(certified, document)
    part = settings.for_certificate("shops")
    assert part.host_names == ("a.shops.example.com", "b.shops.example.com")
    assert [server.name for server in part.servers] == ["web", "api"]
    assert (part.app, part.certificate.public.names) == ("demo_shops", COVERED["shops"])
    assert settings.for_certificate(MAIN).host_names == ("www.example.com",)
    assert settings.for_certificate(MAIN).app == "demo"


def test_what_a_failover_stack_needs_are_the_servers_that_name_it(certified: Path) -> None:
    document = _document(_server("web", "www.example.com"), _server("api", "api.example.com", stack="b"))
    settings = load_from(certified, document)
    assert settings.stack_names == (MAIN, "b")
    assert [server.name for server in settings.for_stack("b").servers] == ["api"]
    assert [server.name for server in settings.for_stack(MAIN).servers] == ["web"]
