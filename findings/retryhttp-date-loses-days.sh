#!/usr/bin/env bash
# retryhttp waits under a minute for a Retry-After date that lies a day and a minute ahead
#
# Versions: retryhttp 1.5.0, tenacity 9.2.1, requests 2.34.2.
# Question: how long does retryhttp wait for a 503 with Retry-After, as seconds and as an HTTP-date of the same time?
# Usual guess: both forms give the same wait.
# Seen (2026-11-29): (1) With default arguments, the decorator ignores Retry-After on 503 and waits up to two seconds.
#   It reads the header on 429 only (as documented). (2) With wait_server_errors=wait_retry_after(), Retry-After: 60
#   gives 60 s. 86460 exceeds wait_max (120 s), so the fallback applies: 1 s, 2 s. The date of the same time gives about
#   59 s: the whole days of the difference are dropped, so wait_max does not apply either.
# Source: RFC 9110 section 10.2.3 (both forms name the same wait); https://retryhttp.readthedocs.io (wait strategies).
# For DNS failover: with a date more than a day ahead, clients of this library come back too early. Send seconds.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check retryhttp==1.5.0 tenacity==9.2.1 requests==2.34.2

venv/bin/python - <<'PYTHON'
import sys
import threading
import time
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import requests
from retryhttp import retry, wait_retry_after
from tenacity import RetryError

MINUTE, DAY = 60, 86_400
retry_after = ""


class Unavailable(BaseHTTPRequestHandler):
    """The handler that answers 503 with the current Retry-After."""

    def do_GET(self) -> None:
        self.send_response(503)
        self.send_header("Retry-After", retry_after)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *arguments: object) -> None:
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Unavailable)
threading.Thread(target=server.serve_forever, daemon=True).start()


def waits(header: str, **options: object) -> list[float]:
    """Return the seconds that retryhttp would sleep between three attempts."""
    global retry_after
    retry_after = header
    sleeps: list[float] = []

    @retry(max_attempt_number=3, sleep=sleeps.append, **options)
    def fetch() -> None:
        requests.get(f"http://127.0.0.1:{server.server_port}/", timeout=10).raise_for_status()

    try:
        fetch()
    except RetryError:
        return sleeps
    sys.exit("CHANGED: no RetryError after three answers of 503")


heeding = {"wait_server_errors": wait_retry_after()}
seen = {
    "60, default arguments": waits("60"),
    "60": waits("60", **heeding),
    "86460": waits(str(DAY + MINUTE), **heeding),
    "the date of 86460": waits(formatdate(time.time() + DAY + MINUTE, usegmt=True), **heeding),
}
server.shutdown()
for name, seconds in seen.items():
    print(f"Retry-After {name}: waits {[round(second, 1) for second in seconds]} s")
expectations = {
    "60, default arguments": lambda second: second < 5,
    "60": lambda second: second == 60,
    "86460": lambda second: second in (1, 2),
    "the date of 86460": lambda second: 20 <= second <= 60,
}
for name, expected in expectations.items():
    if len(seen[name]) != 2 or not all(map(expected, seen[name])):
        sys.exit(f"CHANGED: Retry-After {name}: {seen[name]}")
PYTHON
echo "As recorded: a Retry-After date loses its whole days, and 503 is ignored by default."
