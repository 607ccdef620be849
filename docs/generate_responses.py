"""Writes docs/maintenance-response.md from the requests that the tests make: `python -m docs.generate_responses`."""

from pathlib import Path

from tests.maintenance_site.askers import ASKERS, Asker

PAGE = Path(__file__).parent / "maintenance-response.md"

HEAD = """\
# Who asks what, and gets what

<!-- Written by `python -m docs.generate_responses` from tests/maintenance_site/askers.py. Do not edit. -->

While a server is down, CloudFront answers for its hosts. Each row is a test: the request is made through the
deployed functions, and the answer has to be this one. On every answer stand `Retry-After`, `Cache-Control: no-store`,
`Vary` and the marker `X-Maintenance: 1`. How it works: [decision 5](decisions/0005-maintenance-response.md).

| who | asks | sends | status | gets | because |
|---|---|---|---|---|---|
"""


def page() -> str:
    """The whole page."""
    return HEAD + "".join(map(_row, ASKERS))


def _row(asker: Asker) -> str:
    sends = "<br>".join(f"`{name}: {value}`" for name, value in asker.sends.items())
    kind = f" (`{asker.content_type.partition(';')[0]}`)" if asker.content_type and asker.holds else ""
    cells = (asker.who, f"`{asker.method} {asker.path}`", sends, str(asker.status), asker.gets + kind, asker.why)
    return f"| {' | '.join(cells)} |\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
