"""Access control of the embedded AWS: only a client with the credentials of this run may call it.

Lambda functions run as the user who started the process. Without this check, other local users and web pages in a
browser could run code as that user.
"""

import hmac
import json
import logging
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

from understudy_failover.emulator.asgi import Application, Receive, Scope, Send, respond

logger = logging.getLogger("emulator.requests")

CREDENTIAL = re.compile(r"Credential=([^/,\s]+)/|^AWS ([^:]+):")
"""The access key in an Authorization header, of Signature Version 4 or 2 (S3's older one)."""


class AccessCheck:
    """ASGI: answers 403 to a request with an Origin, another Host or another access key; forwards the rest to `aws`.

    The access key is 128 random bits, so it is proof enough; signatures are not checked. `is_session` returns whether
    STS has issued an access key in this run: the CDK assumes roles.
    """

    def __init__(self, aws: Application, *, host: str, access_key: str, is_session: Callable[[str], bool]) -> None:
        self._aws = aws
        self._host = host
        self._access_key = access_key.encode()
        self._is_session = is_session

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._aws(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return
        if refusal := self._refusal(scope):
            logger.warning("%s refused: %s", scope["method"], refusal)
            await respond(send, 403, json.dumps({"error": refusal, "message": refusal}).encode())
            return

        async def send_without_cors(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                fields = [field for field in message["headers"] if not field[0].lower().startswith(b"access-control-")]
                message = {**message, "headers": fields}
            await send(message)

        await self._aws(scope, receive, send_without_cors)

    def _refusal(self, scope: Scope) -> str | None:
        """Return why a request is refused, or None."""
        if _values(scope, b"origin"):
            return "requests of web pages (with an Origin header) are refused"
        if _values(scope, b"host") != [self._host]:
            return f"only the host {self._host} is answered"
        if not any(map(self._is_known, _access_keys(scope))):
            return "the access key is not one of this run; use the credentials that the embedded AWS printed"
        return None

    def _is_known(self, access_key: str) -> bool:
        return hmac.compare_digest(access_key.encode(), self._access_key) or self._is_session(access_key)


def _values(scope: Scope, name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in scope["headers"] if key.lower() == name]


def _access_keys(scope: Scope) -> list[str]:
    """Return every access key of a request: in its header or, presigned, in its query."""
    query = parse_qs(scope.get("query_string", b"").decode("latin-1"))
    signed = [key for value in _values(scope, b"authorization") for key in map("".join, CREDENTIAL.findall(value))]
    presigned = [value.partition("/")[0] for value in query.get("X-Amz-Credential", [])]
    return [*signed, *presigned, *query.get("AWSAccessKeyId", [])]
