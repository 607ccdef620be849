"""The deploy gate: records do not change before every check has data, nor to a target that is down."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.rehearsal.deployed import bootstrapped
from tests.rehearsal.looking import all_on, dns_watched, page_check, server_named, wait
from understudy_failover.operations.bounds import failback_bound, failover_bound
from understudy_failover.operations.interruption import Interruption
from understudy_failover.operations.observation import ServedBy
from understudy_failover.rehearsal.bed import RehearsalBed
from understudy_failover.rehearsal.cdk import Cdk
from understudy_failover.rehearsal.errors import CdkError
from understudy_failover.rehearsal.modes import Mode


@pytest.fixture
def bare(fast_settings: Path) -> Iterator[RehearsalBed]:
    """A test bed on which nothing is deployed."""
    with bootstrapped(fast_settings) as prepared:
        yield prepared


def _refusal(bed: RehearsalBed) -> str:
    with pytest.raises(CdkError) as caught:
        bed.cdk.deploy(print)
    return str(caught.value)


def test_a_first_deploy_with_a_server_down_is_refused_and_leaves_nothing_of_it(bare: RehearsalBed) -> None:
    bare.servers["api"].play(Mode.REFUSES)
    text = _refusal(bare)
    assert re.search(r"understudy-example api is down \(HTTPS api\.example\.org:443/health at 203\.0\.113\.20", text)
    assert "8 × Failure: Connection" in text
    assert "DNS was not changed" in text
    left = bare.aws.resources()
    # The page stands, and its own check with it.
    assert (left["record sets"], left["health checks"]) == ([], [page_check(bare)])

    # In the middle of the outage, on purpose.
    Cdk(bare.aws.environment(), bare.settings_path, bare.settings_path.parent, Interruption()).deploy(
        print, "--context", "accept_outage=true"
    )
    api, web = server_named(bare, "api"), server_named(bare, "web")
    bound = failover_bound(api.health_check, bare.settings.timing).total_seconds
    assert wait(bare, bound, lambda: all_on(bare, api, ServedBy.PAGE))
    assert wait(bare, bound, lambda: all_on(bare, web, ServedBy.SERVER))
    bare.servers["api"].play(Mode.WELL)
    bound = failback_bound(api.health_check, bare.settings.timing).total_seconds
    assert wait(bare, bound, lambda: all_on(bare, api, ServedBy.SERVER))


def test_the_first_answers_after_a_deploy_are_the_servers_own_although_inverted_checks_begin_unhealthy(
    bare: RehearsalBed,
) -> None:
    # Three failures in a row, where the quickest profile takes one: a busy machine is no outage.
    _change(bare, 'profile = "fast"', 'profile = "standard"')
    web = server_named(bare, "web")
    with dns_watched(bare, web) as observations:
        bare.cdk.deploy(print)
        assert wait(bare, 60, lambda: (str(web.ipv4),) in observations)
    assert observations.keys() <= {(), (str(web.ipv4),)}, observations
    assert all(check["healthy"] for check in bare.aws.control.health_checks())

    # A switch that somebody turned on in between: a check that is replaced is not let through.
    bare.switches().put("web", None)
    assert wait(bare, 60, lambda: all_on(bare, web, ServedBy.PAGE))
    before = bare.aws.resources()
    _change(bare, 'profile = "standard"', 'profile = "economy"')
    text = _refusal(bare)
    assert re.search(r"understudy-example switch of web is on \(/\.understudy/switch/web.*× Success", text)
    assert bare.aws.resources() == before, "rolled back to what was there"

    bare.switches().remove("web")
    assert wait(bare, 200, lambda: all_on(bare, web, ServedBy.SERVER))
    # All checks of a server are replaced by new ones, without an effect for clients.
    with dns_watched(bare, web) as observations:
        bare.cdk.deploy(print)
    assert observations.keys() == {(str(web.ipv4),)}, observations
    replaced = _leaves(bare, before["health checks"])
    assert len(replaced) == len(bare.settings.servers)
    assert replaced.isdisjoint(bare.aws.resources()["health checks"])


def _change(bed: RehearsalBed, old: str, new: str) -> None:
    text = bed.settings_path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    bed.settings_path.write_text(text.replace(old, new), encoding="utf-8")


def _leaves(bed: RehearsalBed, identifiers: list[str]) -> set[str]:
    """Those of `identifiers` that are today no calculated check, no switch (with its own timing), not the page."""
    today = [(check["Id"], check["HealthCheckConfig"]) for check in _checks(bed)]
    remaining = {id_ for id_, config in today if config["Type"] == "CALCULATED" or config.get("Inverted")}
    return set(identifiers) - remaining - {page_check(bed)}


def _checks(bed: RehearsalBed) -> list[dict[str, Any]]:
    checks: list[dict[str, Any]] = bed.aws.client("route53").list_health_checks()["HealthChecks"]
    return checks
