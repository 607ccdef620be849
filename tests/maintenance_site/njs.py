"""CloudFront Functions in njs, the engine family that runs them at the edge: one process for many events.

https://nginx.org/en/docs/njs/
"""

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.maintenance_site.edge import Event
from tests.real_tools import real_tool

NOW_MILLISECONDS = 1_796_083_200_000
"""What `Date.now()` says in both engines: 2026-12-01."""
CLOCK = f"Date.now = function () {{ return {NOW_MILLISECONDS}; }};\n"
_ANSWER_ALL = """
require('fs').readFileSync(process.argv[2], 'utf8').split('\\n').forEach(function (line) {
    console.log(JSON.stringify(handler(JSON.parse(line))));
});
"""


class NjsError(RuntimeError):
    """The engine refused the code, or a function threw."""


def answers(code: str, events: Sequence[Event], folder: Path) -> list[Event]:
    """Return what the function with this code answers to each event; files are written to `folder`.

    Raises:
        NjsError: with the engine's own message.
    """
    script, data = folder / "function.js", folder / "events"
    script.write_text(CLOCK + code + _ANSWER_ALL, encoding="utf-8")
    data.write_text("\n".join(map(json.dumps, events)), encoding="utf-8")
    command = [real_tool("njs", "Debian: apt install njs"), str(script), str(data)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = done.stdout.splitlines()
    if done.returncode or len(lines) != len(events):
        raise NjsError((done.stdout + done.stderr)[-500:])
    return [json.loads(line) for line in lines]
