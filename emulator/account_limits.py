"""Route 53's GetAccountLimit, which MiniStack lacks.

https://docs.aws.amazon.com/Route53/latest/APIReference/API_GetAccountLimit.html
"""

from collections.abc import Callable

from emulator.health_checks import NAMESPACE
from emulator.ministack import Answer, ServiceHandler

PATH = "/2013-04-01/accountlimit/MAX_HEALTH_CHECKS_BY_OWNER"
HEALTH_CHECKS = 200
"""https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DNSLimitations.html"""


class AccountLimits:
    """How many health checks the account may have; `health_checks()` counts those it has."""

    def __init__(self, health_checks: Callable[[], int]) -> None:
        self._health_checks = health_checks
        self._limit = HEALTH_CHECKS

    def limit_health_checks(self, limit: int) -> None:
        """Tells another limit; none is enforced here."""
        self._limit = limit

    def served(self, route53: ServiceHandler) -> ServiceHandler:
        """Route 53's API with that operation."""

        async def handle(
            method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, list[str]]
        ) -> Answer:
            if method != "GET" or path != PATH:
                return await route53(method, path, headers, body, query)
            content = (
                f'<GetAccountLimitResponse xmlns="{NAMESPACE}"><Limit><Type>MAX_HEALTH_CHECKS_BY_OWNER</Type>'
                f"<Value>{self._limit}</Value></Limit><Count>{self._health_checks()}</Count></GetAccountLimitResponse>"
            )
            return 200, {"Content-Type": "text/xml"}, content.encode()

        return handle
