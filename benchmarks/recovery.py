"""Simulate 10,000 open tabs at the return of a server, as page.js polls: `python -m benchmarks.recovery`.

Writes recovery.svg and recovery.md. DNS is not simulated; it only spreads the arrivals more.
"""

import random
import re
from pathlib import Path

HERE = Path(__file__).parent
SCRIPT = HERE.parent / "maintenance_site" / "page.js"
TABS = 10_000
OUTAGE_SECONDS = 600


Gap = tuple[float, float]
"""The shortest and the longest, in seconds."""


def parameters(script: str) -> tuple[Gap, Gap]:
    """Return the first gap and the later ones of page.js."""
    first = re.search(r"plan\(again \? rest : (\w+) \+ Math\.random\(\) \* (\w+)\);", script)
    later = re.search(r"plan\(slow \? rest : (\w+) \+ Math\.random\(\) \* (\w+)\);", script)
    if not first or not later:
        raise ValueError("page.js does not poll as this simulation does; adapt the simulation")
    shortest, longest = (
        (float(match[1]) / 1000, (float(match[1]) + float(match[2])) / 1000) for match in (first, later)
    )
    return shortest, longest


def arrivals(gaps: tuple[Gap, Gap], chance: random.Random) -> list[float]:
    """Return the seconds from the server's return to each tab's first poll; tabs open at random times of the outage."""
    first, later = gaps
    arrival_times = []
    for _ in range(TABS):
        timestamp = -chance.uniform(0, OUTAGE_SECONDS) + chance.uniform(*first)
        while timestamp < 0:
            timestamp += chance.uniform(*later)
        arrival_times.append(timestamp)
    return sorted(arrival_times)


def per_second(timestamps: list[float]) -> list[int]:
    counts = [0] * (int(timestamps[-1]) + 1)
    for timestamp in timestamps:
        counts[int(timestamp)] += 1
    return counts


def main() -> None:
    from matplotlib import pyplot as plt  # noqa: PLC0415 (slow to import, and not needed by tests)

    plt.switch_backend("svg")
    plt.rcParams["svg.hashsalt"] = "understudy"  # the same bytes every time
    first, later = gaps = parameters(SCRIPT.read_text(encoding="utf-8"))
    chance = random.Random(10_000)  # noqa: S311 (a simulation that gives the same plot every time)
    timestamps = arrivals(gaps, chance)
    counts = per_second(timestamps)
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
| half of the tabs | within {timestamps[TABS // 2]:.0f} s |
| 95 % | within {timestamps[TABS * 95 // 100]:.0f} s |
| all | within {timestamps[-1]:.0f} s |

![Polls per second](recovery.svg)

DNS spreads them further: resolvers keep CloudFront's address for up to 60 s.
""",
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
