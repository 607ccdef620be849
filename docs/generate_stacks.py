"""Writes docs/stacks.md from the docstrings of what another app may use: `python -m docs.generate_stacks`."""

import ast
from collections.abc import Iterator
from inspect import cleandoc
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = Path(__file__).parent / "stacks.md"
PUBLIC = {
    "understudy_failover.stacks": (("stacks/stage.py", "FailoverStage"), ("stacks/failover.py", "Failover")),
    "understudy_failover.settings": (
        ("understudy_failover/settings/file.py", "load"),
        ("understudy_failover/settings/document.py", "build"),
    ),
}
"""Files and names by the module that they are imported from."""
HEAD = """\
# Classes and functions for another CDK app

<!-- Written by `python -m docs.generate_stacks` from the docstrings. Do not edit. -->

How they are used: [embedding.md](embedding.md). Everything else is internal.
"""


def page() -> str:
    """The whole page."""
    parts = [HEAD]
    for module, names in PUBLIC.items():
        for file, name in names:
            parts.append(f"\n## {name}\n\n    from {module} import {name}\n")
            parts += _described(_node(ROOT / file, name))
    return "".join(parts)


def _node(file: Path, name: str) -> ast.ClassDef | ast.FunctionDef:
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and node.name == name:
            return node
    raise LookupError(f"{file} defines no {name}")


def _described(node: ast.ClassDef | ast.FunctionDef) -> Iterator[str]:
    yield f"\n{_text(node)}\n"
    if isinstance(node, ast.FunctionDef):
        yield _arguments(node)
        return
    for method in node.body:
        if isinstance(method, ast.FunctionDef) and method.name == "__init__":
            yield _arguments(method)
            yield f"\n{_text(method)}\n"


def _text(node: ast.ClassDef | ast.FunctionDef) -> str:
    return cleandoc(ast.get_docstring(node) or "")


def _arguments(function: ast.FunctionDef) -> str:
    """A table of all arguments but `self`, with types and defaults."""
    arguments = function.args
    positional = [one for one in (*arguments.posonlyargs, *arguments.args) if one.arg != "self"]
    defaults: list[ast.expr | None] = [None] * (len(positional) - len(arguments.defaults))
    every = [*zip(positional, [*defaults, *arguments.defaults], strict=True)]
    every += zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    rows = (
        f"| `{one.arg}` | `{ast.unparse(one.annotation).replace('|', chr(92) + '|') if one.annotation else ''}` | "
        f"{f'`{ast.unparse(default)}`' if default else 'required'} |"
        for one, default in every
    )
    return "\n".join(["", "| argument | type | default |", "|---|---|---|", *rows, ""])


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
