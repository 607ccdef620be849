"""The test bed that the modules of a worker use one after the other."""

from contextlib import ExitStack
from pathlib import Path

from tests.rehearsal.deployed import bootstrapped
from tests.rehearsal.verifying import findings
from understudy_failover.rehearsal.modes import Mode
from understudy_failover.rehearsal.stage import Stage


class SharedStage:
    """Deployed at the first use."""

    def __init__(self) -> None:
        self._exits = ExitStack()
        self._stage: Stage | None = None

    def stage(self, settings: Path) -> Stage:
        """Return the running test bed."""
        if self._stage is None:
            with ExitStack() as exits:
                stage = exits.enter_context(bootstrapped(settings))
                stage.cdk.deploy(print)
                stage.wait_for_health_checks()
                # Only what is deployed is for the next module, too.
                self._stage, self._exits = stage, exits.pop_all()
        return self._stage

    def close(self) -> None:
        """End it, if it runs."""
        self._stage = None
        self._exits.close()


def assert_steady(stage: Stage) -> None:
    """Undo what a test does to servers, switches and services, and fail if anything else is not as deployed."""
    stage.aws.control.clear_faults()
    stage.aws.control.start_services()
    stage.aws.control.mend_edge()
    for server in stage.settings.servers:
        stage.servers[server.name].play(Mode.WELL)
        for switch in stage.settings.switches_of(server):
            stage.switches().remove(switch)
    stage.wait_for_health_checks()
    assert [finding for finding in findings(stage) if finding.verdict != "passed"] == []
