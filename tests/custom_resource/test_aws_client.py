"""A call that IAM denies for a while after a deploy is made again, whatever service it asks; for a minute at most."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.handlers import STACKS, aws_client

DENIED = b"<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code></Error></ErrorResponse>"
CHANGE_ANSWER = b"""<GetChangeResponse xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><ChangeInfo><Id>C1</Id>
<Status>INSYNC</Status><SubmittedAt>2026-11-30T00:00:00Z</SubmittedAt></ChangeInfo></GetChangeResponse>"""


class Aws:
    """An endpoint that denies the first `denials` requests."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.denials = 0
        self.requests = 0
        self.slept: list[float] = []

    def client(self, service: str, config: Config | None = None) -> Any:
        """As handlers make it."""
        return aws_client().client(service, config)


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Aws]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            client.requests += 1
            denied = client.requests <= client.denials
            body = DENIED if denied else CHANGE_ANSWER
            self.send_response(403 if denied else 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        do_HEAD = do_GET  # noqa: N815 (the name is of http.server)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        client = Aws(f"http://127.0.0.1:{server.server_port}")
        serving = threading.Thread(target=server.serve_forever, args=(0.01,))
        serving.start()
        for name, value in {
            "AWS_ENDPOINT_URL": client.url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "us-east-1",
        }.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr("botocore.endpoint.time", SimpleNamespace(sleep=client.slept.append))
        yield client
        server.shutdown()
        serving.join()


@pytest.mark.parametrize("mode", ["legacy", "standard", "adaptive"])
def test_a_call_that_is_denied_at_first_is_made_again(aws: Aws, mode: str) -> None:
    aws.denials = 3
    config = Config(retries={"mode": mode, "total_max_attempts": 2})
    answer = aws.client("route53", config).get_change(Id="C1")
    assert answer["ChangeInfo"]["Status"] == "INSYNC"
    assert aws.slept == [1, 2, 4]


def test_an_answer_without_a_body_counts_too(aws: Aws) -> None:
    aws.denials = 1
    assert aws.client("s3").head_object(Bucket="bucket", Key="key")["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_after_a_minute_it_is_said(aws: Aws) -> None:
    aws.denials = 1_000
    with pytest.raises(ClientError, match="AccessDenied"):
        aws.client("route53").get_change(Id="C1")
    assert sum(aws.slept) == 60


def test_no_handler_has_a_client_of_its_own() -> None:
    handlers = [file for file in STACKS.glob("*/handler/*.py") if file.stem != "aws_client"]
    assert handlers
    assert [file.name for file in handlers if "boto3.client" in file.read_text(encoding="utf-8")] == []
