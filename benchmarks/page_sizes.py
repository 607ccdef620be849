"""Write benchmarks/page-sizes.md: `python -m benchmarks.page_sizes`.

CloudFront compresses; sizes are computed with the same algorithms at their best level.
"""

import gzip
from datetime import UTC, datetime
from pathlib import Path

import brotli

from understudy_failover.page import FUNCTION_BYTES, EdgeFunction, Window, edge_function, html
from understudy_failover.settings import LANGUAGES, load

HERE = Path(__file__).parent
RESULT = HERE / "page-sizes.md"
ROOT = HERE.parent

HEAD = """\
# Sizes of the page

<!-- Written by `python -m benchmarks.page_sizes`. -->

Of the shipped `failover.toml`, in bytes, script and styles included; a page is one request. The budget is 6,144 raw and
2,560 with brotli, and a test holds every variant to it.

| language | unplanned | gzip | brotli | planned, with an end | gzip | brotli |
|---|---|---|---|---|---|---|
"""
OTHERS = """
Beside others, as measured in November 2026 (raw / gzip):

| page | raw | gzip | remarks |
|---|---|---|---|
| nginx, built-in 503 | 190 | – | one language, nothing but the status |
| **this page, largest** | {largest} | {compressed} | twelve languages by Accept-Language; reloads by itself |
| tarampampam/error-pages, l7 | 5.5 K | 1.4 K | + 70 K script for its languages |
| tarampampam/error-pages, ghost | 9.7 K | 3.3 K | likewise |
| tarampampam/error-pages, app-down | 44 K | 12.5 K | likewise |
| look-alike of Cloudflare's (donlon) | 19.3 K | 5.5 K | + images |
"""


def table() -> str:
    settings = load(ROOT / "tests/sample/failover.toml")
    rows, sizes = [], []
    for language in LANGUAGES:
        cells: list[str] = [language]
        for window in (None, Window(datetime(2026, 11, 25, 3, tzinfo=UTC))):
            source = html(settings.page, language, window).encode()
            measured = len(source), len(gzip.compress(source, 9, mtime=0)), len(brotli.compress(source))
            sizes.append(measured)
            cells += [f"{size:,}" for size in measured]
        rows.append(f"| {' | '.join(cells)} |\n")
    largest = max(sizes)
    files: tuple[EdgeFunction, ...] = ("viewer-request.js", "viewer-response.js")
    functions = [
        f"| {file} | {len(edge_function(file, settings).encode()):,} | {FUNCTION_BYTES:,} |\n" for file in files
    ]
    return (
        HEAD
        + "".join(rows)
        + OTHERS.format(largest=f"{largest[0]:,}", compressed=f"{largest[1]:,}")
        + "\nEdge functions as deployed:\n\n| function | bytes | limit |\n|---|---|---|\n"
        + "".join(functions)
    )


if __name__ == "__main__":
    RESULT.write_text(table(), encoding="utf-8")
