"""Every operation, every call to AWS that it makes, every way in which the call can fail.

The cases are generated: a scenario is run once to see which calls it makes, then once for each of them and each
fault. After each case the same deploy is repeated without a fault, and once more two days later.
"""

import pytest
import trustme

from tests.server_certificate.model.faults import Fault, Kind, faults_of
from tests.server_certificate.model.scenarios import SCENARIOS, Scenario, World, issue
from tests.server_certificate.requests import Issued

VERSIONS = ("0" * 32, "1" * 32, "2" * 32)
CASES_AT_LEAST = 10
"""In the smallest scenario; `make test ARGS='-rP -k no_fault_of_any_call'` prints how many there are of each."""

Call = tuple[int, int, str]
"""Invocation, number in it, operation."""


@pytest.fixture(scope="module")
def certificates() -> list[Issued]:
    """The certificate in use, its renewal, and one more."""
    authority = trustme.CA().create_child_ca()
    return [issue(authority, version) for version in VERSIONS]


def faults_in(scenario: Scenario, certificates: list[Issued]) -> list[Fault]:
    """Every fault that can befall a call of the scenario."""
    with pytest.MonkeyPatch.context() as patch:
        world = World(list(certificates), patch)
        scenario.prepare(world)
        before = len(world.aws.calls)
        scenario.run(world)
        assert world.violations() == []
        calls = world.aws.calls[before:]
    repeated: dict[tuple[int, str], list[Call]] = {}
    for invocation, number, operation in calls:
        repeated.setdefault((invocation, operation), []).append((invocation, number, operation))
    # A loop that waits asks the same again and again: its first rounds and the last one differ, the others do not.
    chosen = [call for asked in repeated.values() for call in {*asked[:4], asked[-1]}]
    return [fault for call in sorted(chosen) for fault in faults_of(*call)]


def failures_of(scenario: Scenario, fault: Fault, certificates: list[Issued]) -> list[str]:
    """What goes wrong in one case."""
    with pytest.MonkeyPatch.context() as patch:
        world = World(list(certificates), patch)
        try:
            scenario.prepare(world)
            world.aws.fault = fault
            scenario.run(world)
            violations = world.violations()
            world.aws.fault = None
            if scenario.wanted is None:
                violations += _destroyed(world)
            else:
                violations += _converges(world, scenario.wanted)
        except AssertionError as error:
            violations = [f"{type(error).__name__}: {error} {error.__cause__ or ''}"]
    return [f"{fault}: {fault_text}" for fault_text in violations]


def _converges(world: World, wanted: int) -> list[str]:
    certificate = world.certificates[wanted]
    violations = []
    if not world.stack.deploy(certificate):
        violations.append(f"the next deploy fails: {world.stack.outputs[-2]}")
    if world.stack.attached != certificate.name:
        violations.append(f"after the next deploy the distribution has {world.stack.attached}")
    violations += world.violations()
    world.wait_two_days()
    world.stack.deploy(certificate)
    if left := world.aws.names() - world.foreign() - {certificate.name}:
        violations.append(f"two days later {left} are still there")
    return violations + world.violations()


def _destroyed(world: World) -> list[str]:
    world.time.sleep(3600)
    if not world.stack.destroy():
        return [f"the next destroy fails: {world.stack.outputs[-2]}"]
    return [f"destroy leaves {world.aws.names()}"] if world.aws.names() else []


@pytest.mark.lengthy
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_no_fault_of_any_call_does_lasting_harm(scenario: Scenario, certificates: list[Issued]) -> None:
    faults = faults_in(scenario, certificates)
    assert len(faults) >= CASES_AT_LEAST
    assert [text for fault in faults for text in failures_of(scenario, fault, certificates)] == []
    print(f"{scenario.name}: {len(faults)} cases")


def test_a_renewal_with_five_faults_in_a_row_ends_with_the_right_certificate_and_no_orphan(
    certificates: list[Issued],
) -> None:
    old, new = certificates[:2]
    with pytest.MonkeyPatch.context() as patch:
        world = World(list(certificates), patch)
        assert world.stack.deploy(old)
        for kind, operation, lasting in (
            (Kind.THROTTLED, "GetServerCertificate", True),
            (Kind.ACCESS_DENIED, "GetObject", True),
            (Kind.TIME_OUT, "GetSecretValue", True),
            (Kind.SERVER_ERROR, "UploadServerCertificate", True),
        ):
            # The deploy that meets the fault in its first invocation, and its rollback.
            world.aws.fault = Fault(kind, world.aws.invocation + 1, 0, operation, lasting)
            assert not world.stack.deploy(new)
            assert world.stack.attached == old.name
            assert world.violations() == []
        lost = Fault(Kind.LOST_RESPONSE, world.aws.invocation + 1, 0, "UploadServerCertificate", True)
        world.aws.fault = lost
        assert world.stack.deploy(new)
        assert (world.stack.attached, world.aws.names()) == (new.name, {new.name})
        assert world.violations() == []


def test_a_fault_that_is_asked_for_does_befall_its_call(certificates: list[Issued]) -> None:
    """Else nothing here would be tested."""
    scenario = SCENARIOS[0]
    denied = [
        fault for fault in faults_in(scenario, certificates) if fault.kind is Kind.ACCESS_DENIED and fault.lasting
    ]
    messages = []
    for fault in denied:
        with pytest.MonkeyPatch.context() as patch:
            world = World(list(certificates), patch)
            world.aws.fault = fault
            scenario.run(world)
            messages.append("AccessDenied" in "".join(world.stack.outputs))
    assert messages
    assert all(messages)


def test_the_canary_would_be_seen(certificates: list[Issued]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        world = World(list(certificates), patch)
        assert world.violations() == []
        body = certificates[0].key.split("\n")[1]
        world.stack.outputs.append(f"…{body[3:19]}…")
        assert len(world.violations()) == 1
        world.stack.outputs[-1] = f"…{body[3:18]}…"
        assert world.violations() == []
