"""Checks names, messages and pages for words of the project's old language: `python tools/terms.py`.

tools/terms.toml has the words. tools/terms_left.toml has the number of them in each file that is not yet converted. It
may only shrink: the check fails where a file has more, and where it has fewer until `--write` records that.
"""

import argparse
import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WORDS = ROOT / "tools" / "terms.toml"
LEFT = ROOT / "tools" / "terms_left.toml"
FILES = ("*.py", "README.md", ".github/CONTRIBUTING.md", "docs/*.md")
EXCEPTIONS = {"tests/house/test_terms.py"}  # it has the words themselves
GENERATED = "<!-- Written by `"  # a page whose texts are checked at their source
CODE = re.compile(r"^\s*```.*?^\s*```|^ {4,}\S.*?$|`[^`\n]*`", re.DOTALL | re.MULTILINE)
WORD_ENDS = re.compile(r"_+|(?<=[a-z0-9])(?=[A-Z])")


@dataclass(frozen=True)
class Term:
    """A word that is used, and what to write instead."""

    line: int
    word: str
    instead: str


class Words:
    """The patterns of terms.toml."""

    def __init__(self, tables: Mapping[str, Mapping[str, str]]) -> None:
        self._texts = _compiled(tables["texts"], r"\b(?:{})\b")
        self._names = self._texts | _compiled(tables["names"], r"\b(?:{})\b")
        self._names |= _compiled(tables["whole_names"], r"\A(?:{})\Z")

    def in_python(self, source: str, module: str = "") -> Iterator[Term]:
        """Return the terms in the names that a module defines, its own name, its docstrings and its messages."""
        for node in ast.walk(ast.parse(source)):
            line = getattr(node, "lineno", 1)
            # A string without a space is a key, an id or a path.
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value.strip():
                yield from _terms(CODE.sub("", node.value), self._texts, line)
            for name in [module] if isinstance(node, ast.Module) else _defined(node):
                # One term a name.
                yield from islice(_terms(" ".join(WORD_ENDS.split(name.strip("_"))), self._names, line), 1)

    def in_markdown(self, page: str) -> Iterator[Term]:
        """Return the terms in a page outside of code."""
        return _terms(CODE.sub(lambda code: "\n" * code[0].count("\n"), page), self._texts, 1)


def _compiled(table: Mapping[str, str], form: str) -> dict[re.Pattern[str], str]:
    spaced = {pattern.replace(" ", r"\s+"): instead for pattern, instead in table.items()}
    return {re.compile(form.format(pattern), re.IGNORECASE): instead for pattern, instead in spaced.items()}


def _terms(text: str, patterns: Mapping[re.Pattern[str], str], line: int) -> Iterator[Term]:
    for pattern, instead in patterns.items():
        for match in pattern.finditer(text):
            yield Term(line + text.count("\n", 0, match.start()), " ".join(match[0].split()), instead)


def _defined(node: ast.AST) -> Iterator[str]:
    """Return the names that a node gives to something."""
    match node:
        case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()) | ast.arg(arg=name):
            yield name
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef() | ast.ExceptHandler() | ast.MatchAs():
            yield node.name or ""
        case ast.alias(asname=str(name)):
            yield name


def terms(words: Words, file: Path) -> list[Term]:
    """Return the terms in a file."""
    text = file.read_text(encoding="utf-8")
    if file.suffix == ".py":
        return sorted(words.in_python(text, file.stem), key=lambda term: term.line)
    return [] if GENERATED in text else list(words.in_markdown(text))


def problems(used: Mapping[str, Sequence[Term]], left: Mapping[str, int]) -> Iterator[str]:
    """Return a line for each file that differs from what is left, with its terms where they are too many."""
    for file in sorted({*used, *left}):
        file_terms, allowed = used.get(file, ()), left.get(file, 0)
        if len(file_terms) > allowed:
            yield f"{file}: {len(file_terms)} terms to replace, {allowed} allowed"
            yield from (f"{file}:{term.line}: {term.word!r}: write {term.instead}" for term in file_terms)
        elif len(file_terms) < allowed:
            yield f"{file}: {len(file_terms)} terms to replace, {allowed} recorded: run python tools/terms.py --write"


def main() -> str | int:
    """Return the exit code, or the problems as the text to end with."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="record what is left")
    options = parser.parse_args()
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *FILES]
    names = set(subprocess.check_output(command, cwd=ROOT, text=True).split()) - EXCEPTIONS
    words = Words(tomllib.loads(WORDS.read_text(encoding="utf-8")))
    used = {name: terms(words, ROOT / name) for name in sorted(names) if (ROOT / name).exists()}
    if options.write:
        counts = (f'"{name}" = {len(file_terms)}\n' for name, file_terms in used.items() if file_terms)
        LEFT.write_text("# Written by `python tools/terms.py --write`.\n" + "".join(counts), encoding="utf-8")
        return 0
    return "\n".join(problems(used, tomllib.loads(LEFT.read_text(encoding="utf-8")))) or 0


if __name__ == "__main__":
    sys.exit(main())
