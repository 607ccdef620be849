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


Gap = tuple[float, float]
"""The shortest and the longest, in seconds."""


def parameters(script: str) -> tuple[Gap, Gap]:
    """Return the first gap and the later ones, as they stand in page.js."""
    first = re.search(r"plan\(again \? rest : (\w+) \+ Math\.random\(\) \* (\w+)\);", script)
    later = re.search(r"plan\(slow \? rest : (\w+) \+ Math\.random\(\) \* (\w+)\);", script)
    if not first or not later:
        raise ValueError("page.js polls in another way than this simulation")
    shortest, longest = ((float(one[1]) / 1000, (float(one[1]) + float(one[2])) / 1000) for one in (first, later))
    return shortest, longest


def arrivals(gaps: tuple[Gap, Gap], chance: random.Random) -> list[float]:
    """Seconds from the server's return to each tab's first poll, for tabs opened at any moment of the outage."""
    first, later = gaps
    found = []
    for _ in range(TABS):
        moment = -chance.uniform(0, OUTAGE_SECONDS) + chance.uniform(*first)
        while moment < 0:
            moment += chance.uniform(*later)
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
    first, later = gaps = parameters(SCRIPT.read_text(encoding="utf-8"))
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

{TABS:,} tabs, opened at any moment of an outage of {OUTAGE_SECONDS // 60} minutes, as the page polls
({first[0]:.0f} to {first[1]:.0f} s after it was opened, then every {later[0]:.1f} to {later[1]:.1f} s).
All at once would be {TABS:,} in one second.

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
