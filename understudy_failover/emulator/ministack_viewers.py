"""The responses of MiniStack's CloudFront distributions to viewers."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

from understudy_failover.emulator.model import ViewerRequest, ViewerResponse


class Viewers:
    """Serves viewers by MiniStack's module `cloudfront`."""

    def __init__(self, cloudfront: Any, pin_request_origin: Callable[[str, bool], None]) -> None:
        self._cloudfront = cloudfront
        self._pin_request_origin = pin_request_origin
        self._policies_win = False

    async def serve(self, distribution_id: str, request: ViewerRequest) -> ViewerResponse:
        """Return a distribution's response to a request, by its behavior, functions, origin and error pages."""
        # CloudFront sends requests to S3 in its viewer's protocol, which a bucket policy may test.
        # .../AmazonCloudFront/latest/DeveloperGuide/using-https-cloudfront-to-s3-origin.html
        self._pin_request_origin(request.client_ip, request.scheme == "https")
        status, headers, body = await self._cloudfront.handle_viewer_request(
            self._cloudfront._distributions[distribution_id],
            request.method,
            request.path,
            request.raw_path,
            request.query_string,
            {**request.headers, "x-forwarded-proto": request.scheme},
            request.body,
            parse_qs(request.query_string, keep_blank_values=True),
            request.client_ip,
        )
        fields = tuple(
            (name, str(line))
            for name, value in self._with_policy_headers(distribution_id, request, headers).items()
            for line in (value if isinstance(value, list) else [value])
        )
        return ViewerResponse(status, fields, body)

    def let_headers_policies_win(self, wins: bool) -> None:
        """Set whether a response headers policy or a function wins where both set a header."""
        self._policies_win = wins

    def _with_policy_headers(
        self, distribution_id: str, request: ViewerRequest, headers: dict[str, Any]
    ) -> dict[str, Any]:
        """Return the headers with those of the response headers policy, also where no function ran, or one failed.

        MiniStack applies the policy only before a function.
        """
        cloudfront = self._cloudfront
        parsed = cloudfront.parse_distribution_dataplane_config(cloudfront._distributions[distribution_id])
        behavior = cloudfront._match_behavior(parsed, request.path) or {}
        policy = cloudfront.response_headers_policy_config(behavior.get("response_headers_policy_id"))
        lower = {name.lower(): value for name, value in headers.items()}
        applied: dict[str, Any] = cloudfront._apply_response_headers_policy(
            lower, _overriding(policy, self._policies_win), request.headers.get("origin", ""), request.method
        )
        return applied


def _overriding(policy: Any, wins: bool) -> Any:
    """Return a policy whose headers all override existing ones, or none does."""
    if isinstance(policy, dict):
        return {key: wins if key == "Override" else _overriding(value, wins) for key, value in policy.items()}
    return [_overriding(part, wins) for part in policy] if isinstance(policy, list) else policy
