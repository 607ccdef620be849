"""Headers that CloudFront adds to responses, also to those for which no edge function runs.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/modifying-response-headers.html
"""

from aws_cdk import aws_cloudfront as cloudfront
from constructs import Construct

from understudy_failover.page import MARKER_HEADER, response_headers, retry_after_of_policy
from understudy_failover.settings import Settings

from .purpose import declare_purpose

MAX_VALUE_CHARACTERS = 1_783
"""Limit of a custom header. https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html"""

NO_DOWNLOAD = {"content-disposition": ("inline", True)}
"""Whoever writes an object sets its header, and could offer a download under the owner's host name."""

Policy = cloudfront.CfnResponseHeadersPolicy


def page_headers(scope: Construct, id_: str, *, settings: Settings) -> Policy:
    """Return the policy of the pages. Its Retry-After is for error.html and for 503s of a function that fails.

    AWS does not document whether the policy or a function wins where both set a header. Both set the same values, but
    for Retry-After, where the function may know the end of planned work.
    """
    values = response_headers(settings)
    csp = values["content-security-policy"]
    return _policy(
        scope,
        id_,
        name=f"{settings.app}-page",
        purpose="Retry-After, no-store and the marker on responses for which no edge function runs",
        # Each page adds the digest of its style sheet. Where they do not fit, the function alone sets the header.
        csp=csp if len(csp) <= MAX_VALUE_CHARACTERS else None,
        headers={
            "Retry-After": (str(retry_after_of_policy(settings.page)), False),
            **{name: (values[name], True) for name in ("cache-control", MARKER_HEADER)},
            **NO_DOWNLOAD,
        },
    )


def switch_headers(scope: Construct, id_: str, *, app: str) -> Policy:
    """Return the policy of the maintenance switches: browsers run and load nothing of an object.

    Without Content-Type: no source says that CloudFront accepts this header in a policy.
    """
    return _policy(
        scope,
        id_,
        name=f"{app}-switch",
        purpose="Browsers run and load nothing of a switch object, which is served under every host name",
        csp="default-src 'none'; sandbox",
        headers={"cache-control": ("no-store", True), **NO_DOWNLOAD},
    )


def _policy(
    scope: Construct, id_: str, *, name: str, purpose: str, csp: str | None, headers: dict[str, tuple[str, bool]]
) -> Policy:
    """Return a policy; `headers` are by name the value, and whether it replaces the origin's header."""
    security = Policy.SecurityHeadersConfigProperty(
        content_type_options=Policy.ContentTypeOptionsProperty(override=True),
        referrer_policy=Policy.ReferrerPolicyProperty(override=True, referrer_policy="no-referrer"),
        content_security_policy=Policy.ContentSecurityPolicyProperty(content_security_policy=csp, override=True)
        if csp
        else None,
    )
    custom = [
        Policy.CustomHeaderProperty(header=header, value=value, override=override)
        for header, (value, override) in headers.items()
    ]
    policy = Policy(
        scope,
        id_,
        response_headers_policy_config=Policy.ResponseHeadersPolicyConfigProperty(
            name=name,
            comment=purpose,
            security_headers_config=security,
            custom_headers_config=Policy.CustomHeadersConfigProperty(items=custom),
        ),
    )
    declare_purpose(policy, purpose)
    return policy
