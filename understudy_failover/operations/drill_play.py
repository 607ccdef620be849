"""Plays a drill by the switch on whatever is deployed, and puts everything back, whatever happens."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from understudy_failover.operations.bounds import ALIAS_TTL_SECONDS, switch_off_bound, switch_on_bound
from understudy_failover.operations.drill import KEPT_SECONDS, SWITCH, Drill, Observations
from understudy_failover.operations.interruption import Interrupted, InterruptibleClock, Interruption, SystemClock
from understudy_failover.operations.journal import Entry, Journal, Kind
from understudy_failover.operations.name_server import DnsError
from understudy_failover.operations.observation import ServedBy
from understudy_failover.operations.reach import Reach
from understudy_failover.operations.record import Record, record
from understudy_failover.operations.report import MARKS
from understudy_failover.operations.switch import Switches
from understudy_failover.operations.switch_outage import FAULTS, StuckSwitchError, SwitchOutage
from understudy_failover.operations.terminal import Terminal
from understudy_failover.operations.timeline import Timeline
from understudy_failover.settings import Server, Settings

PROBE_TIMEOUT_SECONDS = 10.0
"""After which nobody answers."""
EXAMINATION_SECONDS = 120
"""More than it takes to ask all kinds of requests of a server's hosts."""


class Talk:
    """Listener and audience of a drill."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._shown: dict[str, ServedBy] = {}

    def entry(self, entry: Entry) -> None:
        self._terminal.say(f"{MARKS[entry.kind]} {entry.at_seconds:6.1f} s  {entry.text}", STYLES[entry.kind])

    def observations(self, observations: Observations) -> None:
        """Print who serves a host, where that has changed."""
        for name, observation in observations.items():
            if self._shown.get(name, ServedBy.SERVER) is not observation.probe.served_by:
                self._terminal.say(f"            {name}: {observation.probe}")
        self._shown = {name: observation.probe.served_by for name, observation in observations.items()}


@dataclass(frozen=True)
class Played:
    record: Record
    interrupted: bool
    """By a signal."""


def longest_seconds(settings: Settings) -> float:
    """That the drill of one server lasts at most, if all goes well."""
    there, back = switch_on_bound(settings.timing), switch_off_bound(settings.timing)
    return ALIAS_TTL_SECONDS + there.total_seconds + EXAMINATION_SECONDS + back.total_seconds + KEPT_SECONDS


def play(settings: Settings, servers: Sequence[Server], *, switches: Switches, reach: Reach, talk: Talk) -> Played:
    """Never raises for what it meets: that stands in the record."""
    began_at = datetime.now(UTC)
    ended = interrupted = False
    # From here on a signal is noticed only where it is safe to stop.
    with Interruption() as interruption:
        journal = Journal(InterruptibleClock(SystemClock(), interruption), talk.entry)
        owners = {host.name: server for server in settings.servers for host in server.hosts}
        timeline = Timeline(owners, lambda: journal.elapsed_seconds)

        def see(observations: Observations) -> None:
            timeline.see(observations)
            talk.observations(observations)

        def ends_at(_: Server) -> datetime:
            return datetime.now(UTC) + timedelta(seconds=longest_seconds(settings))

        ipv6 = reach.has_ipv6
        if not ipv6:
            journal.write(Kind.NOTE, "this machine has no IPv6: what DNS answers is looked at, and not connected to")
        try:
            ended = Drill(
                settings,
                servers,
                outage=SwitchOutage(switches, lambda server: settings.switches_of(server)[0], ends_at),
                cause=SWITCH,
                name_server=reach.authority(settings),
                client=reach.client(PROBE_TIMEOUT_SECONDS),
                patient_client=reach.client(2 * PROBE_TIMEOUT_SECONDS),
                journal=journal,
                client_behavior=see,
                ipv6=ipv6,
            ).run()
        except Interrupted:
            interrupted = True
            bound = switch_off_bound(settings.timing).total_seconds
            journal.write(Kind.NOTE, f"interrupted; the switch is off, and visitors are back within {bound} s")
        except StuckSwitchError as error:
            journal.write(Kind.DEVIATED, str(error))
        except (*FAULTS, DnsError) as error:
            journal.write(Kind.DEVIATED, f"broken off, and the switch is off: {error}")
        drill_record = record(
            journal,
            timeline.spans(),
            settings,
            what="drill",
            servers=tuple(server.name for server in servers),
            began_at=began_at,
            ended=ended,
        )
    return Played(drill_record, interrupted)


STYLES: Mapping[Kind, str] = {
    Kind.CONFIRMED: "green",
    Kind.DEVIATED: "bold red",
    Kind.METHOD: "yellow",
    Kind.INCONCLUSIVE: "yellow",
    Kind.NOTE: "dim",
}
