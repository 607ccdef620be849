"""CloudFront's flat-rate plans as the PricingPlanManager API lists them; MiniStack knows neither.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/flat-rate-pricing-plan.html
"""

import json

from understudy_failover.emulator.control import Application, Receive, Scope, Send

PATH = "/v1/ListSubscriptions"
CREATED_AT = "2026-01-01T00:00:00Z"


class PricingPlans:
    """ASGI: answers ListSubscriptions, hands everything else to `aws`."""

    def __init__(self, aws: Application) -> None:
        self._aws = aws
        self._resources: list[str] = []
        self._stopped = False

    def subscribe(self, arns: list[str]) -> None:
        """Puts resources, and no others, into a plan; none: there is no plan."""
        self._resources = arns

    def stop(self) -> None:
        """From now on answers 503."""
        self._stopped = True

    def start(self) -> None:
        """Answers again."""
        self._stopped = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or (scope["method"], scope["path"]) != ("POST", PATH):
            await self._aws(scope, receive, send)
            return
        status, content = (503, {"message": "Stopped."}) if self._stopped else (200, self._listed())
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": json.dumps(content).encode()})

    def _listed(self) -> dict[str, object]:
        plan = {
            "arn": "arn:aws:pricingplanmanager::000000000000:subscription/rehearsal",
            "planFamily": "CloudFront",
            "planTier": "FREE",
            "status": "ACTIVE",
            "resourceArns": self._resources,
            "createdAt": CREATED_AT,
            "updatedAt": CREATED_AT,
            "eTag": "1",
        }
        return {"subscriptionSummaries": [plan] if self._resources else []}
