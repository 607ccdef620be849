"""`status` tells a dead network of the operator's own machine from dead sites."""

from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest

from understudy_failover.operations.https_client import OWN_RESOLVER
from understudy_failover.operations.observation import Answers, HttpsProbe, ServedBy
from understudy_failover.operations.status import command
from understudy_failover.operations.status.screen import document, screen
from understudy_failover.operations.status.snapshot import (
    FailingResolver,
    HostStatus,
    LocalFault,
    Snapshot,
    blame_resolvers,
    blame_this_machine,
)
from understudy_failover.settings import Settings

SERVED = Answers(("203.0.113.10",), ())
SILENT = Answers((), (), "timed out", silent=True)
NOBODY = HttpsProbe(ServedBy.NOBODY, "no answer in time")
HEALTHY: dict[str, tuple[bool | None, str]] = {"web": (True, "16 × Success"), "api": (True, "16 × Success")}


def seen(settings: Settings, *, network: bool = True, answers: Answers = SERVED, **changes: Any) -> Snapshot:
    probe, resolved = changes.pop("probe", NOBODY), changes.pop("resolved", None)
    found = Snapshot(
        datetime(2026, 11, 29, 3, tzinfo=UTC), positions={}, windows=[], health=changes.pop("health", None)
    )
    found.hosts = [
        HostStatus(host, server, probe, answers, {"192.0.2.53": resolved or answers}, None)
        for server in settings.servers
        for host in server.hosts
    ]
    for name, value in changes.items():
        setattr(found, name, value)
    blame_resolvers(found)
    blame_this_machine(cast(Any, SimpleNamespace(reach=SimpleNamespace(has_network=network))), found)
    return found


def codes(found: Snapshot) -> set[str]:
    return {host.served_by for host in found.hosts}


@pytest.mark.parametrize(
    ("look", "fault"),
    [
        ({"network": False, "answers": SILENT}, "this machine has no network"),
        ({"answers": SILENT}, "this machine has no DNS"),
        ({"health": HEALTHY}, "this machine reaches no host, but Route 53's health checkers do"),
    ],
)
def test_a_fault_of_this_machine_comes_first_and_no_host_is_judged(
    settings: Settings, look: dict[str, Any], fault: str
) -> None:
    found = seen(settings, **look)
    assert codes(found) == {"unknown"}
    lines = screen(found, settings).splitlines()
    assert lines[0].startswith(f"? {fault}")
    assert "✘" not in "\n".join(lines)
    assert document(found, settings)["local_faults"] == [fault.text for fault in found.local_faults]
    assert command.exit_code(found) == 3


@pytest.mark.parametrize(
    "look",
    [
        {},
        {"health": {**HEALTHY, "web": (False, "16 × Failure")}},
        {"answers": SILENT, "probe": replace(NOBODY, trusted=False)},
    ],
)
def test_dead_sites_are_dead_where_this_machine_sees_others(settings: Settings, look: dict[str, Any]) -> None:
    found = seen(settings, **look)
    assert codes(found) == {"nobody"}
    assert found.local_faults == []
    assert command.exit_code(found) == 1


def test_a_host_that_answers_shows_that_the_network_works(settings: Settings) -> None:
    found = seen(settings, network=False, answers=SILENT, probe=HttpsProbe(ServedBy.SERVER, "200", status=200))
    assert found.local_faults == []
    assert command.exit_code(found) == 0


def test_apis_that_cannot_be_reached_are_told_in_one_line(settings: Settings) -> None:
    served = HttpsProbe(ServedBy.SERVER, "200", status=200)
    found = seen(settings, probe=served, positions=None, windows=None, unreachable_apis=2)
    assert screen(found, settings).splitlines()[0].startswith("? this machine cannot reach AWS's APIs")
    assert command.exit_code(found) == 3


FAILED = Answers((), (), "SERVFAIL", failed=True)
UNRESOLVED = HttpsProbe(ServedBy.NOBODY, "no answer", unresolved_by=OWN_RESOLVER)


def test_a_resolver_that_fails_beside_name_servers_that_answer_is_to_blame_and_no_host(settings: Settings) -> None:
    found = seen(settings, probe=UNRESOLVED, resolved=FAILED, health=HEALTHY)
    assert found.local_faults == [FailingResolver("192.0.2.53")]
    assert codes(found) == {"unknown"}
    assert command.exit_code(found) == 3


def test_another_resolver_shows_the_hosts_as_they_are(settings: Settings) -> None:
    """The advice, followed: the client goes where the resolver leads that the operator names."""
    found = seen(settings, probe=HttpsProbe(ServedBy.PAGE, "503", status=503))
    assert (found.local_faults, codes(found), command.exit_code(found)) == ([], {"maintenance page"}, 1)


def test_a_failing_resolver_that_nobody_needs_judges_no_host(settings: Settings) -> None:
    found = seen(settings, probe=HttpsProbe(ServedBy.SERVER, "200", status=200), resolved=FAILED)
    assert found.local_faults == [FailingResolver("192.0.2.53")]
    assert (codes(found), command.exit_code(found)) == ({"server"}, 3)


def test_name_servers_that_fail_too_are_no_fault_of_a_resolver(settings: Settings) -> None:
    found = seen(settings, probe=UNRESOLVED, answers=FAILED)
    assert found.local_faults == []
    assert codes(found) == {"nobody"}


UNREACHED: dict[str, Any] = {"positions": None, "windows": None, "unreachable_apis": 2}
CASES: dict[LocalFault, tuple[str, dict[str, Any], dict[str, Any]]] = {
    LocalFault.NO_NETWORK: ("connect it", {"network": False, "answers": SILENT}, {"answers": SERVED}),
    LocalFault.NO_DNS: ("--resolver 1.1.1.1:53", {"answers": SILENT}, {"answers": SERVED}),
    LocalFault.REACHES_NO_HOST: (
        "check its own network",
        {"health": HEALTHY},
        {"health": HEALTHY, "probe": HttpsProbe(ServedBy.SERVER, "200", status=200)},
    ),
    LocalFault.NO_AWS: ("check its network and AWS_ENDPOINT_URL", UNREACHED, {}),
}


@pytest.mark.parametrize("fault", CASES)
def test_a_fault_of_this_machine_is_gone_after_its_advice_was_followed(settings: Settings, fault: LocalFault) -> None:
    advice, before, after = CASES[fault]
    assert advice in fault.text
    assert fault in seen(settings, **before).local_faults
    assert fault not in seen(settings, **after).local_faults


def test_a_reason_is_told_once_for_all_hosts_of_a_server(settings: Settings) -> None:
    found = seen(settings, probe=HttpsProbe(ServedBy.PAGE, "503", status=503))
    found.hosts = [replace(host, why=f"the switch of {host.server.name} is on") for host in found.hosts]
    text = screen(found, settings)
    assert [text.count(f"why: the switch of {server.name} is on") for server in settings.servers] == [1, 1]
