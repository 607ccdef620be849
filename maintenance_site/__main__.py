"""`python -m maintenance_site FOLDER`: renders every variant of every page, and an index to look at them."""

import argparse
import sys
from datetime import UTC, datetime, timedelta
from html import escape
from pathlib import Path

from maintenance_site import Window, html, plain, sites
from settings import SettingsError, load
from settings.page_folder import FOLDER

ROOT = Path(__file__).parent.parent


def main() -> int:
    """Exit code 0, or 1 with everything that is wrong with the settings."""
    parser = argparse.ArgumentParser(prog="python -m maintenance_site", description=__doc__)
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="is made, or written over")
    parser.add_argument("--settings", type=Path, default=ROOT / "failover.toml", metavar="FILE")
    arguments = parser.parse_args()
    if arguments.folder.resolve() == (arguments.settings.parent / FOLDER).resolve():
        parser.error(f"{arguments.folder} holds what pages are made from; name another folder to write them to")
    try:
        settings = load(arguments.settings)
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 1
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


if __name__ == "__main__":
    sys.exit(main())
