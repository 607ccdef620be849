"""`understudy page FOLDER`: render every variant of every page, and an index of them."""

import argparse
import errno
import os
import sys
from datetime import UTC, datetime, timedelta
from html import escape
from pathlib import Path
from typing import Any

from understudy_failover.contract.printable import printable
from understudy_failover.operations.files import write_atomically
from understudy_failover.page import Window, html, plain, sites
from understudy_failover.settings import Settings, load
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
    # Not `resolve`: it raises for a link to itself.
    if os.path.realpath(arguments.folder) == os.path.realpath(arguments.settings.parent / FOLDER):
        print(
            f"{arguments.folder} holds what pages are made from; name another folder to write them to", file=sys.stderr
        )
        return 2
    settings = load(arguments.settings)
    try:
        _write(arguments.folder, settings)
    except OSError as error:
        print(f"{printable(str(error.filename))}: {error.strerror}; name another folder", file=sys.stderr)
        return 1
    return 0


def _write(folder: Path, settings: Settings) -> None:
    """Write pages and index. Raise OSError where that is not possible, or a link would lead them elsewhere."""
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
                if (folder / name).parent.is_symlink():
                    raise FileExistsError(errno.EEXIST, "a link", str((folder / name).parent))
                for end, text in (("html", html), ("txt", plain)):
                    write_atomically(folder / f"{name}.{end}", text(site.page, language, window))
                links.append(f'<a href="{escape(name)}.html">{state}</a> (<a href="{escape(name)}.txt">text</a>)')
            hosts = ", ".join(site.hosts) or "any other name"
            cells = (escape(hosts), language, *links)
            rows.append(f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>\n")
    index = folder / "index.html"
    write_atomically(
        index,
        '<!DOCTYPE html>\n<html lang="en"><meta charset="utf-8"><meta name="color-scheme" content="light dark">'
        f"<title>Pages of {escape(settings.app)}</title>\n<h1>Pages of {escape(settings.app)}</h1>\n"
        f"<table>\n{''.join(rows)}</table></html>\n",
    )
    print(f"{4 * len(rows)} pages, and as many texts: {printable(str(index))}")
