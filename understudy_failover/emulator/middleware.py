"""The middleware of all AWS APIs: it logs every call by name, and injects the faults that are planned."""

import json
import logging
from collections.abc import MutableMapping
from typing import Any
from urllib.parse import parse_qs

from understudy_failover.emulator.asgi import Application, Receive, Scope, Send, read_body, respond
from understudy_failover.emulator.faults import CODES, MESSAGE, Faults, Kind

logger = logging.getLogger("emulator.requests")


class Middleware:
    """ASGI: forwards calls to `aws`. The log has method, path, action and status: no parameter, so no secret."""

    def __init__(self, aws: Application, faults: Faults) -> None:
        self._aws = aws
        self._faults = faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._aws(scope, receive, send)
            return
        body = await read_body(receive)
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        action = _action(headers, body)
        line = f"{scope['method']} {scope['path']}"
        fault = self._faults.take(action, line)
        if fault in CODES:
            status, content, content_type = _error(fault, headers)
            logger.info("%s %s -> %s (%s)", line, action, status, fault)
            await respond(send, status, content, content_type)
            return
        if fault == "no-answer":
            logger.info("%s %s -> no answer", line, action)
            await _wait_for_disconnect(receive)
            return
        statuses: list[int] = []

        async def note_and_send(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                statuses.append(message["status"])
            if fault != "lost-answer":
                await send(dict(message))

        await self._aws(scope, _replay(body, receive), note_and_send)
        status = statuses[0] if statuses else 0
        logger.info("%s %s -> %s%s", line, action, status, " (lost)" if fault else "")
        if fault == "lost-answer":
            await _wait_for_disconnect(receive)


def _action(headers: dict[str, str], body: bytes) -> str:
    if target := headers.get("x-amz-target"):
        return target.rpartition(".")[2]
    if headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return parse_qs(body.decode("utf-8", "replace")).get("Action", [""])[0]
    return ""


def _error(fault: Kind | None, headers: dict[str, str]) -> tuple[int, bytes, str]:
    status, code = CODES[str(fault)]
    if "x-amz-target" in headers:
        return status, json.dumps({"__type": code, "message": MESSAGE}).encode(), "application/x-amz-json-1.1"
    details = f"<Code>{code}</Code><Message>{MESSAGE}</Message>"
    if headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        details = f"<ErrorResponse><Error><Type>Sender</Type>{details}</Error></ErrorResponse>"
    else:
        details = f"<Error>{details}</Error>"
    return status, details.encode(), "text/xml"


def _replay(body: bytes, receive: Receive) -> Receive:
    pending = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> dict[str, Any]:
        return pending.pop() if pending else await receive()

    return replay


async def _wait_for_disconnect(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
