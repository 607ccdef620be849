"""`status` distinguishes a dead network of the operator's own machine from dead sites."""

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


def snapshot(settings: Settings, *, network: bool = True, answers: Answers = SERVED, **changes: Any) -> Snapshot:
    probe, resolved = changes.pop("probe", NOBODY), changes.pop("resolved", None)
    result = Snapshot(
        datetime(2026, 11, 29, 3, tzinfo=UTC), positions={}, windows=[], health=changes.pop("health", None)
    )
    result.hosts = [
        HostStatus(host, server, probe, answers, {"192.0.2.53": resolved or answers}, None)
        for server in settings.servers
        for host in server.hosts
    ]
    for name, value in changes.items():
        setattr(result, name, value)
    blame_resolvers(result)
    blame_this_machine(cast(Any, SimpleNamespace(reach=SimpleNamespace(has_network=network))), result)
    return result


def codes(result: Snapshot) -> set[str]:
    return {host.served_by for host in result.hosts}


@pytest.mark.parametrize(
    ("facts", "fault"),
    [
        ({"network": False, "answers": SILENT}, "this machine has no network"),
        ({"answers": SILENT}, "this machine has no DNS"),
        ({"health": HEALTHY}, "this machine reaches no host, but Route 53's health checkers do"),
    ],
)
def test_a_fault_of_this_machine_comes_first_and_no_host_is_judged(
    settings: Settings, facts: dict[str, Any], fault: str
) -> None:
    result = snapshot(settings, **facts)
    assert codes(result) == {"unknown"}
    lines = screen(result, settings).splitlines()
    assert lines[0].startswith(f"? {fault}")
    assert "✘" not in "\n".join(lines)
    assert document(result, settings)["local_faults"] == [fault.text for fault in result.local_faults]
    assert command.exit_code(result) == 3


@pytest.mark.parametrize(
    "facts",
    [
        {},
        {"health": {**HEALTHY, "web": (False, "16 × Failure")}},
        {"answers": SILENT, "probe": replace(NOBODY, trusted=False)},
    ],
)
def test_dead_sites_are_dead_where_this_machine_sees_others(settings: Settings, facts: dict[str, Any]) -> None:
    result = snapshot(settings, **facts)
    assert codes(result) == {"nobody"}
    assert result.local_faults == []
    assert command.exit_code(result) == 1


def test_a_host_that_answers_shows_that_the_network_works(settings: Settings) -> None:
    result = snapshot(settings, network=False, answers=SILENT, probe=HttpsProbe(ServedBy.SERVER, "200", status=200))
    assert result.local_faults == []
    assert command.exit_code(result) == 0


def test_apis_that_cannot_be_reached_are_reported_in_one_line(settings: Settings) -> None:
    served = HttpsProbe(ServedBy.SERVER, "200", status=200)
    result = snapshot(settings, probe=served, positions=None, windows=None, unreachable_apis=2)
    assert screen(result, settings).splitlines()[0].startswith("? this machine cannot reach AWS's APIs")
    assert command.exit_code(result) == 3


FAILED = Answers((), (), "SERVFAIL", failed=True)
UNRESOLVED = HttpsProbe(ServedBy.NOBODY, "no answer", unresolved_by=OWN_RESOLVER)


def test_a_resolver_that_fails_beside_name_servers_that_answer_is_to_blame_and_no_host(settings: Settings) -> None:
    result = snapshot(settings, probe=UNRESOLVED, resolved=FAILED, health=HEALTHY)
    assert result.local_faults == [FailingResolver("192.0.2.53")]
    assert codes(result) == {"unknown"}
    assert command.exit_code(result) == 3


def test_another_resolver_shows_the_hosts_as_they_are(settings: Settings) -> None:
    """The advice, followed: the client goes where the resolver leads that the operator names."""
    result = snapshot(settings, probe=HttpsProbe(ServedBy.PAGE, "503", status=503))
    assert (result.local_faults, codes(result), command.exit_code(result)) == ([], {"maintenance page"}, 1)


def test_a_failing_resolver_that_nobody_needs_judges_no_host(settings: Settings) -> None:
    result = snapshot(settings, probe=HttpsProbe(ServedBy.SERVER, "200", status=200), resolved=FAILED)
    assert result.local_faults == [FailingResolver("192.0.2.53")]
    assert (codes(result), command.exit_code(result)) == ({"server"}, 3)


def test_name_servers_that_fail_too_are_no_fault_of_a_resolver(settings: Settings) -> None:
    result = snapshot(settings, probe=UNRESOLVED, answers=FAILED)
    assert result.local_faults == []
    assert codes(result) == {"nobody"}


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
    assert fault in snapshot(settings, **before).local_faults
    assert fault not in snapshot(settings, **after).local_faults


def test_a_reason_is_reported_once_for_all_hosts_of_a_server(settings: Settings) -> None:
    result = snapshot(settings, probe=HttpsProbe(ServedBy.PAGE, "503", status=503))
    result.hosts = [replace(host, why=f"the switch of {host.server.name} is on") for host in result.hosts]
    text = screen(result, settings)
    assert [text.count(f"why: the switch of {server.name} is on") for server in settings.servers] == [1, 1]
