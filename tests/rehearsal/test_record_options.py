"""A deployment with several addresses, a server's own name, an additional certificate and failover stack."""

from collections.abc import Iterator

import pytest

from tests.rehearsal.deployed import deployed
from tests.rehearsal.looking import server_named, wait
from understudy_failover.operations.bounds import failback_bound, failover_bound
from understudy_failover.operations.observation import ServedBy, observe, resolve
from understudy_failover.rehearsal.bed import RehearsalBed
from understudy_failover.rehearsal.modes import Mode
from understudy_failover.settings import Server

SETTINGS = """
app = "options"

[certificate]
name = "main"
private_key_secret = "options/main"

[[certificates]]
name = "shops"
private_key_secret = "options/shops"

[timing]
profile = "fast"

[[zones]]
name = "example.com"
id = "Z0EXAMPLECOM00000001"

[[zones]]
name = "shops.example"
id = "Z0SHOPSEXAMPLE000002"

[[servers]]
name = "several"
ipv4 = "203.0.113.31"
more_ipv4 = ["203.0.113.32"]
ipv6 = "2001:db8::31"
hosts = ["example.com", "one.shops.example"]
health_check = { host_name = "example.com", per_address = true }

[[servers]]
name = "named"
ipv4 = "203.0.113.35"
cname = "named.origin.example.net"
stack = "b"
hosts = ["named.example.com"]
"""
CERTIFIED = {"main": ("example.com", "*.example.com"), "shops": ("*.shops.example",)}


@pytest.fixture(scope="module")
def bed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RehearsalBed]:
    """`SETTINGS`, deployed."""
    with deployed(tmp_path_factory.mktemp("options"), SETTINGS, CERTIFIED) as prepared:
        yield prepared


def _all_are(bed: RehearsalBed, server: Server, wanted: ServedBy) -> bool:
    observations = [observe(host, bed.name_server(), bed.client()) for host in server.hosts]
    return all(observation.probe.served_by is wanted for observation in observations) and all(
        (observation.answers.are_of_server if wanted is ServedBy.SERVER else observation.answers.are_of_page)(server)
        for observation in observations
    )


@pytest.mark.parametrize("name", ["several", "named"])
def test_an_outage_leads_to_the_page_and_back(bed: RehearsalBed, name: str) -> None:
    server, timing = server_named(bed, name), bed.settings.timing
    assert wait(bed, 60, lambda: _all_are(bed, server, ServedBy.SERVER))
    bed.servers[name].play(Mode.REFUSES)
    existing = failover_bound(server.health_check, timing).total_seconds
    assert wait(bed, existing, lambda: _all_are(bed, server, ServedBy.PAGE))
    bed.servers[name].play(Mode.WELL)
    back = failback_bound(server.health_check, timing, cname=bool(server.cname)).total_seconds
    assert wait(bed, back, lambda: _all_are(bed, server, ServedBy.SERVER))


def test_every_host_meets_the_page_under_the_certificate_that_covers_it(bed: RehearsalBed) -> None:
    server = server_named(bed, "several")
    certificates = {host.name: bed.settings.certificate_of(host.name).public.fingerprint for host in server.hosts}
    assert len(set(certificates.values())) == 2
    bed.servers["several"].play(Mode.REFUSES)
    try:
        assert wait(bed, 60, lambda: _all_are(bed, server, ServedBy.PAGE))
        shown = {host.name: bed.patient_client().request(host.name).certificate_sha256 for host in server.hosts}
    finally:
        bed.servers["several"].play(Mode.WELL)
    assert shown == certificates
    assert wait(bed, 120, lambda: _all_are(bed, server, ServedBy.SERVER))


def test_the_switch_at_the_first_distribution_moves_hosts_of_all_certificates_and_stacks(bed: RehearsalBed) -> None:
    for name in ("several", "named"):
        server = server_named(bed, name)
        assert wait(bed, 60, lambda server=server: _all_are(bed, server, ServedBy.SERVER))  # type: ignore[misc]
        bed.switches().put(name, None)
        try:
            assert wait(bed, 120, lambda server=server: _all_are(bed, server, ServedBy.PAGE))  # type: ignore[misc]
        finally:
            bed.switches().remove(name)
        assert wait(bed, 120, lambda server=server: _all_are(bed, server, ServedBy.SERVER))  # type: ignore[misc]


def test_one_dead_address_of_several_is_enough_where_each_is_checked(bed: RehearsalBed) -> None:
    server = server_named(bed, "several")
    assert wait(bed, 60, lambda: _all_are(bed, server, ServedBy.SERVER))
    port = server.health_check.port
    bed.aws.control.unroute(address="203.0.113.32", port=port)
    try:
        bound = failover_bound(server.health_check, bed.settings.timing).total_seconds
        assert wait(
            bed, bound, lambda: all(resolve(host, bed.name_server()).are_of_page(server) for host in server.hosts)
        )
    finally:
        bed.servers["several"].play(Mode.WELL)


def test_destroy_leaves_nothing_of_any_stack(bed: RehearsalBed) -> None:
    bed.cdk.destroy(print)
    assert bed.leftovers() == []
