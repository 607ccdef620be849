"""CloudFront Functions in real Node: one process for the session, one line of JSON in and out for each run."""

import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from understudy_failover.page import EdgeFunction, edge_function
from understudy_failover.settings import Settings

Event = dict[str, Any]

CONTEXT = {"distributionDomainName": "d111.cloudfront.net", "distributionId": "E1", "requestId": "r"}


class Edge:
    """Runs edge functions."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def run(self, code: str, event: Event) -> Any:
        """What the function with this code answers to an event."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps({"code": code, "event": event}) + "\n")
        self._process.stdin.flush()
        result = json.loads(self._process.stdout.readline())
        assert "answer" in result, result
        return result["answer"]

    def request(self, settings: Settings, **changes: Any) -> Event:
        """What viewer-request makes of a request: another request, or a response."""
        return self._answer(
            "viewer-request.js", settings, {"eventType": "viewer-request"}, {"request": request(**changes)}
        )

    def response(
        self, settings: Settings, response: Event, *, asked: Mapping[str, str] | None = None, uri: str = "/web/en.html"
    ) -> Event:
        """What viewer-response makes of what the bucket or the cache answered; `asked` are headers of the request."""
        event = {"request": request(uri=uri, headers=dict(asked or {})), "response": response}
        return self._answer("viewer-response.js", settings, {"eventType": "viewer-response"}, event)

    def _answer(self, file: EdgeFunction, settings: Settings, context: Event, event: Event) -> Event:
        viewer = {"ip": "198.51.100.7"}
        whole = {"version": "1.0", "context": CONTEXT | context, "viewer": viewer, **event}
        answer: Event = self.run(edge_function(file, settings), whole)
        return answer


def request(**changes: Any) -> Event:
    """A request as CloudFront describes it; `headers` as plain texts.

    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-event-structure.html
    """
    plain = {"method": "GET", "uri": "/", "querystring": {}, "headers": {}, "cookies": {}} | changes
    plain["headers"] = headers({"host": "www.example.com"} | plain["headers"])
    return plain


def headers(texts: dict[str, str]) -> Event:
    """Headers as CloudFront describes them."""
    return {name: {"value": value} for name, value in texts.items()}


def texts(answer: Event) -> dict[str, str]:
    """Headers of an answer as plain texts."""
    assert all(header.keys() == {"value"} for header in answer["headers"].values())
    return {name: header["value"] for name, header in answer["headers"].items()}


@contextmanager
def edge() -> Iterator[Edge]:
    """A running Node."""
    harness = Path(__file__).with_name("edge_harness.js")
    with subprocess.Popen(
        ["node", str(harness)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
    ) as process:
        yield Edge(process)
        assert process.stdin
        process.stdin.close()
        assert process.wait(timeout=10) == 0
