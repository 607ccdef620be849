"""The CloudFront distribution that answers every request for every host name with the maintenance page."""

from collections.abc import Sequence
from typing import cast

from aws_cdk import Annotations, Aws, Duration, aws_cloudfront as cloudfront, aws_iam as iam, aws_s3 as s3
from constructs import Construct

from understudy_failover.contract.cloudfront import REPLACED_STATUS_CODES
from understudy_failover.contract.switch import FOLDER
from understudy_failover.page import ERROR_KEY, EdgeFunction, edge_function
from understudy_failover.settings import Settings
from understudy_failover.settings.pages import RETRY_AFTER_FLOOR_SECONDS

from .access_logs import AccessLogs
from .maintenance_site import MaintenanceSite
from .purpose import declare_purpose
from .response_headers import page_headers, switch_headers
from .server_certificate import ServerCertificate
from .switch_bucket import SwitchBucket

CACHE_SECONDS = 60
"""For which CloudFront may serve a changed page's old version; no deploy invalidates the cache."""
ERROR_CACHE_SECONDS = 10
CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
"""A managed cache policy.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html
"""

EDGE_PURPOSES = {
    "viewer-request.js": "Chooses page, form and language for GET and HEAD; answers every other method itself",
    "viewer-response.js": "Makes responses of the bucket a 503 with Retry-After and no-store",
}

Config = cloudfront.CfnDistribution


class MaintenanceDistribution(Construct):
    """Serves `site` under `server_certificate` for all host names, always with status 503.

    An L1 construct, because the CDK's L2 construct accepts no certificate of IAM.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        settings: Settings,
        site: MaintenanceSite,
        switches: SwitchBucket | None,
        server_certificate: ServerCertificate,
        logs: AccessLogs | None,
    ) -> None:
        super().__init__(scope, id_)
        self._edge_test = server_certificate.edge_test
        if settings.page.retry_after_seconds < RETRY_AFTER_FLOOR_SECONDS:
            Annotations.of(self).add_warning_v2(
                "understudy:retryAfterSeconds",
                f"page.retry_after_seconds = {settings.page.retry_after_seconds}: libcurl keeps a connection 118 s. "
                "Before that, `curl --retry` reuses the connection to the maintenance page, also after a fail-back. "
                f"Set it to {RETRY_AFTER_FLOOR_SECONDS} or more.",
            )
        # The logical ids of distribution and origin access control depend on these two inner scopes.
        inner = Construct(self, "Distribution")
        access = cloudfront.S3OriginAccessControl(Construct(inner, "Origin1"), "S3OriginAccessControl")
        declare_purpose(access, "Signs the distribution's requests to its buckets")
        origins = [_origin("site", site.bucket, access)]
        if switches:
            origins.append(_origin("switch", switches.bucket, access))
        resource = Config(
            inner,
            "Resource",
            distribution_config=Config.DistributionConfigProperty(
                comment=f"Maintenance page of {settings.app}",
                enabled=True,
                # Sorted: the order of host names in failover.toml does not matter.
                aliases=sorted(settings.host_names),
                # A page needs one request. Browsers close an HTTP/1.1 connection on request, but keep a connection of
                # HTTP/2 or 3 long after DNS answers with the server again.
                # docs/decisions/0005-maintenance-response.md
                http_version="http1.1",
                ipv6_enabled=True,
                price_class="PriceClass_All",
                origins=origins,
                default_cache_behavior=self._page_behavior(settings),
                cache_behaviors=[self._switch_behavior(settings.app)] if switches else None,
                # For errors of S3: viewer-response does not run when the origin answers 400 or more.
                custom_error_responses=[
                    Config.CustomErrorResponseProperty(
                        error_code=code,
                        response_code=503,
                        response_page_path=f"/{ERROR_KEY}",
                        error_caching_min_ttl=ERROR_CACHE_SECONDS,
                    )
                    for code in REPLACED_STATUS_CODES
                ],
                viewer_certificate=Config.ViewerCertificateProperty(
                    iam_certificate_id=server_certificate.server_certificate_id,
                    ssl_support_method="sni-only",
                    minimum_protocol_version=settings.page.tls_policy,
                ),
                logging=logs.of_distribution() if logs else None,
            ),
        )
        declare_purpose(
            resource,
            "Serves the maintenance page for every host. HTTP/1.1, because browsers keep HTTP/2 connections "
            "after fail-back",
        )
        self.distribution = cloudfront.Distribution.from_distribution_attributes(
            self, "Declared", distribution_id=resource.ref, domain_name=resource.attr_domain_name
        )
        site.bucket.add_to_resource_policy(self._read_objects(site.bucket, ["*"]))
        if switches:
            # By name: CloudFront would serve any other object of the bucket under every host name.
            switches.bucket.add_to_resource_policy(self._read_objects(switches.bucket, switches.keys))

    def _page_behavior(self, settings: Settings) -> Config.DefaultCacheBehaviorProperty:
        viewer_request = self._function("ViewerRequest", settings, "viewer-request.js")
        viewer_response = self._function("ViewerResponse", settings, "viewer-response.js")
        return Config.DefaultCacheBehaviorProperty(
            target_origin_id="site",
            # Plain HTTP gets a 503, too: crawlers and monitors must see it. A redirect would be a 301, which browsers
            # keep long after the server is back, and for methods other than GET and HEAD a 307 or 403. The page is
            # public and takes no input, so HTTPS has nothing to protect.
            viewer_protocol_policy="allow-all",
            # CloudFront answers 403 for other methods; viewer-request answers all of these.
            allowed_methods=["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"],
            compress=True,
            cache_policy_id=self._cache_policy(settings.app).cache_policy_id,
            response_headers_policy_id=page_headers(self, "Headers", settings=settings).ref,
            function_associations=[
                Config.FunctionAssociationProperty(
                    event_type="viewer-request", function_arn=viewer_request.function_arn
                ),
                Config.FunctionAssociationProperty(
                    event_type="viewer-response", function_arn=viewer_response.function_arn
                ),
            ],
        )

    def _switch_behavior(self, app: str) -> Config.CacheBehaviorProperty:
        # No functions: an object is 200; without it S3 answers 403, which becomes 503. No cache. The health checkers
        # use plain HTTP.
        return Config.CacheBehaviorProperty(
            path_pattern=f"/{FOLDER}*",
            target_origin_id="switch",
            viewer_protocol_policy="allow-all",
            allowed_methods=["GET", "HEAD"],
            compress=True,
            cache_policy_id=CACHING_DISABLED,
            response_headers_policy_id=switch_headers(self, "SwitchHeaders", app=app).ref,
        )

    def _read_objects(self, bucket: s3.IBucket, keys: Sequence[str]) -> iam.PolicyStatement:
        # Without ListBucket S3 answers 403 for a missing object.
        distribution = (
            f"arn:{Aws.PARTITION}:cloudfront::{Aws.ACCOUNT_ID}:distribution/{self.distribution.distribution_id}"
        )
        return iam.PolicyStatement(
            principals=[iam.ServicePrincipal("cloudfront.amazonaws.com")],
            actions=["s3:GetObject"],
            resources=[bucket.arn_for_objects(key) for key in keys],
            conditions={"StringEquals": {"AWS:SourceArn": distribution}},
        )

    def _function(self, id_: str, settings: Settings, file: EdgeFunction) -> cloudfront.Function:
        function = cloudfront.Function(
            self,
            id_,
            # The CDK would derive a name that a second app in the account would share.
            function_name=f"{settings.app}-{file.removesuffix('.js')}",
            comment=f"{file} of the maintenance page",
            runtime=cloudfront.FunctionRuntime.JS_2_0,
            code=cloudfront.FunctionCode.from_inline(edge_function(file, settings)),
        )
        # CloudFront publishes any code: wait for the test.
        cast(cloudfront.CfnFunction, function.node.default_child).add_resource_dependency(self._edge_test)
        declare_purpose(function, EDGE_PURPOSES[file])
        return function

    def _cache_policy(self, app: str) -> cloudfront.CachePolicy:
        # A minimum above zero makes CloudFront cache although the page's header says no-store.
        # https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_CachePolicyConfig.html
        lifetime = Duration.seconds(CACHE_SECONDS)
        policy = cloudfront.CachePolicy(
            self,
            "CachePolicy",
            cache_policy_name=f"{app}-maintenance",
            comment="Maintenance pages: viewer-request chooses the path, which is the whole cache key",
            min_ttl=lifetime,
            default_ttl=lifetime,
            max_ttl=lifetime,
            enable_accept_encoding_brotli=True,
            enable_accept_encoding_gzip=True,
        )
        declare_purpose(policy, f"Keeps pages at the edge for {CACHE_SECONDS} s")
        return policy


def _origin(id_: str, bucket: s3.IBucket, access: cloudfront.S3OriginAccessControl) -> Config.OriginProperty:
    return Config.OriginProperty(
        id=id_,
        domain_name=bucket.bucket_regional_domain_name,
        origin_access_control_id=access.origin_access_control_id,
        # CloudFormation requires it to be empty beside an origin access control.
        s3_origin_config=Config.S3OriginConfigProperty(origin_access_identity=""),
    )
