"""`understudy page FOLDER`: render every variant of every page, and an index of them."""

import argparse
import sys
from datetime import UTC, datetime, timedelta
from html import escape
from pathlib import Path
from typing import Any

from understudy_failover.page import Window, html, plain, sites
from understudy_failover.settings import load
from understudy_failover.settings.page_folder import FOLDER


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "page",
        help="render every variant of the maintenance page to a folder",
        description=__doc__,
        epilog="example:\n  understudy page pages.out\n",
    )
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="is made, or written over")
    parser.add_settings_option()
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    if arguments.folder.resolve() == (arguments.settings.parent / FOLDER).resolve():
        print(
            f"{arguments.folder} holds what pages are made from; name another folder to write them to", file=sys.stderr
        )
        return 2
    settings = load(arguments.settings)
    now = datetime.now(UTC)
    windows = {
        "unplanned": None,
        "planned": Window(),
        "planned-until": Window(now + timedelta(hours=3)),
        "planned-late": Window(now - timedelta(minutes=5)),
    }
    rows = []
    for site in sites(settings):
        for language in site.page.languages:
            links = []
            for state, window in windows.items():
                name = f"{site.folder.strip('.')}/{language}-{state}"
                (arguments.folder / name).parent.mkdir(parents=True, exist_ok=True)
                for end, text in (("html", html), ("txt", plain)):
                    (arguments.folder / f"{name}.{end}").write_text(text(site.page, language, window), "utf-8")
                links.append(f'<a href="{escape(name)}.html">{state}</a> (<a href="{escape(name)}.txt">text</a>)')
            hosts = ", ".join(site.hosts) or "any other name"
            cells = (escape(hosts), language, *links)
            rows.append(f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>\n")
    index = arguments.folder / "index.html"
    index.write_text(
        '<!DOCTYPE html>\n<html lang="en"><meta charset="utf-8"><meta name="color-scheme" content="light dark">'
        f"<title>Pages of {escape(settings.app)}</title>\n<h1>Pages of {escape(settings.app)}</h1>\n"
        f"<table>\n{''.join(rows)}</table></html>\n",
        encoding="utf-8",
    )
    print(f"{4 * len(rows)} pages, and as many texts: {index}")
    return 0
