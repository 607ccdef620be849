"""CloudFront's TestFunction, which MiniStack lacks: run a function's code on an event, in njs where it is installed.

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

from understudy_failover.emulator.aws_calls import CLOUDFRONT, Answer, Call, ServiceHandler, intercept, xml, xml_error

EVENT = re.compile(rb"<EventObject>([^<]*)</EventObject>")
UTILIZATION = 6
"""Percent; not measured here. The one published figure (an index rewrite, 2026-08-31)."""
LIMIT_SECONDS = 30
RUN = """
var output = handler(JSON.parse(require('fs').readFileSync(process.argv[2], 'utf8')));
if (!output) throw new Error('the function returned no request or response');
console.log(JSON.stringify(output));
"""


def add_test_function(cloudfront: ServiceHandler, code: Callable[[str, str], str | None]) -> ServiceHandler:
    """Return CloudFront's API with that operation.

    `code` returns the code of a function in the stage that has a version (ETag); None where there is none.
    """

    async def answer(call: Call) -> Answer:
        function = code(call.match["name"], call.headers.get("if-match", ""))
        if function is None:
            return xml_error(CLOUDFRONT, "NoSuchFunctionExists", "The function does not exist.", 404)
        event = EVENT.search(call.body)
        output, message = await asyncio.to_thread(_run, function, base64.b64decode(event[1] if event else b""))
        return xml(
            CLOUDFRONT,
            "TestResult",
            f"<FunctionSummary><Name>{call.match['name']}</Name></FunctionSummary>"
            f"<ComputeUtilization>{UTILIZATION}</ComputeUtilization><FunctionExecutionLogs/>"
            f"<FunctionErrorMessage>{escape(message)}</FunctionErrorMessage>"
            f"<FunctionOutput>{escape(output)}</FunctionOutput>",
        )

    return intercept(cloudfront, "POST", "/2020-05-31/function/(?P<name>[^/]+)/test/?", answer)


def _run(code: str, event: bytes) -> tuple[str, str]:
    """Return the function's output, and the engine's error message."""
    with tempfile.TemporaryDirectory() as folder:
        script, data = Path(folder) / "function.js", Path(folder) / "event.json"
        script.write_text(code + RUN, encoding="utf-8")
        data.write_bytes(event)
        command = [shutil.which("njs") or "node", str(script), str(data)]
        try:
            process = subprocess.run(command, capture_output=True, text=True, check=False, timeout=LIMIT_SECONDS)
        except subprocess.TimeoutExpired:
            return "", "the function took too long"
        if process.returncode:
            return "", (process.stdout + process.stderr).replace(f"{folder}/", "").strip()[-500:]
        return process.stdout.strip(), ""
