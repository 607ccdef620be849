"""Writes docs/configuration.md from the models of failover.toml: `python -m docs.generate_configuration`."""

import json
from collections.abc import Iterator
from inspect import getdoc

from docs.generation import DOCS, table, write
from understudy_failover.settings import Settings
from understudy_failover.settings.keys import DescribedKey, Location, described_keys, table_model, where

PAGE = DOCS / "configuration.md"
HEAD = """\
# failover.toml

<!-- Written by `python -m docs.generate_configuration`. Do not edit: change the models in settings/. -->

The file that an operator edits: UTF-8 [TOML](https://toml.io). `cdk deploy -c settings=FILE` names another one, with
`certificates/` and `pages/` beside it. Synthesis reports every mistake in them at once. An unknown key is a mistake.

`pages/default/`, and `pages/NAME/` for each of `[[pages]]`, may hold `logo.svg` (plain shapes without `class`, at most
2,048 bytes) and texts as `LANGUAGE.toml`, whose tables and keys are optional:

```toml
[planned]
title = "Stock-taking today"       # 1 to 80 characters
message = "The shop opens again tomorrow."
[unplanned]
title = "The shop is unreachable"
```
"""


def page() -> str:
    return HEAD + "".join(_sections())


def _sections() -> Iterator[str]:
    keys = list(described_keys(Settings))
    yield _section((), "", keys)
    for key in keys:
        if model := table_model(key.field.annotation):
            required = " Required." if key.field.is_required() else ""
            summary = " ".join((getdoc(model) or "").split())
            yield _section((*key.table, key.name), f"{summary}{required}\n\n", keys)


def _section(location: Location, summary: str, keys: list[DescribedKey]) -> str:
    """Return the section of a table; keys that an earlier table describes in the same words are named only."""
    title = f"`{_title(location)}`" if location else "Top level"
    rows, repeated = [], ""
    for key in keys:
        if key.table == location and not table_model(key.field.annotation):
            earlier = next(other for other in keys if other.key == key.key and other.name == key.name)
            if earlier.table == location:
                rows.append((f"`{key.name}`", key.key.meaning, key.key.allowed, _default(key)))
            else:
                repeated += f"{', ' if repeated else f'As in `{_title(earlier.table)}`: '}`{key.name}`"
    return (
        f"\n## {title}\n\n{summary}"
        + table(("key", "meaning", "allowed", "default"), rows)
        + (f"\n{repeated}.\n" if repeated else "")
    )


def _title(location: Location) -> str:
    return where(Settings, location).removeprefix("in ")


def _default(key: DescribedKey) -> str:
    if key.key.default:
        return key.key.default
    if key.field.is_required():
        return f"required: `{key.key.example}`"
    return "none" if key.field.default in ("", None) else f"`{json.dumps(key.field.default, ensure_ascii=False)}`"


if __name__ == "__main__":
    write(PAGE, page())
