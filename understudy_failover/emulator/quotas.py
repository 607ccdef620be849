"""Quotas and their use, which MiniStack does not answer, or answers wrongly.

https://docs.aws.amazon.com/Route53/latest/APIReference/API_GetAccountLimit.html
https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/API_ListServiceQuotas.html
"""

import json
import re
from collections.abc import Callable, Mapping

from understudy_failover.emulator.asgi import Application, Receive, Scope, Send, respond
from understudy_failover.emulator.aws_calls import ROUTE53, xml

DEFAULTS = {
    "health checks": 200,
    "records per zone": 10_000,
    "Distributions per AWS account": 500,
    "Alternate domain names (CNAMEs) per distribution": 100,
}
"""Of an account that has requested no increase."""
CODES = {"Distributions per AWS account": "L-24B04930"}
OTHERS = [{"QuotaName": "Multi-tenant distributions per AWS account", "QuotaCode": "L-00000000", "Value": 20}]
"""With an invented code; who searches by a part of the name takes it for the quota of distributions."""
HEALTH_CHECKS = "/2013-04-01/accountlimit/MAX_HEALTH_CHECKS_BY_OWNER"
RECORDS = re.compile(r"/2013-04-01/hostedzonelimit/(?P<zone>[^/]+)/MAX_RRSETS_BY_ZONE")


class Quotas:
    """ASGI: answers calls about quotas, forwards everything else to `aws`."""

    def __init__(
        self,
        aws: Application,
        *,
        health_checks: Callable[[], int],
        records: Callable[[], Mapping[str, int]],
        is_stopped: Callable[[str], bool],
    ) -> None:
        """`health_checks` and `records` (by hosted zone id) return the current counts; a service may be stopped."""
        self._aws = aws
        self._health_checks = health_checks
        self._records = records
        self._is_stopped = is_stopped
        self._limits = dict(DEFAULTS)

    def set(self, name: str, value: int) -> None:
        """Change a quota. Raise ValueError: there is no such quota."""
        if name not in DEFAULTS:
            raise ValueError(f"no quota {name}; there are {', '.join(DEFAULTS)}")
        self._limits[name] = value

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = self._answer(scope) if scope["type"] == "http" else None
        if answer is None:
            await self._aws(scope, receive, send)
            return
        content_type, body = answer
        await respond(send, 200, body, content_type)

    def _answer(self, scope: Scope) -> tuple[str, bytes] | None:
        headers = dict(scope["headers"])
        if headers.get(b"x-amz-target", b"").endswith(b".ListServiceQuotas"):
            quotas = [
                {"QuotaName": name, "QuotaCode": CODES.get(name, ""), "Value": value}
                for name, value in self._limits.items()
                if "per " in name
            ]
            return "application/x-amz-json-1.1", json.dumps({"Quotas": OTHERS + quotas}).encode()
        if self._is_stopped("route53"):
            return None
        if scope["path"] == HEALTH_CHECKS:
            return self._limit("GetAccountLimitResponse", "MAX_HEALTH_CHECKS_BY_OWNER", "health checks")
        if match := RECORDS.fullmatch(scope["path"]):
            return self._limit("GetHostedZoneLimitResponse", "MAX_RRSETS_BY_ZONE", "records per zone", match["zone"])
        return None

    def _limit(self, root: str, kind: str, name: str, zone: str = "") -> tuple[str, bytes]:
        count = self._records().get(zone, 0) if zone else self._health_checks()
        limit = f"<Limit><Type>{kind}</Type><Value>{self._limits[name]}</Value></Limit><Count>{count}</Count>"
        return "text/xml", xml(ROUTE53, root, limit)[2]
