"""The share of users on the page over time, as an SVG with light and dark colors."""

from collections.abc import Mapping
from html import escape

from understudy_failover.operations.estimate.client_behavior import Arrivals

WIDTH, HEIGHT = 760, 380
LEFT, RIGHT, TOP, BOTTOM = 56, 150, 44, 48
SECONDS = 300
"""Of the axis; later clients keep answers beyond their TTL."""
COLORS = ("#b45309", "#0f766e", "#8b5cf6", "#64748b")
STYLE = """\
text { font: 13px system-ui, sans-serif; fill: #22252b; }
.title { font-size: 15px; font-weight: 600; }
.quiet { fill: #565b66; font-size: 12px; }
.grid { stroke: #e2dfd8; }
.line { fill: none; stroke-width: 2.5; stroke-linejoin: round; }
.bound { stroke-width: 1.5; stroke-dasharray: 4 4; }
@media (prefers-color-scheme: dark) {
  text { fill: #eceef2; }
  .quiet { fill: #a9afbb; }
  .grid { stroke: #32363f; }
}
"""


def plot(lines: Mapping[str, Arrivals], bounds: Mapping[str, int], kind: str) -> str:
    """Return the SVG of `lines` by their names, for a kind of client; `bounds` are seconds until the TTL is over."""
    grid = "".join(
        f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{_y(share):.1f}" y2="{_y(share):.1f}"/>'
        f'<text class="quiet" x="{LEFT - 8}" y="{_y(share) + 4:.1f}" text-anchor="end">{share:.0%}</text>\n'
        for share in (0, 0.25, 0.5, 0.75, 1)
    )
    ticks = "".join(
        f'<text class="quiet" x="{_x(second):.1f}" y="{HEIGHT - BOTTOM + 20}" text-anchor="middle">{second}</text>\n'
        for second in range(0, SECONDS + 1, 30)
    )
    drawn = ""
    for number, (name, arrivals) in enumerate(lines.items()):
        color = COLORS[number % len(COLORS)]
        points = " ".join(f"{_x(second):.1f},{_y(arrivals.share(second)):.1f}" for second in range(SECONDS + 1))
        mark = TOP + 16 + 46 * number
        drawn += (
            f'<line class="bound" stroke="{color}" x1="{_x(bounds[name]):.1f}" x2="{_x(bounds[name]):.1f}" '
            f'y1="{_y(1):.1f}" y2="{_y(0):.1f}"/>\n'
            f'<polyline class="line" stroke="{color}" points="{points}"/>\n'
            f'<line class="line" stroke="{color}" x1="{WIDTH - RIGHT + 14}" x2="{WIDTH - RIGHT + 34}" '
            f'y1="{mark - 4}" y2="{mark - 4}"/>'
            f'<text x="{WIDTH - RIGHT + 40}" y="{mark}">{escape(name)}</text>'
            f'<text class="quiet" x="{WIDTH - RIGHT + 40}" y="{mark + 16}">half: {arrivals.within(0.5)} s</text>\n'
        )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="{escape(_words(lines, kind))}">\n<style>\n{STYLE}</style>\n'
        f'<text class="title" x="{LEFT}" y="22">Share of {escape(kind)} users on the maintenance page</text>\n'
        f"{grid}{ticks}"
        f'<text class="quiet" x="{(LEFT + WIDTH - RIGHT) / 2:.0f}" y="{HEIGHT - 8}" text-anchor="middle">'
        "seconds since the server failed; dashed: bound for resolvers that honor the TTL</text>\n"
        f"{drawn}</svg>\n"
    )


def _x(seconds: float) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * min(seconds, SECONDS) / SECONDS


def _y(share: float) -> float:
    return TOP + (HEIGHT - TOP - BOTTOM) * (1 - share)


def _words(lines: Mapping[str, Arrivals], kind: str) -> str:
    texts = (
        f"{name}: half after {arrivals.within(0.5)} s, 90 % after {arrivals.within(0.9)} s"
        for name, arrivals in lines.items()
    )
    return f"Share of {kind} users on the maintenance page over time. {'; '.join(texts)}."
