#!/usr/bin/env bash
# py-healthcheck answers 200 for up to 27 seconds after its check began to fail
#
# Versions: py-healthcheck 1.10.1, Flask 3.1.3.
# Question: when does a health endpoint built with py-healthcheck show a dependency that is down?
# Usual guess: at the next request, because the endpoint runs its checkers.
# Seen (2026-11-29, clock set by the script): with default arguments, a passed result is reused for 27 s and a failed
#   result for 9 s. The dependency fails 1 s after a good check: requests get 200 up to second 27, without another run
#   of the checker, and 500 from second 28. After the repair in second 29, requests get 500 up to second 37.
# Source: https://github.com/ateliedocodigo/py-healthcheck (HealthCheck(success_ttl=27, failed_ttl=9)).
# For DNS failover: add 27 s to the detection time of the health check, or pass success_ttl=None, failed_ttl=None.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check py-healthcheck==1.10.1 flask==3.1.3

venv/bin/python - <<'PYTHON'
import logging
import sys
from unittest import mock

from flask import Flask
from healthcheck import HealthCheck

logging.disable(logging.ERROR)
START = 1_000_000_000.0


def watch(**options: object) -> tuple[int, int, int]:
    """Return the second of the first 500, that of the first 200 after the repair at second 29, and the checker runs."""
    now, up, runs = START, True, 0

    def database() -> tuple[bool, str]:
        nonlocal runs
        runs += 1
        return up, "up" if up else "down"

    check = HealthCheck(checkers=[database], **options)
    app = Flask("server")
    app.add_url_rule("/health", "health", check.run)
    client = app.test_client()
    statuses = []
    with mock.patch("time.time", lambda: now):
        for second in range(60):
            now, up = START + second, second < 1 or second >= 29
            statuses.append(client.get("/health").status_code)
    down = statuses.index(500)
    return down, statuses.index(200, down), runs


default, uncached = watch(), watch(success_ttl=None, failed_ttl=None)
print(f"default: 500 from second {default[0]}, 200 again from second {default[1]}, {default[2]} runs in 60 requests")
print(f"without lifetimes: 500 from second {uncached[0]}, 200 again from second {uncached[1]}")
if default[:2] != (28, 38):
    sys.exit(f"CHANGED: expected 500 from second 28 and 200 again from second 38, got {default[:2]}")
if uncached[:2] != (1, 29):
    sys.exit(f"CHANGED: without lifetimes, expected 500 from second 1 and 200 again from second 29, got {uncached[:2]}")
PYTHON
echo "As recorded: the endpoint hides a failure for 27 s and a repair for 9 s."
