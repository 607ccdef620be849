"""The rehearsal: deploy, drill an outage and the maintenance switch, destroy."""

from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from understudy_failover.operations import record, report
from understudy_failover.operations.drill import OUTAGE, SWITCH, Cause, Drill, Observations, Outage
from understudy_failover.operations.interruption import Interruption
from understudy_failover.operations.journal import Journal, Kind
from understudy_failover.operations.timeline import Timeline
from understudy_failover.rehearsal.bed import RehearsalBed, ServerOutage, SwitchOutage
from understudy_failover.rehearsal.deployment import deploy
from understudy_failover.rehearsal.display import display
from understudy_failover.rehearsal.modes import Mode
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
        bed = RehearsalBed(settings_path, rate=rate, interruption=interruption, synthesize=True)
        servers = bed.chosen_servers(names)
        report.prepare(folder)
        view = exits.enter_context(display())
        with view.step("embedded AWS, sample servers, throwaway certificate"):
            exits.enter_context(bed)
        deploy(bed, view)
        journal, began_at = Journal(bed.clock, view.entry), datetime.now(UTC)
        owners = {host.name: server for server in bed.settings.servers for host in server.hosts}
        timeline = Timeline(owners, lambda: journal.elapsed_seconds)

        def see(observations: Observations) -> None:
            timeline.see(observations)
            view.observations(observations)

        acts: tuple[tuple[Cause, Outage, Sequence[Server]], ...] = (
            (OUTAGE, ServerOutage(bed, mode), servers),
            # One server is enough, as all switches work alike. A switch for all servers would affect hosts outside the
            # drill.
            (SWITCH, SwitchOutage(bed), servers[:1] if _has_own_switch(bed.settings) else []),
        )
        for cause, outage, played in acts:
            if not played:
                journal.write(Kind.NOTE, "no drill of the switch: [maintenance] gives no server one of its own")
                continue
            Drill(
                bed.settings,
                played,
                outage=outage,
                cause=cause,
                name_server=bed.name_server(),
                client=bed.client(),
                patient_client=bed.patient_client(),
                journal=journal,
                client_behavior=see,
            ).run()
        with view.step("cdk destroy") as progress:
            bed.cdk.destroy(progress)
        if left := bed.leftovers():
            journal.write(Kind.DEVIATED, f"cdk destroy leaves behind: {'; '.join(left)}")
        elif lost := bed.unanswered():
            journal.write(Kind.DEVIATED, f"after cdk destroy not answered by their servers: {', '.join(lost)}")
        else:
            logs = " and the access logs" if bed.settings.access_logs else ""
            journal.write(Kind.CONFIRMED, f"cdk destroy leaves nothing but every host answered by its server{logs}")
        document = record.record(
            journal,
            timeline.spans(),
            bed.settings,
            what="rehearsal",
            servers=tuple(server.name for server in servers),
            began_at=began_at,
            clock_rate=rate,
        )
        if journal.deviations:
            bed.aws.pace.check_all()
    written = report.leave(document, folder)
    print_summary(journal, Console(emoji=False), written)
    return 1 if journal.deviations else 0


def _has_own_switch(settings: Settings) -> bool:
    return settings.has_switches and (settings.maintenance.switches == "per-server" or len(settings.servers) == 1)
