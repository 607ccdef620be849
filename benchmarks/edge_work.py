"""Count the work of viewer-request for 1,000 odd requests: `python -m benchmarks.edge_work`.

Writes edge_work.md. CloudFront stops a function that takes too long, and a viewer chooses the headers. The unit is a
step (defined in edge_work.js), so the figures are the same on every machine.
"""

import json
import random
import statistics
import string
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from understudy_failover.page import edge_function
from understudy_failover.settings import Settings, load

HERE = Path(__file__).parent
REQUESTS = 1_000
SEED = 16
ORDINARY = {
    "accept": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
    "accept-language": "de-AT,de;q=0.9,en-US;q=0.8,en;q=0.7",
}
LONGEST = 8_192
"""Of a header that CloudFront accepts.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html
"""
LETTERS = string.ascii_letters + string.digits + " -_;=,.*/+\"'"
MEMBERS = {
    "accept": ("a/b", "text/html;q=0.1", "application/x+json;q=0.0001", "*/*", ";q=", "application/" + "+" * 40),
    "accept-language": ("x", "a-b-c-d-e-f", "zh-Hant-TW", "en;q=0", "q", "-", "--", "abcdefgh-" * 4, "*;q=0.001"),
    "content-type": ("application/json", "application/" + "+" * 90, "x"),
    "host": ("a", "www", "xn--a", "a-b", "www.example.com"),
}
SEPARATORS = {"accept": ",", "accept-language": ",", "content-type": ";", "host": "."}


def odd_requests(count: int = REQUESTS) -> Iterator[dict[str, Any]]:
    """Yield events of viewer-request: each header is ordinary, missing, of many members, or of random letters."""
    chance = random.Random(SEED)  # noqa: S311 (the same requests every time)
    for _ in range(count):
        headers = {"host": "www.example.com"}
        for name, members in MEMBERS.items():
            kind = chance.choice(["ordinary", "missing", "members", "one member", "letters", "lines"])
            long = chance.choice([20, 200, 1_000, 4_000])
            if kind == "ordinary" and name in ORDINARY:
                headers[name] = ORDINARY[name]
            elif kind == "one member":
                headers[name] = (chance.choice(members) + SEPARATORS[name]) * (long // 10)
            elif kind == "members":
                headers[name] = SEPARATORS[name].join(chance.choices(members, k=long // 10))
            elif kind in {"letters", "lines"}:
                headers[name] = "".join(chance.choices(LETTERS, k=long))
            headers = {header: value[:LONGEST] for header, value in headers.items()}
        path = "/" + "".join(chance.choices(LETTERS, k=chance.choice([0, 10, 2_000])))
        yield event(headers, path=path, method=chance.choice(["GET", "HEAD", "POST", "OPTIONS"]))


def event(headers: dict[str, str], *, path: str = "/", method: str = "GET") -> dict[str, Any]:
    """Return the event of a request in CloudFront's format."""
    fields = {name: {"value": value} for name, value in headers.items()}
    return {"request": {"method": method, "uri": path, "querystring": {}, "headers": fields, "cookies": {}}}


def steps(settings: Settings, events: list[dict[str, Any]]) -> list[int]:
    document = {"code": edge_function("viewer-request.js", settings), "events": events}
    process = subprocess.run(
        ["node", str(HERE / "edge_work.js")], input=json.dumps(document), capture_output=True, text=True, check=True
    )
    counts: list[int] = json.loads(process.stdout)
    return counts


def main() -> None:
    settings = load(HERE.parent / "tests" / "sample" / "failover.toml")
    [ordinary] = steps(settings, [event({"host": "www.example.com", **ORDINARY})])
    counts = steps(settings, list(odd_requests()))
    middle, worst = statistics.median(counts), max(counts)
    text = f"""\
# Work of the edge functions

Steps of viewer-request (an entered block of its code, or ten characters that are read), by
[edge_work.py](edge_work.py): the same on every machine, no seconds. A viewer chooses the headers; an owner pays.

| request | steps |
|---|---|
| a browser's | {ordinary} |
| the median of {len(counts):,} odd ones | {middle:g} |
| the worst of them | {worst} ({worst / middle:.2f} × the median) |

Bounded are the characters of a header (256 of Accept and Accept-Language), their members, the subtags of a
language and the labels of a host.
"""
    (HERE / "edge_work.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
