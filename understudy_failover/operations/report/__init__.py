"""A record as one HTML file for a ticket, without scripts and requests, in light and dark."""

from datetime import timedelta
from html import escape
from pathlib import Path
from string import Template

from understudy_failover.operations.files import write_atomically
from understudy_failover.operations.journal import Kind, Measurement
from understudy_failover.operations.record import Record, RecordedHost, RecordedMeasurement
from understudy_failover.operations.report.timeline_rows import Scale, timeline_rows

FOLDER = Path(__file__).parent
MARKS = {Kind.CONFIRMED: "✔", Kind.DEVIATED: "✘", Kind.INCONCLUSIVE: "?", Kind.METHOD: "▶", Kind.NOTE: "·"}
OUTCOMES = {
    "held": "Every hypothesis held",
    "inconclusive": "No hypothesis failed; some are inconclusive",
    "deviated": "Not every hypothesis held",
    "broken off": "Aborted",
}


class ReportError(Exception):
    """A report cannot be written; the text says why and what to do."""


def html(record: Record) -> str:
    # Up to the last observation: a rehearsal then still removes its resources.
    scale = Scale(max((span.to_seconds for host in record.hosts for span in host.spans), default=record.seconds))
    ended_at = record.began_at + timedelta(seconds=record.seconds / record.clock_rate)
    return Template(_read("report.html")).substitute(
        style=_read("report.css"),
        title=escape(f"{record.what.capitalize()} of {record.app}"),
        outcome=escape(OUTCOMES[_outcome(record)]),
        outcome_class="held" if record.outcome == "held" else "deviated",
        counts=_counts(record),
        servers=escape(", ".join(record.servers) or "none"),
        began_at=f"{record.began_at:%Y-%m-%d %H:%M:%S %Z}",
        ended_at=f"{ended_at:%H:%M:%S %Z}",
        profile=escape(record.profile),
        clock=_clock(record),
        measurements="".join(map(_measurement, record.measurements))
        or '<tr><td colspan="4">No measurements.</td></tr>\n',
        hosts="".join(_server(record, name, scale) for name in _servers(record)),
        entries="".join(
            f'<li class="{entry.kind}"><time>{entry.at_seconds:.1f} s</time> <b>{MARKS[entry.kind]}</b> '
            f"<span>{escape(entry.text)}</span></li>\n"
            for entry in record.entries
        ),
    )


def prepare(folder: Path) -> None:
    """Make sure, before the drill begins, that a report can be written into `folder`. Raise ReportError."""
    try:
        write_atomically(folder / ".empty", "")
        (folder / ".empty").unlink()
    except OSError as error:
        raise ReportError(f"{folder}: no report can be written there: {error.strerror}; name another folder") from error


def leave(record: Record, folder: Path, name: str = "") -> Path:
    """Write journal and report into `folder`, `name` before their file names; return the report's path. Raise
    ReportError.
    """
    path = folder / f"{name}report.html"
    try:
        write_atomically(folder / f"{name}journal.json", record.model_dump_json(indent=2) + "\n")
        write_atomically(path, html(record))
    except OSError as error:
        raise ReportError(f"{path} cannot be written: {error.strerror}") from error
    return path


def _outcome(record: Record) -> str:
    undecided = any(entry.kind is Kind.INCONCLUSIVE for entry in record.entries)
    return "inconclusive" if record.outcome == "held" and undecided else record.outcome


def _counts(record: Record) -> str:
    held_count = sum(entry.kind is Kind.CONFIRMED for entry in record.entries)
    deviated = sum(entry.kind is Kind.DEVIATED for entry in record.entries)
    inconclusive = sum(entry.kind is Kind.INCONCLUSIVE for entry in record.entries)
    return f"{held_count} held, {deviated} did not" + (f", {inconclusive} inconclusive" if inconclusive else "")


def _clock(record: Record) -> str:
    if record.clock_rate == 1:
        return "real"
    return f"of the embedded AWS, up to {record.clock_rate:g} times as fast as real"


def _measurement(measurement: RecordedMeasurement) -> str:
    # The bar ends at the bound, or at a later measurement.
    longest = max(measurement.bound_seconds, measurement.within_seconds) or 1
    after, within, bound = (
        100 * value / longest
        for value in (measurement.after_seconds, measurement.within_seconds, measurement.bound_seconds)
    )
    return (
        f'<tr class="{_kind(measurement)}"><th scope="row">{escape(measurement.what)}</th>'
        f"<td>{measurement.after_seconds:.0f} to {measurement.within_seconds:.0f}</td>"
        f"<td>{measurement.bound_seconds}</td>"
        f'<td class="bar" aria-hidden="true"><span style="width:{max(after, 0):.2f}%"></span>'
        f'<i style="left:{max(after, 0):.2f}%;width:{max(within - after, 0.7):.2f}%"></i>'
        f'<em style="left:{bound:.2f}%"></em></td></tr>\n'
    )


def _kind(measurement: RecordedMeasurement) -> Kind:
    return Measurement(
        measurement.what, measurement.after_seconds, measurement.within_seconds, measurement.bound_seconds
    ).kind


def _servers(record: Record) -> list[str]:
    """Return the servers, those with a played outage first."""
    every = dict.fromkeys(host.server for host in record.hosts)
    return sorted(every, key=lambda name: name not in record.servers)


def _server(record: Record, name: str, scale: Scale) -> str:
    played = "" if name in record.servers else " <small>not failed over in this drill</small>"
    hosts = "".join(_host(host, record, scale) for host in record.hosts if host.server == name)
    return f"<h3>{escape(name)}{played}</h3>\n{hosts}"


def _host(host: RecordedHost, record: Record, scale: Scale) -> str:
    rows = "".join(
        f"<tr><td>{span.from_seconds:.1f}–{span.to_seconds:.1f} s</td><td>{escape(span.dns)}: "
        f"{escape(', '.join(span.addresses)) or 'no address'}</td><td>{span.tls}</td>"
        f"<td>{escape(span.on_stage)} ({escape(span.detail)})</td></tr>\n"
        for span in host.spans
    )
    return (
        f'<section class="host"><h4>{escape(host.name)}</h4>\n{timeline_rows(host.spans, record.entries, scale)}'
        "<details><summary>as a table</summary><table><thead><tr><th>when</th><th>DNS answers</th><th>TLS</th>"
        f"<th>served by</th></tr></thead><tbody>\n{rows}</tbody></table></details></section>\n"
    )


def _read(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")
