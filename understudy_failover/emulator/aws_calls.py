"""Calls of AWS APIs as MiniStack's services get them: intercept some, answer them in XML."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from xml.sax.saxutils import escape

Answer = tuple[int, dict[str, str], bytes]
"""Status, headers and body of an AWS API call."""
ServiceHandler = Callable[[str, str, dict[str, str], bytes, dict[str, list[str]]], Awaitable[Answer]]
"""Method, path, headers, body and query of an AWS API call → its answer."""

CLOUDFRONT = "http://cloudfront.amazonaws.com/doc/2020-05-31/"
IAM = "https://iam.amazonaws.com/doc/2010-05-08/"
ROUTE53 = "https://route53.amazonaws.com/doc/2013-04-01/"


@dataclass(frozen=True)
class Call:
    """An intercepted call; `match` is of its path."""

    match: re.Match[str]
    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    query: dict[str, list[str]]

    async def forward(self, service: ServiceHandler, path: str | None = None) -> Answer:
        """Return the answer of the service itself, to another path if given."""
        return await service(self.method, path or self.path, self.headers, self.body, self.query)


def intercept(
    service: ServiceHandler, method: str, path: str, answer: Callable[[Call], Awaitable[Answer]]
) -> ServiceHandler:
    """Return a service that answers calls of `method` and `path`, a regular expression, by `answer`."""
    pattern = re.compile(path)

    async def handle(
        method_: str, path_: str, headers: dict[str, str], body: bytes, query: dict[str, list[str]]
    ) -> Answer:
        match = pattern.fullmatch(path_) if method_ == method else None
        if match is None:
            return await service(method_, path_, headers, body, query)
        return await answer(Call(match, method_, path_, headers, body, query))

    return handle


def xml(namespace: str, root: str, content: str, status: int = 200) -> Answer:
    """Return an answer whose root element holds `content`."""
    return status, {"Content-Type": "text/xml"}, f'<{root} xmlns="{namespace}">{content}</{root}>'.encode()


def xml_error(namespace: str, code: str, message: str, status: int = 400, more: str = "") -> Answer:
    """Return an answer that refuses a call; `more` follows the error."""
    details = f"<Type>Sender</Type><Code>{code}</Code><Message>{escape(message)}</Message>"
    return xml(namespace, "ErrorResponse", f"<Error>{details}</Error>{more}", status)
