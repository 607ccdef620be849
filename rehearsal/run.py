"""The rehearsal: deploy, drill an outage and the maintenance switch, destroy."""

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from rich.console import Console

from operations.drill import OUTAGE, SWITCH, Cause, Drill, Outage
from operations.journal import Journal, Kind
from rehearsal.deployment import deploy
from rehearsal.display import display
from rehearsal.interruption import Interruption
from rehearsal.servers import Mode
from rehearsal.stage import FlippedSwitch, Stage, StoppedServer
from rehearsal.summary import print_summary
from settings import Server


def rehearse(settings_path: Path, *, rate: float, mode: Mode, names: Sequence[str]) -> int:
    """Plays the whole rehearsal; 0 if every hypothesis held. No `names` means every server.

    Raises:
        SettingsError, StageError, CdkError: it could not be played.
        Interrupted: a signal came.
    """
    with ExitStack() as exits:
        interruption = exits.enter_context(Interruption())
        stage = Stage(settings_path, rate=rate, interruption=interruption)
        servers = stage.chosen_servers(names)
        shown = exits.enter_context(display())
        with shown.step("embedded AWS, sample servers, throwaway certificate"):
            exits.enter_context(stage)
        deploy(stage, shown)
        journal = Journal(stage.clock, shown.entry)
        acts: tuple[tuple[Cause, Outage, Sequence[Server]], ...] = (
            (OUTAGE, StoppedServer(stage, mode), servers),
            # One is enough: every server's switch is the same thing under another name.
            (SWITCH, FlippedSwitch(stage), servers[:1]),
        )
        for cause, outage, played in acts:
            Drill(
                stage.settings,
                played,
                outage=outage,
                cause=cause,
                name_server=stage.name_server(),
                client=stage.client(),
                patient_client=stage.patient_client(),
                journal=journal,
                audience=shown.sights,
            ).run()
        with shown.step("cdk destroy") as progress:
            stage.cdk.destroy(progress)
        if left := stage.leftovers():
            journal.write(Kind.DEVIATED, f"cdk destroy leaves behind: {'; '.join(left)}")
        elif lost := stage.unanswered():
            journal.write(Kind.DEVIATED, f"after cdk destroy not answered by their servers: {', '.join(lost)}")
        else:
            journal.write(Kind.HELD, "cdk destroy leaves nothing but every host answered by its server")
    print_summary(journal, Console())
    return 1 if journal.deviations else 0
