"""A host's timeline in three rows: DNS answers, TLS trust, HTTP answers."""

from collections.abc import Callable, Iterable, Sequence
from html import escape

from understudy_failover.operations.journal import Kind
from understudy_failover.operations.observation import ServedBy
from understudy_failover.operations.record import RecordedEntry
from understudy_failover.operations.timeline import Span

TICKS = 8
"""At most."""
VISIBLE_PERCENT = 0.15
"""Of the width: a short state is visible, too."""
READABLE_PERCENT = 4
"""Of the width: a narrower span has no text."""
STEPS_SECONDS = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1_800, 3_600)
DNS_CLASSES = {"server": "server", "maintenance page": "page", "mixed": "mixed", "none": "nobody"}
TLS_CLASSES = {"trusted": "server", "refused": "nobody", "none": "blank"}
SERVED_BY_CLASSES = {ServedBy.SERVER: "server", ServedBy.PAGE: "page", ServedBy.NOBODY: "nobody"}
SHORT = {"maintenance page": "page", "none": "–"}


class Scale:
    """Seconds of a drill as a share of the width."""

    def __init__(self, seconds: float) -> None:
        self._seconds = max(seconds, 1.0)

    def percent(self, seconds: float) -> float:
        return min(max(100 * seconds / self._seconds, 0), 100)

    def ticks(self) -> list[int]:
        step = next((step for step in STEPS_SECONDS if self._seconds / step <= TICKS), STEPS_SECONDS[-1])
        return list(range(0, int(self._seconds) + 1, step))


def timeline_rows(spans: Sequence[Span], entries: Iterable[RecordedEntry], scale: Scale) -> str:
    """Return the rows with an aria label; every span has its details as a tooltip."""
    acts = [entry for entry in entries if entry.kind is Kind.METHOD]
    marks = "".join(
        f'<i class="act" style="left:{scale.percent(act.at_seconds):.2f}%" title="{escape(_act(act))}"></i>'
        for act in acts
    )
    axis = "".join(f'<span style="left:{scale.percent(tick):.2f}%">{tick}</span>' for tick in scale.ticks())
    return (
        f'<div class="plot" role="img" aria-label="{escape(_words(spans))}">\n'
        + _row("DNS", spans, scale, lambda span: (DNS_CLASSES[span.dns], SHORT.get(span.dns, span.dns)))
        + _row("TLS", spans, scale, lambda span: (TLS_CLASSES[span.tls], SHORT.get(span.tls, span.tls)))
        + _row("HTTP", spans, scale, lambda span: (SERVED_BY_CLASSES[span.on_stage], str(span.status or "no answer")))
        + f'<div class="acts">{marks}</div><div class="axis">{axis}</div></div>\n'
    )


def _row(name: str, spans: Sequence[Span], scale: Scale, classify: Callable[[Span], tuple[str, str]]) -> str:
    pieces: list[tuple[float, float, str, str, list[str]]] = []
    for span in spans:
        kind, text = classify(span)
        title = f"{span.from_seconds:.1f} to {span.to_seconds:.1f} s: {', '.join(span.addresses)} {span.detail}"
        # States that differ in other rows only are one piece here.
        if pieces and pieces[-1][2:4] == (kind, text):
            begin, _, _, _, titles = pieces[-1]
            pieces[-1] = (begin, span.to_seconds, kind, text, [*titles, title])
        else:
            pieces.append((span.from_seconds, span.to_seconds, kind, text, [title]))
    drawn = "".join(
        _piece(kind, text if kind != "blank" else "", "; ".join(titles), scale.percent(begin), scale.percent(end))
        for begin, end, kind, text, titles in pieces
    )
    return f'<div class="host-row"><b>{name}</b><div>{drawn}</div></div>\n'


def _piece(kind: str, text: str, title: str, begin_percent: float, end_percent: float) -> str:
    width = max(end_percent - begin_percent, VISIBLE_PERCENT)
    shown = escape(text) if width >= READABLE_PERCENT else ""
    # A state that begins with the last observation has no length, and would be beyond the edge.
    place = f"left:{min(begin_percent, 100 - width):.2f}%;width:{width:.2f}%"
    return f'<span class="{kind}" style="{place}" title="{escape(title)}">{shown}</span>'


def _act(entry: RecordedEntry) -> str:
    return f"{entry.at_seconds:.1f} s: {entry.text}"


def _words(spans: Sequence[Span]) -> str:
    if not spans:
        return "no observation"
    return "; ".join(
        f"{span.from_seconds:.0f} to {span.to_seconds:.0f} s: DNS {span.dns}, TLS {span.tls}, {span.detail}"
        for span in spans
    )
