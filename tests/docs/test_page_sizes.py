"""benchmarks/page-sizes.md says how large the pages are now."""

import re

from benchmarks.page_sizes import RESULT, table


def test_the_sizes_are_those_of_the_pages() -> None:
    """If not: `python -m benchmarks.page_sizes`. Compressed sizes may differ by the compressor's version."""

    def raw(text: str) -> list[str]:
        return re.findall(r"^\| ([\w-]+|viewer-\w+\.js) \| ([\d,]+) \|", text, re.MULTILINE)

    assert raw(table())
    assert raw(RESULT.read_text(encoding="utf-8")) == raw(table())
