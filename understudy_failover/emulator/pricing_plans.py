"""CloudFront's flat-rate plans as the PricingPlanManager API lists them; MiniStack has neither.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/flat-rate-pricing-plan.html
"""

import json

from understudy_failover.emulator.asgi import Application, Receive, Scope, Send, respond

PATH = "/v1/ListSubscriptions"
CREATED_AT = "2026-01-01T00:00:00Z"


class PricingPlans:
    """ASGI: answers ListSubscriptions, with 503 while `is_stopped`; forwards everything else to `aws`."""

    def __init__(self, aws: Application) -> None:
        self._aws = aws
        self._resources: list[str] = []
        self.is_stopped = False

    def subscribe(self, arns: list[str]) -> None:
        """Put these resources, and no others, into a plan; with none there is no plan."""
        self._resources = arns

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or (scope["method"], scope["path"]) != ("POST", PATH):
            await self._aws(scope, receive, send)
            return
        status, content = (503, {"message": "Stopped."}) if self.is_stopped else (200, self._list())
        await respond(send, status, json.dumps(content).encode())

    def _list(self) -> dict[str, object]:
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
