"""Writes fail_back.md from fail_back.json: `python -m benchmarks.fail_back_page`."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from understudy_failover.page.page import digest, script

FIGURES = Path(__file__).parent / "fail_back.json"
PAGE = FIGURES.with_suffix(".md")
LIMIT_SECONDS = {"Chromium": 240, "Firefox": 240, "WebKitGTK": 420}
AT_ONCE = {"Chromium": 3, "Firefox": 3, "WebKitGTK": 4}
"""Tabs that run at the same time. Ten together: the machine's load must not delay the aborts."""
PRIORITY = -10
"""The niceness of browsers and servers, for machines that do other work too."""
SHARES = (0.5, 0.95, 1)
"""Median, 95 % and longest."""

Browsers = Mapping[str, Any]
"""By name, what fail_back.json has of each; null seconds are never."""


def figures() -> dict[str, Any]:
    """Return the content of fail_back.json; empty before the first run."""
    return dict(json.loads(FIGURES.read_text("utf-8"))) if FIGURES.exists() else {}


def write(measured: Browsers) -> None:
    """Write both files; browsers that `measured` lacks keep their figures."""
    browsers = {**figures(), **measured}
    FIGURES.write_text(json.dumps(browsers, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    PAGE.write_text(page(browsers), encoding="utf-8")


def page(browsers: Browsers) -> str:
    """Return the text of fail_back.md."""
    return f"""# Fail-back in three browsers

<!-- Written by `python -m benchmarks.fail_back_page` from fail_back.json. -->

Seconds from the DNS flip to the site. Real time, no proxy, own DNS (TTL 60 s, as aliases to CloudFront have) in a
network namespace. The edge speaks HTTP/1.1 and never closes a connection. Each tab's name flips at a random moment, so
the phase of polls and of the browser's own DNS cache is random. *Before*: page.js until 2026-11-29. *After*: page.js of
the run. Both ran at the same time. 95 % by nearest rank.

| browser | version | date | minutes | load of the machine: least, median, most | page.js |
|---|---|---|---|---|---|
{_table(_runs(browsers))}

About {sum(AT_ONCE.values())} tabs ran at once. Other work ran on the same processors; browsers and servers had
priority {PRIORITY}.

## Tab in the foreground: from the flip to the site

| browser | page | tabs | median | 95 % | longest | never | first lookup: median | 95 % | requests a minute |
|---|---|---|---|---|---|---|---|---|---|
{_table(_rows(browsers, background=False))}

*Never*: not within {LIMIT_SECONDS["Chromium"]} s, WebKitGTK {LIMIT_SECONDS["WebKitGTK"]} s. *First lookup*: the first
question of this browser that DNS answers with the server's address; no page can come back before.

**What cannot be cured.** Chromium and Firefox keep an address for 60 s, whatever its TTL and whatever a page asks
(tried: every cache mode of `fetch`, and a page that reloads itself; no question to DNS within 60 s). A name that flips
at a random moment is therefore first looked up 30 s later at the median and 57 s at 95 %, at the best. The page's two
gaps of 30.6 s are that best. So no page can meet a target of 45 s at 95 %. Nearly every tab was on the site within 2 s
of the first lookup. WebKitGTK keeps an address until 5 minutes after the last connection to it.
And an abort has to reach the browser's network process within a round trip, here 20 ms: on a machine with many more
runnable processes than processors it often does not, in Firefox above all, and the next poll is 30 s later.

## Tab in the background: from when it is shown to the site

| browser | page | tabs | median | 95 % | longest | never |
|---|---|---|---|---|---|---|
{_table(_rows(browsers, background=True))}

A background tab does not ask. These were hidden 90 s (WebKitGTK 330 s) or longer before they were shown.
"""


def _runs(browsers: Browsers) -> Iterator[list[Any]]:
    for name, run in sorted(browsers.items()):
        loads = f"{', '.join(map(str, run['loads']))} on {run['processors']} processors"
        yield [
            *(name, run["version"], run["date"], run["minutes"], loads),
            "today's" if run["page_js"] == digest(script()) else run.get("older", "**older: run it again**"),
        ]


def _rows(browsers: Browsers, *, background: bool) -> Iterator[list[Any]]:
    for name, run in sorted(browsers.items()):
        for row in sorted(run["rows"], key=lambda row: row["page"] != "before"):
            if row["background"] is background:
                counted = [name, row["page"], row["tabs"], *row["seconds"], row["never"]]
                yield counted if background else [*counted, *row["lookup_seconds"][:2], row["requests_per_minute"]]


def _table(rows: Iterator[list[Any]]) -> str:
    return "\n".join(f"| {' | '.join('never' if cell is None else str(cell) for cell in row)} |" for row in rows)


if __name__ == "__main__":
    write({})
