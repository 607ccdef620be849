"""`understudy docs [PAGE]`: the pages that messages name, for a repository that has no docs/."""

import argparse
import sys
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markdown import Markdown

from understudy_failover.owner.sources import source

EXAMPLES = """\
examples:
  understudy docs                        # which pages there are
  understudy docs permissions            # one of them, for reading
  understudy docs permissions > page.md  # as Markdown
"""


def pages() -> dict[str, Path]:
    return {file.stem: file for file in sorted(source("docs").glob("*.md"))}


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "docs",
        help="print a page of the documentation, such as one that a message names",
        description="Print a page of the documentation; without PAGE, list the pages.",
        epilog=EXAMPLES,
    )
    parser.add_argument("page", nargs="?", choices=tuple(pages()), metavar="PAGE", help="default: list the pages")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    files = pages()
    if arguments.page is None:
        width = max(map(len, files))
        for name, file in files.items():
            heading = file.read_text(encoding="utf-8").partition("\n")[0]
            print(f"{name:{width}}  {heading.lstrip('# ')}")
        return 0
    text = files[arguments.page].read_text(encoding="utf-8")
    if sys.stdout.isatty():
        Console(emoji=False).print(Markdown(text))
    else:
        print(text, end="")
    return 0
