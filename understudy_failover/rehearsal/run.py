"""The rehearsal: deploy, drill an outage and the maintenance switch, destroy."""

from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from understudy_failover.operations import record, report
from understudy_failover.operations.drill import OUTAGE, SWITCH, Cause, Drill, Outage, Sights
from understudy_failover.operations.interruption import Interruption
from understudy_failover.operations.journal import Journal, Kind
from understudy_failover.operations.timeline import Timeline
from understudy_failover.rehearsal.deployment import deploy
from understudy_failover.rehearsal.display import display
from understudy_failover.rehearsal.modes import Mode
from understudy_failover.rehearsal.stage import FlippedSwitch, Stage, StoppedServer
from understudy_failover.rehearsal.summary import print_summary
from understudy_failover.settings import Server, Settings


def rehearse(settings_path: Path, *, rate: float, mode: Mode, names: Sequence[str], folder: Path) -> int:
    """Play the whole rehearsal for the servers `names`, or all; return 0 if every hypothesis held.

    It writes report and journal to `folder`.

    Raises:
        SettingsError, StageError, CdkError: it could not be played.
        MachineTooSlowError: this machine could not keep up.
        ReportError: the report cannot be written.
        Interrupted: a signal came.
    """
    with ExitStack() as exits:
        interruption = exits.enter_context(Interruption())
        stage = Stage(settings_path, rate=rate, interruption=interruption, synthesize=True)
        servers = stage.chosen_servers(names)
        report.prepare(folder)
        view = exits.enter_context(display())
        with view.step("embedded AWS, sample servers, throwaway certificate"):
            exits.enter_context(stage)
        deploy(stage, view)
        journal, began_at = Journal(stage.clock, view.entry), datetime.now(UTC)
        owners = {host.name: server for server in stage.settings.servers for host in server.hosts}
        timeline = Timeline(owners, lambda: journal.elapsed_seconds)

        def see(sights: Sights) -> None:
            timeline.see(sights)
            view.sights(sights)

        acts: tuple[tuple[Cause, Outage, Sequence[Server]], ...] = (
            (OUTAGE, StoppedServer(stage, mode), servers),
            # One server is enough, as all switches work alike. A switch for all servers would affect hosts outside the
            # drill.
            (SWITCH, FlippedSwitch(stage), servers[:1] if _has_own_switch(stage.settings) else []),
        )
        for cause, outage, played in acts:
            if not played:
                journal.write(Kind.NOTE, "no drill of the switch: [maintenance] gives no server one of its own")
                continue
            Drill(
                stage.settings,
                played,
                outage=outage,
                cause=cause,
                name_server=stage.name_server(),
                client=stage.client(),
                patient_client=stage.patient_client(),
                journal=journal,
                audience=see,
            ).run()
        with view.step("cdk destroy") as progress:
            stage.cdk.destroy(progress)
        if left := stage.leftovers():
            journal.write(Kind.DEVIATED, f"cdk destroy leaves behind: {'; '.join(left)}")
        elif lost := stage.unanswered():
            journal.write(Kind.DEVIATED, f"after cdk destroy not answered by their servers: {', '.join(lost)}")
        else:
            logs = " and the access logs" if stage.settings.access_logs else ""
            journal.write(Kind.HELD, f"cdk destroy leaves nothing but every host answered by its server{logs}")
        document = record.record(
            journal,
            timeline.spans(),
            stage.settings,
            what="rehearsal",
            servers=tuple(server.name for server in servers),
            began_at=began_at,
            clock_rate=rate,
        )
        if journal.deviations:
            stage.aws.keeping_up.check_all()
    written = report.leave(document, folder)
    print_summary(journal, Console(), written)
    return 1 if journal.deviations else 0


def _has_own_switch(settings: Settings) -> bool:
    return settings.has_switches and (settings.maintenance.switches == "per-server" or len(settings.servers) == 1)
