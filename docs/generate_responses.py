"""Writes docs/maintenance-response.md from the requests that the tests make: `python -m docs.generate_responses`."""

from docs.generation import DOCS, table, write
from tests.maintenance_site.clients import CLIENTS, Client

PAGE = DOCS / "maintenance-response.md"
HEAD = """\
# Who asks what, and gets what

<!-- Written by `python -m docs.generate_responses` from tests/maintenance_site/clients.py. Do not edit. -->

While a server is down, CloudFront answers for its hosts. A test makes the request of each row through the deployed
functions, and compares the answer. Every answer has `Retry-After`, `Cache-Control: no-store`, `Vary` and the marker
`X-Maintenance: 1`. Reasons: [decision 5](decisions/0005-maintenance-response.md).

"""


def page() -> str:
    return HEAD + table(("who", "asks", "sends", "status", "gets", "because"), map(_row, CLIENTS))


def _row(client: Client) -> tuple[str, ...]:
    sends = "<br>".join(f"`{name}: {value}`" for name, value in client.sends.items())
    kind = f" (`{client.content_type.partition(';')[0]}`)" if client.content_type and client.holds else ""
    return client.who, f"`{client.method} {client.path}`", sends, str(client.status), client.gets + kind, client.why


if __name__ == "__main__":
    write(PAGE, page())
