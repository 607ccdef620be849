"""The real boto3, with AWS at the other end of the wire played by the emulator's IAM and a few lines for the rest.

botocore's own retries, parsers and errors are therefore part of what is tested. Loops that wait ask the same and get
the same thousands of times: there botocore serializes a call once, and parses an answer once (`_Memory`).
"""

import io
import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cache
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

import boto3
from botocore import UNSIGNED
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import ClientError, ReadTimeoutError

from tests.server_certificate.model.faults import Fault, Killed, Kind
from tests.server_certificate.model.timeline import Timeline
from understudy_failover.emulator.clock import Clock
from understudy_failover.emulator.server_certificates import ServerCertificates

TIME_OUT_SECONDS = 10
"""The handler's own read time-out."""

REPEATED = frozenset({"DeleteServerCertificate", "GetServerCertificate", "ListDistributions", "ListServerCertificates"})
"""The operations of loops that wait."""

Answer = tuple[int, dict[str, str], bytes]
Request = tuple[str, str, str, str]
"""Service, operation, URL, body."""


@dataclass
class Aws:
    """One account, with a record of the calls that reach it."""

    time: Timeline
    fault: Fault | None = None
    secrets: dict[str, str] = field(default_factory=dict)
    """Secret strings by version id, `AWSCURRENT` and `AWSPREVIOUS`."""
    files: dict[str, str] = field(default_factory=dict)
    """Objects of S3 by key."""
    stack_status: str = ""
    in_use_until: dict[str, float] = field(default_factory=dict)
    """Until when CloudFront uses a certificate, by ServerCertificateId."""
    visible_after_seconds: float = 0
    calls: list[tuple[int, int, str]] = field(default_factory=list)
    """Invocation, number in it, operation."""
    invocation: int = -1
    request: Request = ("", "", "", "")
    """The last that botocore sent."""
    early_answer: Answer | None = None
    """What the next request gets: it was known, and so answered, before botocore made it."""

    def __post_init__(self) -> None:
        self.iam = ServerCertificates(cast(Clock, self.time), self._users, delay_seconds=self.visible_after_seconds)
        self._actions = self.iam.actions()

    def begin_invocation(self) -> None:
        """From here on calls belong to the next invocation."""
        self.invocation += 1

    def names(self) -> set[str]:
        """Every server certificate, visible or not."""
        return set(self.iam._stored)

    def id_of(self, name: str) -> str:
        """The ServerCertificateId."""
        return self.iam._stored[name].certificate.id

    def put_behind_the_handlers_back(self, **parameters: Any) -> None:
        """Uploads without a call of the handler's."""
        status, _, body = self._actions["UploadServerCertificate"](
            {key: [parameter] for key, parameter in parameters.items()}
        )
        assert status == 200, body

    def lose(self, name: str) -> None:
        """Deletes a certificate behind everybody's back."""
        del self.iam._stored[name]

    def _users(self, identifier: str) -> list[str]:
        until = self.in_use_until.get(identifier, 0.0)
        return ["arn:aws:cloudfront::000000000000:distribution/E1EXAMPLE"] if until > self.time.now() else []

    def send(self, request: AWSPreparedRequest, event_name: str, **_: Any) -> AWSResponse:
        """botocore's `before-send`: answers in the place of the network."""
        service, operation = event_name.split(".")[1:3]
        body = request.body or b""
        text = body.decode() if isinstance(body, bytes) else str(body)
        self.request = (service, operation, str(request.url), text)
        status, headers, content = self.early_answer or self.answer(*self.request)
        self.early_answer = None
        return AWSResponse(request.url, status, {**headers, "Content-Length": str(len(content))}, _Raw(content))

    def strikes(self, operation: str) -> bool:
        """Whether the fault befalls the next call, if that is of this operation."""
        return bool(self.fault and self.fault.hits(self.invocation, self._next_call(), operation))

    def _next_call(self) -> int:
        return self.calls[-1][1] + 1 if self.calls and self.calls[-1][0] == self.invocation else 0

    def answer(self, service: str, operation: str, url: str, text: str) -> Answer:
        """What AWS answers to a request, and does."""
        kind = self.fault.kind if self.fault and self.strikes(operation) else None
        self.calls.append((self.invocation, self._next_call(), operation))
        if kind is Kind.KILLED_BEFORE:
            raise Killed
        if kind is Kind.TIME_OUT:
            self._nobody_answers(url)
        answer = self._error(service, operation, kind) or self._answer(service, operation, url, text)
        if kind is Kind.KILLED_AFTER:
            raise Killed
        if kind is Kind.LOST_RESPONSE:
            self._nobody_answers(url)
        return answer

    def _nobody_answers(self, url: str) -> None:
        self.time.sleep(TIME_OUT_SECONDS)
        raise ReadTimeoutError(endpoint_url=url)

    def _error(self, service: str, operation: str, kind: Kind | None) -> Answer | None:
        code, status = {
            Kind.THROTTLED: ("Throttling", 400),
            Kind.SERVER_ERROR: ("ServiceFailure", 500),
            Kind.ACCESS_DENIED: ("AccessDenied", 403),
            Kind.STALE_READ: ("NoSuchEntity", 404),
        }.get(kind or Kind.TIME_OUT, ("", 0))
        if not code:
            return None
        if kind is Kind.STALE_READ and operation == "ListServerCertificates":
            empty = "<ServerCertificateMetadataList/><IsTruncated>false</IsTruncated>"
            return _xml(
                200, f"<{operation}Response><{operation}Result>{empty}</{operation}Result></{operation}Response>"
            )
        if service == "secrets-manager":
            return status, {}, json.dumps({"__type": code, "message": "injected"}).encode()
        details = f"<Code>{code}</Code><Message>injected</Message>"
        if service == "s3":
            return _xml(status, f"<Error>{details}</Error>")
        return _xml(status, f"<ErrorResponse><Error><Type>Sender</Type>{details}</Error></ErrorResponse>")

    def _answer(self, service: str, operation: str, url: str, text: str) -> Answer:
        if service == "iam":
            return self._actions[operation](parse_qs(text))
        if service == "secrets-manager":
            return self._secret(json.loads(text))
        if service == "s3":
            return 200, {}, self.files[urlsplit(url).path.rpartition("/")[2]].encode()
        if service == "cloudfront":  # what it no longer lists, and yet holds, IAM refuses to delete
            return _xml(200, "<DistributionList><IsTruncated>false</IsTruncated></DistributionList>")
        members = f"<member><StackName>s</StackName><StackStatus>{self.stack_status}</StackStatus></member>"
        result = f"<DescribeStacksResult><Stacks>{members}</Stacks></DescribeStacksResult>"
        return _xml(200, f"<DescribeStacksResponse>{result}</DescribeStacksResponse>")

    def _secret(self, wanted: dict[str, str]) -> Answer:
        version = wanted.get("VersionId") or wanted["VersionStage"]
        if version not in self.secrets:
            error = {"__type": "ResourceNotFoundException", "message": "no such version"}
            return 400, {}, json.dumps(error).encode()
        return 200, {}, json.dumps({"Name": wanted["SecretId"], "SecretString": self.secrets[version]}).encode()


class Boto3:
    """Stands for the module `boto3`. Clients are made once, as that takes longest; they ask the account at hand."""

    def __init__(self, account: Aws) -> None:
        _Now.account = account

    @staticmethod
    def client(service: str, *, config: Any) -> Any:
        """As `boto3.client`."""
        return _client(service, config)


class _Now:
    account: Aws


@cache
def _client(service: str, config: Any) -> Any:
    client = boto3.client(
        service, region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test", config=config
    )
    client.meta.events.register("before-send", _send)
    # Nobody looks at a signature, and it takes a quarter of a call.
    client.meta.events.register("choose-signer", lambda **_: UNSIGNED)
    client._make_api_call = _Memory(client._make_api_call).call
    return client


def _send(**event: Any) -> AWSResponse:
    return _Now.account.send(**event)


class _Memory:
    """What botocore made of calls: a function of parameters and answer, where no fault strikes and it does not retry.

    Every call reaches the account, also where botocore's part in it is remembered.
    """

    def __init__(self, make_api_call: Callable[[str, dict[str, Any]], dict[str, Any]]) -> None:
        self._make_api_call = make_api_call
        self._requests: dict[object, Request] = {}
        self._outcomes: dict[object, tuple[type[ClientError] | None, dict[str, Any]]] = {}

    def call(self, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        """As the client's own."""
        account = _Now.account
        if operation not in REPEATED or account.strikes(operation):
            return self._make_api_call(operation, parameters)
        wanted = (operation, *sorted(parameters.items()))
        if wanted not in self._requests:
            try:
                return self._make_api_call(operation, parameters)
            finally:
                self._requests[wanted] = account.request
        status, headers, content = answer = account.answer(*self._requests[wanted])
        key = (wanted, status, *headers.items(), content)
        if key not in self._outcomes:
            account.early_answer = answer
            self._outcomes[key] = self._outcome(operation, parameters)
        error, remembered = self._outcomes[key]
        response = deepcopy(remembered)
        if error:
            raise error(response, operation)
        return response

    def _outcome(self, operation: str, parameters: dict[str, Any]) -> tuple[type[ClientError] | None, dict[str, Any]]:
        error = None
        try:
            response = self._make_api_call(operation, parameters)
        except ClientError as raised:
            error, response = type(raised), raised.response
        assert not response["ResponseMetadata"]["RetryAttempts"]
        return error, response


class _Raw(io.BytesIO):
    """The part of urllib3's response that botocore reads."""

    def stream(self, *_: Any, **__: Any) -> Iterator[bytes]:
        yield self.read()


def _xml(status: int, text: str) -> Answer:
    return status, {"Content-Type": "text/xml"}, text.encode()
