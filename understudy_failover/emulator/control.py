"""What AWS has no API for: choosing a hosted zone's id, the rehearsal's internet, a look behind the scenes.

`Control` is the client. `ControlApplication` answers it in the child process, under a path of its own on the
port of the AWS APIs.
"""

import http.client
import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from urllib.parse import urlsplit

PREFIX = "/_understudy/"
LIMIT_SECONDS = 30

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]
Operation = Callable[[dict[str, Any]], Any]


class ControlError(RuntimeError):
    """The embedded AWS refused, and why."""


class Control:
    """Manages the embedded AWS at `endpoint_url`, whose run has this access key."""

    def __init__(self, endpoint_url: str, access_key: str) -> None:
        self._address = urlsplit(endpoint_url).netloc
        self._headers = {
            "Authorization": f"AWS4-HMAC-SHA256 Credential={access_key}/",
            "Content-Type": "application/json",
        }

    def create_hosted_zone(self, *, id: str, name: str) -> None:  # noqa: A002 (AWS's own term)
        """Makes a public hosted zone with this id: Route 53 chooses ids itself, failover.toml names them."""
        self._call("create-hosted-zone", {"id": id, "name": name})

    def route(self, *, address: str, port: int, to: tuple[str, int]) -> None:
        """Lets a public address and port lead to a socket on loopback."""
        self._call("route", {"address": address, "port": port, "to": list(to)})

    def unroute(self, *, address: str, port: int) -> None:
        """Takes a route away."""
        self._call("unroute", {"address": address, "port": port})

    def health_checks(self) -> list[dict[str, Any]]:
        """Per health check `id`, `healthy` (None: no data yet) and `checkers`, each with its region,
        `healthy`, `reason` and `checked_at` (emulated Unix seconds)."""
        found: list[dict[str, Any]] = self._call("health-checks", {})
        return found

    def flush_resolver(self) -> None:
        """Empties the cache of the gateway's resolver, as restarting it would."""
        self._call("flush-resolver", {})

    def plan_fault(self, *, operation: str, kind: str, times: int = 1, skip: int = 0) -> None:
        """Lets `times` calls of an AWS API's `operation` fail, after `skip` more that do not.

        `kind` is one of `emulator.faults.Kind`; `operation` an action (`UploadServerCertificate`) or, of the
        APIs that have none, the beginning of `METHOD /path`.
        """
        self._call("plan-fault", {"operation": operation, "kind": kind, "times": times, "skip": skip})

    def clear_faults(self) -> None:
        """Forgets the faults that have not come to pass."""
        self._call("clear-faults", {})

    def stop_services(self, *names: str) -> None:
        """Lets whole services (`"iam"`, `"s3"`, …) answer 503 ServiceUnavailable, until `start_services`.

        A stopped S3 also answers CloudFront so. What runs beside the APIs (name server, health checkers, edge)
        goes on.
        """
        self._call("stop-services", {"names": list(names)})

    def start_services(self) -> None:
        """Ends every outage that `stop_services` began."""
        self._call("start-services", {})

    def set_quota(self, name: str, value: int) -> None:
        """Changes a quota of the account; names in `emulator.quotas.DEFAULTS`. Nothing but the answers changes."""
        self._call("set-quota", {"name": name, "value": value})

    def set_zone_features(
        self,
        *,
        id: str,  # noqa: A002 (AWS's own term)
        tier: str = "STANDARD",
        guardrails: Sequence[str] = (),
        protections: Sequence[tuple[str, str, str]] = (),
        recovery: str = "DISABLED",
    ) -> None:
        """Gives a hosted zone these features, and no others; a protection is name (absolute), type and comment."""
        locked = [{"name": name, "type": type_, "comment": comment} for name, type_, comment in protections]
        self._call(
            "set-zone-features",
            {"id": id, "tier": tier, "guardrails": list(guardrails), "protections": locked, "recovery": recovery},
        )

    def take_alias(self, alias: str, *, account: str) -> None:
        """Lets another account's distribution have an alternate domain name; with an empty `account` no more."""
        self._call("take-alias", {"alias": alias, "account": account})

    def let_headers_policies_win(self, wins: bool) -> None:
        """Let CloudFront's response headers policies have the last word, where a function sets the same header.

        Which of the two has it is not documented; at first it is the function.
        """
        self._call("let-headers-policies-win", {"wins": wins})

    def check_permissions(self, checked: bool) -> None:
        """Check signatures, and what the policies of an assumed role allow; at first, and for the account: no check."""
        self._call("check-permissions", {"checked": checked})

    def cut_edge(self) -> None:
        """Takes CloudFront's edge off the internet, until `mend_edge`."""
        self._call("cut-edge", {})

    def mend_edge(self) -> None:
        """Puts the edge back."""
        self._call("mend-edge", {})

    def cut_region(self, region: str) -> None:
        """Lets the health checkers of a region reach nobody, until `mend_regions`."""
        self._call("cut-region", {"region": region})

    def mend_regions(self) -> None:
        """Ends every `cut_region`."""
        self._call("mend-regions", {})

    def stop_control_planes(self) -> None:
        """Lets every API that manages resources answer 503, until `start_services`.

        What serves goes on: S3 and STS, name server, resolver, health checkers, edge.
        """
        self._call("stop-control-planes", {})

    def lie(self, *, name: str, type: str, values: Sequence[str]) -> None:  # noqa: A002 (DNS's own term)
        """Lets the public resolver answer something else for a name, until `tell_the_truth`."""
        self._call("lie", {"name": name, "type": type, "values": list(values)})

    def tell_the_truth(self) -> None:
        """Ends every lie of the public resolver."""
        self._call("tell-the-truth", {})

    def set_distribution_status(self, *, id: str, status: str) -> None:  # noqa: A002 (AWS's own term)
        """`InProgress` or `Deployed`, as CloudFront tells it; here a change reaches the edge at once."""
        self._call("set-distribution-status", {"id": id, "status": status})

    def subscribe(self, *arns: str) -> None:
        """Puts resources, and no others, into a flat-rate pricing plan; none: there is no plan."""
        self._call("subscribe", {"arns": list(arns)})

    def _call(self, operation: str, arguments: dict[str, Any]) -> Any:
        connection = http.client.HTTPConnection(self._address, timeout=LIMIT_SECONDS)
        try:
            connection.request("POST", PREFIX + operation, json.dumps(arguments), self._headers)
            response = connection.getresponse()
            answer = json.loads(response.read())
        finally:
            connection.close()
        if response.status != 200:
            raise ControlError(f"{operation}: {answer['error']}")
        return answer["result"]


class ControlApplication:
    """ASGI: answers `Control` with `operations`, hands everything else to `aws`."""

    def __init__(self, aws: Application, operations: dict[str, Operation]) -> None:
        self._aws = aws
        self._operations = operations

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(PREFIX):
            await self._aws(scope, receive, send)
            return
        status, answer = self._answer(scope["path"].removeprefix(PREFIX), await read_body(receive))
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": json.dumps(answer).encode()})

    def _answer(self, name: str, body: bytes) -> tuple[int, dict[str, Any]]:
        if name not in self._operations:
            return 404, {"error": f"unknown operation; known are {', '.join(sorted(self._operations))}"}
        try:
            return 200, {"result": self._operations[name](json.loads(body or b"{}"))}
        except KeyError as error:
            return 400, {"error": f"{error} is missing"}
        except (AttributeError, TypeError, ValueError) as error:
            return 400, {"error": str(error)}


async def read_body(receive: Receive) -> bytes:
    """The whole body of a request."""
    parts: list[bytes] = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)
