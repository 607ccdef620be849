"""The test bed that the modules of a worker use one after the other."""

from contextlib import ExitStack
from pathlib import Path

from tests.rehearsal.deployed import bootstrapped
from tests.rehearsal.verifying import findings
from understudy_failover.rehearsal.bed import RehearsalBed
from understudy_failover.rehearsal.modes import Mode


class SharedBed:
    """Deployed at the first use."""

    def __init__(self) -> None:
        self._exits = ExitStack()
        self._bed: RehearsalBed | None = None

    def bed(self, settings: Path) -> RehearsalBed:
        """Return the running test bed."""
        if self._bed is None:
            with ExitStack() as exits:
                bed = exits.enter_context(bootstrapped(settings))
                bed.cdk.deploy(print)
                bed.wait_for_health_checks()
                # Only what is deployed is for the next module, too.
                self._bed, self._exits = bed, exits.pop_all()
        return self._bed

    def close(self) -> None:
        """End it, if it runs."""
        self._bed = None
        self._exits.close()


def assert_restored(bed: RehearsalBed) -> None:
    """Undo what a test does to servers, switches and services, and fail if anything else is not as deployed."""
    bed.aws.control.clear_faults()
    bed.aws.control.start_services()
    bed.aws.control.restore_edge()
    for server in bed.settings.servers:
        bed.servers[server.name].play(Mode.WELL)
        for switch in bed.settings.switches_of(server):
            bed.switches().remove(switch)
    bed.wait_for_health_checks()
    assert [finding for finding in findings(bed) if finding.verdict != "passed"] == []
