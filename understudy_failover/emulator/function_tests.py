"""CloudFront's TestFunction, which MiniStack lacks: runs a function's code on an event, in njs where it is installed.

njs is of the family of CloudFront's own engine and refuses the syntax that it refuses; Node, in its absence, does not.
https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_TestFunction.html
"""

import asyncio
import base64
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from xml.sax.saxutils import escape

from understudy_failover.emulator.ministack import Answer, ServiceHandler

PATH = re.compile(r"/2020-05-31/function/(?P<name>[^/]+)/test/?")
EVENT = re.compile(rb"<EventObject>([^<]*)</EventObject>")
NAMESPACE = "http://cloudfront.amazonaws.com/doc/2020-05-31/"
UTILIZATION = 6
"""Percent; nothing here measures it. The one figure that was published (an index rewrite, 2026-08-31)."""
LIMIT_SECONDS = 30
RUN = """
console.log(JSON.stringify(handler(JSON.parse(require('fs').readFileSync(process.argv[2], 'utf8')))));
"""

Code = Callable[[str, str], str | None]
"""Answers the code of a function in a stage that has this version (ETag); None: there is none."""


def served(cloudfront: ServiceHandler, code: Code) -> ServiceHandler:
    """CloudFront's API with that operation."""

    async def handle(
        method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, list[str]]
    ) -> Answer:
        wanted = PATH.fullmatch(path)
        if method != "POST" or wanted is None:
            return await cloudfront(method, path, headers, body, query)
        found = code(wanted["name"], headers.get("if-match", ""))
        if found is None:
            return 404, {"Content-Type": "text/xml"}, _error("NoSuchFunctionExists")
        event = EVENT.search(body)
        output, message = await asyncio.to_thread(_run, found, base64.b64decode(event[1] if event else b""))
        content = (
            f'<TestResult xmlns="{NAMESPACE}"><FunctionSummary><Name>{wanted["name"]}</Name></FunctionSummary>'
            f"<ComputeUtilization>{UTILIZATION}</ComputeUtilization><FunctionExecutionLogs/>"
            f"<FunctionErrorMessage>{escape(message)}</FunctionErrorMessage>"
            f"<FunctionOutput>{escape(output)}</FunctionOutput></TestResult>"
        )
        return 200, {"Content-Type": "text/xml"}, content.encode()

    return handle


def _run(code: str, event: bytes) -> tuple[str, str]:
    """What the function answers, and what the engine says where it fails."""
    with tempfile.TemporaryDirectory() as folder:
        script, data = Path(folder) / "function.js", Path(folder) / "event.json"
        script.write_text(code + RUN, encoding="utf-8")
        data.write_bytes(event)
        engine = shutil.which("njs") or "node"
        try:
            done = subprocess.run(
                [engine, str(script), str(data)], capture_output=True, text=True, check=False, timeout=LIMIT_SECONDS
            )
        except subprocess.TimeoutExpired:
            return "", "the function took too long"
        if done.returncode:
            return "", (done.stdout + done.stderr).replace(f"{folder}/", "").strip()[-500:]
        return done.stdout.strip(), ""


def _error(code: str) -> bytes:
    error = f"<Type>Sender</Type><Code>{code}</Code><Message>The function does not exist.</Message>"
    return f'<ErrorResponse xmlns="{NAMESPACE}"><Error>{error}</Error></ErrorResponse>'.encode()
