"""Writes docs/verify.md from the checks of verify: `python -m docs.generate_checks`."""

import inspect

from docs.generation import DOCS, write
from understudy_failover.operations.verify.checks import CHECKS, Check

PAGE = DOCS / "verify.md"
HEAD = """\
# Check a deployment: `verify` and `status`

<!-- Written by `python -m docs.generate_checks` from the checks of verify. Do not edit. -->

    understudy verify            # after a deploy
    understudy status --watch    # who serves each host, since when and why

Both only read, and both say what they could not see.

| exit code | `verify` | `status` |
|---|---|---|
| 0 | every check passed | every host is served by its server |
| 1 | a check failed | a host is not served by its server |
| 2 | wrong arguments | wrong arguments |
| 3 | as 0, but something could not be seen | as 0, but something could not be seen |

`verify` waits until every distribution is Deployed, then runs the checks below. It sends requests to the distribution
itself, past DNS, and asks the zones' own name servers. An API that is down costs only the checks that need it. A
finding says what to do, and names `understudy repair` where that fixes it.

- For programs: `--json`, and `--junit FILE`. The `id` of a finding stays the same when its words change.
- Without IPv6 on this machine: `--no-ipv6`.
- With several certificates, each is checked. The `id` of an additional certificate ends with its name.
- Against the embedded AWS: with the options that `make up` prints.
- For IAM: [permissions](permissions.md).

`status` uses DNS, HTTPS and S3, so it works while the control planes of AWS are down. CloudWatch's metric of the health
check says since when a server is down (to the minute, for one day), and whether `failback_hold_minutes` holds it back.

## The checks

Each passes if its sentence is true.

"""


def page() -> str:
    return HEAD + "".join(map(_line, CHECKS))


def _line(check: Check) -> str:
    return f"- **{check.name}**: {(inspect.getdoc(check.run) or '').partition(chr(10))[0]}\n"


if __name__ == "__main__":
    write(PAGE, page())
