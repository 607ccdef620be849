"""Writes docs/stacks.md from the docstrings of what another app may use: `python -m docs.generate_stacks`."""

import ast
from inspect import cleandoc
from pathlib import Path

from docs.generation import DOCS, write

ROOT = DOCS.parent
PAGE = DOCS / "stacks.md"
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

Examples: [embedding.md](embedding.md). Everything else is internal.
"""


def page() -> str:
    return HEAD + "".join(
        f"\n## {name}\n\n```python\nfrom {module} import {name}\n\n{_described(ROOT / file, name)}"
        for module, names in PUBLIC.items()
        for file, name in names
    )


def _described(file: Path, name: str) -> str:
    """Return the signature, which ends a block of code, and the docstrings of the function, or class and `__init__`."""
    node = _definition(ast.parse(file.read_text(encoding="utf-8")), name)
    function = node if isinstance(node, ast.FunctionDef) else _definition(node, "__init__")
    assert isinstance(function, ast.FunctionDef)
    parameters = function.args
    parameters.args = [parameter for parameter in parameters.args if parameter.arg != "self"]
    texts = [ast.get_docstring(part) or "" for part in dict.fromkeys((node, function))]
    return f"{name}({ast.unparse(parameters)})\n```\n" + "".join(f"\n{cleandoc(text)}\n" for text in texts)


def _definition(inside: ast.Module | ast.ClassDef | ast.FunctionDef, name: str) -> ast.ClassDef | ast.FunctionDef:
    for node in inside.body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and node.name == name:
            return node
    raise LookupError(f"{name} is not defined there")


if __name__ == "__main__":
    write(PAGE, page())
