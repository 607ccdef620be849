"""Control of the embedded AWS by its user: what AWS has no API for.

`Control` is the client. `ControlApplication` answers it in the child process, under a path of its own on the port of
the AWS APIs.
"""

import http.client
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from understudy_failover.emulator.asgi import Application, Receive, Scope, Send, read_body, respond

PREFIX = "/_understudy/"
LIMIT_SECONDS = 30

Operation = Callable[..., Any]


class ControlError(RuntimeError):
    """The embedded AWS refused an operation; the text says why."""


class Control:
    """Controls the embedded AWS at `endpoint_url`, whose run has this access key."""

    def __init__(self, endpoint_url: str, access_key: str) -> None:
        self._address = urlsplit(endpoint_url).netloc
        self._headers = {
            "Authorization": f"AWS4-HMAC-SHA256 Credential={access_key}/",
            "Content-Type": "application/json",
        }

    def create_hosted_zone(self, *, id: str, name: str) -> None:  # noqa: A002 (AWS's own term)
        """Create a public hosted zone with this id: failover.toml names ids, and Route 53 chooses them."""
        self._call("create-hosted-zone", identifier=id, name=name)

    def route(self, *, address: str, port: int, to: tuple[str, int]) -> None:
        """Route a public address and port to a socket on loopback."""
        self._call("route", address=address, port=port, to=to)

    def unroute(self, *, address: str, port: int) -> None:
        self._call("unroute", address=address, port=port)

    def health_checks(self) -> list[dict[str, Any]]:
        """Return of each health check `id`, `healthy` (None: no data yet) and `checkers`.

        Each checker has its region, `healthy`, `reason` and `checked_at` (emulated Unix seconds).
        """
        checks: list[dict[str, Any]] = self._call("health-checks")
        return checks

    def flush_resolver(self) -> None:
        self._call("flush-resolver")

    def plan_fault(self, *, operation: str, kind: str, times: int = 1, skip: int = 0) -> None:
        """Let `times` calls of an AWS API's `operation` fail, after `skip` calls that do not.

        `kind` is a `faults.Kind`; `operation` an action (`UploadServerCertificate`) or, in APIs without actions, the
        beginning of `METHOD /path`.
        """
        self._call("plan-fault", operation=operation, kind=kind, times=times, skip=skip)

    def clear_faults(self) -> None:
        self._call("clear-faults")

    def stop_services(self, *names: str) -> None:
        """Let whole services (`"iam"`, `"s3"`, …) answer 503 ServiceUnavailable, until `start_services`.

        A stopped S3 also answers CloudFront so. Name server, health checkers and edge continue.
        """
        self._call("stop-services", names=names)

    def start_services(self) -> None:
        """End every outage that `stop_services` began."""
        self._call("start-services")

    def set_quota(self, name: str, value: int) -> None:
        """Set a quota of the account, a key of `quotas.DEFAULTS`. It is not enforced."""
        self._call("set-quota", name=name, value=value)

    def set_zone_features(
        self,
        *,
        id: str,  # noqa: A002 (AWS's own term)
        tier: str = "STANDARD",
        guardrails: Sequence[str] = (),
        protections: Sequence[tuple[str, str, str]] = (),
        recovery: str = "DISABLED",
    ) -> None:
        """Give a hosted zone these features, and no others; a protection is name (absolute), type and comment."""
        entries = [{"name": name, "type": type_, "comment": comment} for name, type_, comment in protections]
        features = {"tier": tier, "guardrails": guardrails, "protections": entries, "recovery": recovery}
        self._call("set-zone-features", zone_id=id, **features)

    def assign_alias(self, alias: str, *, account: str) -> None:
        """Give an alternate domain name to a distribution of another account; with an empty `account` to none."""
        self._call("take-alias", alias=alias, account=account)

    def let_headers_policies_win(self, wins: bool) -> None:
        """Set whether CloudFront's response headers policies win over a function that sets the same header.

        This is not documented; initially the function wins.
        """
        self._call("let-headers-policies-win", wins=wins)

    def check_permissions(self, checked: bool) -> None:
        """Set whether signatures and the policies of an assumed role are checked; initially they are not."""
        self._call("check-permissions", checked=checked)

    def cut_edge(self) -> None:
        """Disconnect CloudFront's edge from the internet, until `mend_edge`."""
        self._call("cut-edge")

    def restore_edge(self) -> None:
        self._call("restore-edge")

    def cut_region(self, region: str) -> None:
        """Disconnect the health checkers of a region from the internet, until `mend_regions`."""
        self._call("cut-region", region=region)

    def restore_regions(self) -> None:
        self._call("restore-regions")

    def stop_control_planes(self) -> None:
        """Let every API that manages resources answer 503, until `start_services`.

        S3, STS, name server, resolver, health checkers and edge continue.
        """
        self._call("stop-control-planes")

    def override_dns(self, *, name: str, type: str, values: Sequence[str]) -> None:  # noqa: A002 (DNS's own term)
        """Override the public resolver's answer to a name and type, until `tell_the_truth`."""
        self._call("override-dns", name=name, type=type, values=values)

    def clear_dns_overrides(self) -> None:
        self._call("clear-dns-overrides")

    def set_distribution_status(self, *, id: str, status: str) -> None:  # noqa: A002 (AWS's own term)
        """Let CloudFront return a status, `InProgress` or `Deployed`; a change reaches the edge at once in any case."""
        self._call("set-distribution-status", identifier=id, status=status)

    def subscribe(self, *arns: str) -> None:
        """Put these resources, and no others, into a flat-rate pricing plan; with none there is no plan."""
        self._call("subscribe", arns=arns)

    def _call(self, operation: str, /, **arguments: Any) -> Any:
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
    """ASGI: answers `Control` by `operations`, whose parameters are the JSON's; forwards everything else to `aws`."""

    def __init__(self, aws: Application, operations: Mapping[str, Operation]) -> None:
        self._aws = aws
        self._operations = operations

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(PREFIX):
            await self._aws(scope, receive, send)
            return
        status, answer = self._answer(scope["path"].removeprefix(PREFIX), await read_body(receive))
        await respond(send, status, json.dumps(answer).encode())

    def _answer(self, name: str, body: bytes) -> tuple[int, dict[str, Any]]:
        if name not in self._operations:
            return 404, {"error": f"unknown operation; known are {', '.join(sorted(self._operations))}"}
        try:
            return 200, {"result": self._operations[name](**json.loads(body or b"{}"))}
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            return 400, {"error": str(error)}
