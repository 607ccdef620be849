"""Writes docs/configuration.md from the models of failover.toml: `python -m docs.generate_configuration`."""

import json
from collections.abc import Iterator
from inspect import getdoc
from pathlib import Path

from understudy_failover.settings import Settings
from understudy_failover.settings.keys import DescribedKey, Location, described_keys, table_model, where

PAGE = Path(__file__).parent / "configuration.md"

HEAD = """\
# failover.toml

<!-- Written by `python -m docs.generate_configuration`. Do not edit: change the models in settings/. -->

The one file an operator edits; `failover.toml` in the root folder is a working example. It is UTF-8
[TOML](https://toml.io). `cdk deploy -c settings=FILE` names another one; `certificates/` and `pages/` are
looked for beside it. Every mistake in it, in the certificate it names and in the folders of pages is reported
at once, before anything is deployed. An unknown key is a mistake.

`pages/default/`, and `pages/NAME/` for each of `[[pages]]`, may hold `logo.svg` (plain shapes without
`class`, at most 2,048 bytes) and own words as `LANGUAGE.toml`, each table and key of which may be left out:

```toml
[planned]
title = "Stock-taking today"       # 1 to 80 characters
message = "The shop opens again tomorrow."
[unplanned]
title = "The shop is unreachable"
```
"""


def page() -> str:
    """The whole reference page."""
    return "\n".join((HEAD, *_sections()))


def _sections() -> Iterator[str]:
    known = tuple(described_keys(Settings))
    yield _section((), "At the top, before any table.", known)
    for one in known:
        if model := table_model(one.field.annotation):
            summary = f"{getdoc(model)} {'Required.' if one.field.is_required() else 'May be left out.'}"
            yield _section((*one.table, one.name), summary, known)


def _section(table: Location, summary: str, known: tuple[DescribedKey, ...]) -> str:
    title = where(Settings, table).removeprefix("in ")
    heading = f"## `{title}`" if table else "## Top level"
    rows = [
        f"| `{one.name}` | {one.key.meaning} | {one.key.allowed} | {_default(one)} |"
        for one in known
        if one.table == table and not table_model(one.field.annotation)
    ]
    return "\n".join(
        (heading, "", summary, "", "| key | meaning | allowed | default |", "|---|---|---|---|", *rows, "")
    )


def _default(one: DescribedKey) -> str:
    if one.key.default and one.table != ("pages",):
        return one.key.default
    if one.field.is_required():
        return f"required, such as `{one.key.example}`"
    if one.table == ("pages",) and one.field.default is None:
        return "as in `[page]`"
    return "none" if one.field.default in ("", None) else f"`{json.dumps(one.field.default, ensure_ascii=False)}`"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
