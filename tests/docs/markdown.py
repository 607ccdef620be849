"""Our pages as GitHub reads them: code, links and headings."""

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FENCE = re.compile(r"^\s*```")
INDENTED = re.compile(r"^(?: {4}| {7})(?=\S)|^ {8,}(?=\S)")
"""Four spaces, or three more in an item of a numbered list; deeper lines go on with the command above them."""


@dataclass(frozen=True)
class Code:
    """One piece of code: a block, or what stands between backticks in a sentence."""

    text: str
    is_block: bool


@cache
def pages() -> tuple[Path, ...]:
    """Every page of the project, as git lists it; also those that are not committed yet."""
    listed = subprocess.check_output(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"], cwd=ROOT, text=True
    )
    return tuple(ROOT / name for name in sorted(set(listed.split())))


def code(page: Path) -> Iterator[Code]:
    """Blocks and inline code, in the order of the page."""
    prose: list[str] = []
    block: list[str] = []
    fenced = False

    def flush(lines: list[str], *, is_block: bool) -> Iterator[Code]:
        text = "\n".join(lines)
        lines.clear()
        if is_block:
            if text:
                yield Code(text, is_block=True)
        else:
            for code_span in re.findall(r"(?<!`)`([^`]+)`(?!`)", text):
                yield Code(" ".join(code_span.split()), is_block=False)

    for line in page.read_text(encoding="utf-8").splitlines():
        if FENCE.match(line):
            fenced = not fenced
            yield from flush(prose, is_block=False)
            yield from flush(block, is_block=True)
        elif fenced:
            block.append(line)
        elif INDENTED.match(line) and (block or not prose or not prose[-1].strip()):
            yield from flush(prose, is_block=False)
            block.append(line.strip())
        else:
            yield from flush(block, is_block=True)
            prose.append(line)
    yield from flush(prose, is_block=False)
    yield from flush(block, is_block=True)


def links(page: Path) -> list[str]:
    """Where links and pictures of the page lead, without those to other sites."""
    targets = re.findall(r"\]\(([^)\s]+)\)", _without_code(page))
    return [link for link in targets if not re.match(r"[a-z]+:", link)]


def anchors(page: Path) -> set[str]:
    """What GitHub makes of the headings."""
    headings = re.findall(r"^#+ (.+)$", _without_code(page, inline=False), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def _without_code(page: Path, *, inline: bool = True) -> str:
    text = re.sub(r"^\s*```.*?^\s*```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    return re.sub(r"`[^`]*`", "", text) if inline else text
