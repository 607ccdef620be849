"""Simulates 10,000 open tabs when a server comes back, as page.js polls: `python -m benchmarks.recovery`.

Writes recovery.svg and recovery.md. Whatever DNS does is left out: it only spreads the arrivals further.
"""

import random
import re
from pathlib import Path

from matplotlib import pyplot as plt

HERE = Path(__file__).parent
SCRIPT = HERE.parent / "maintenance_site" / "page.js"
TABS = 10_000
OUTAGE_SECONDS = 600


def parameters(script: str) -> tuple[float, float, float]:
    """First gap, growth and longest gap in seconds, as they stand in page.js."""
    first = re.search(r"let seconds = (\d+);", script)
    later = re.search(r"plan\(seconds = Math\.min\(seconds \* ([\d.]+), (\d+)\)\)", script)
    jitter = re.search(r"gap \* \(500 \+ Math\.random\(\) \* 1000\)", script)
    if not first or not later or not jitter:
        raise ValueError("page.js polls in another way than this simulation")
    return float(first[1]), float(later[1]), float(later[2])


def arrivals(gaps: tuple[float, float, float], chance: random.Random) -> list[float]:
    """Seconds from the server's return to each tab's first poll, for tabs opened at any moment of the outage."""
    first, growth, longest = gaps
    found = []
    for _ in range(TABS):
        moment, gap = -chance.uniform(0, OUTAGE_SECONDS), first
        while True:
            moment += gap * chance.uniform(0.5, 1.5)
            if moment >= 0:
                break
            gap = min(gap * growth, longest)
        found.append(moment)
    return sorted(found)


def per_second(moments: list[float]) -> list[int]:
    """Arrivals in each second."""
    counts = [0] * (int(moments[-1]) + 1)
    for moment in moments:
        counts[int(moment)] += 1
    return counts


def main() -> None:
    """Writes both files."""
    plt.switch_backend("svg")
    plt.rcParams["svg.hashsalt"] = "understudy"  # the same bytes every time
    gaps = parameters(SCRIPT.read_text(encoding="utf-8"))
    chance = random.Random(10_000)  # noqa: S311 (a simulation that gives the same plot every time)
    moments = arrivals(gaps, chance)
    counts = per_second(moments)
    figure, axes = plt.subplots(figsize=(7, 3))
    axes.bar(range(len(counts)), counts, width=1.0, color="#b45309")
    axes.set_xlabel("seconds since the server answers again")
    axes.set_ylabel("first polls per second")
    axes.set_title(f"{TABS:,} open tabs: peak {max(counts)} per second")
    figure.tight_layout()
    figure.savefig(HERE / "recovery.svg", metadata={"Date": None})
    (HERE / "recovery.md").write_text(
        f"""# When the server comes back

<!-- Written by `python -m benchmarks.recovery`. -->

{TABS:,} tabs, opened at any moment of an outage of {OUTAGE_SECONDS // 60} minutes, as the page polls ({gaps[0]:.0f} s,
growing by {gaps[1]} to {gaps[2]:.0f} s, each gap scattered by half). All at once would be {TABS:,} in one second.

| | |
|---|---|
| busiest second | {max(counts)} polls (HEAD), each followed by one reload |
| half of the tabs | within {moments[TABS // 2]:.0f} s |
| 95 % | within {moments[TABS * 95 // 100]:.0f} s |
| all | within {moments[-1]:.0f} s |

![Polls per second](recovery.svg)

DNS spreads them further: resolvers keep CloudFront's address for up to 60 s.
""",
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
