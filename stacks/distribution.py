"""The CloudFront distribution that answers every request for every host name with the maintenance page."""

from typing import cast

from aws_cdk import Duration, aws_cloudfront as cloudfront, aws_cloudfront_origins as origins
from constructs import Construct

from maintenance_site import ERROR_KEY, EdgeFunction, edge_function
from settings import Settings
from settings.switch import FOLDER
from stacks.maintenance_site import MaintenanceSite
from stacks.server_certificate import ServerCertificate
from stacks.switch_bucket import SwitchBucket

CACHE_SECONDS = 60
"""How long a changed page may take to show, as no deploy invalidates the cache."""
ERROR_CACHE_SECONDS = 10
REPLACED_STATUS_CODES = (400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504)
"""Every code for which CloudFront knows custom error responses.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/custom-error-pages-response-code.html
"""


class MaintenanceDistribution(Construct):
    """Serves `site` under `server_certificate` for all host names, always with status 503."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        settings: Settings,
        site: MaintenanceSite,
        switches: SwitchBucket | None,
        server_certificate: ServerCertificate,
    ) -> None:
        super().__init__(scope, id_)
        viewer_request = self._function("ViewerRequest", settings, "viewer-request.js")
        viewer_response = self._function("ViewerResponse", settings, "viewer-response.js")
        self.distribution = cloudfront.Distribution(
            self,
            "Distribution",
            comment=f"Maintenance page of {settings.app}",
            # Sorted, so that moving a host name about in failover.toml changes nothing.
            domain_names=sorted(settings.host_names),
            # One request is all a page needs, and browsers leave an HTTP/1.1 connection when told to, but stay
            # on one of HTTP/2 or 3 long after DNS leads back to the server.
            # docs/decisions/0005-maintenance-response.md
            http_version=cloudfront.HttpVersion.HTTP1_1,
            price_class=cloudfront.PriceClass.PRICE_CLASS_ALL,
            default_behavior=cloudfront.BehaviorOptions(
                origin=origins.S3BucketOrigin.with_origin_access_control(site.bucket, origin_id="site"),
                # Plain HTTP gets its 503 too. A redirect would be a 301, which browsers keep long after the
                # server is back, and for methods other than GET and HEAD a 307 or 403: in either case not
                # the 503 that crawlers and monitors must see. The page is public and asks for nothing, so
                # there is nothing here for HTTPS to protect.
                viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.ALLOW_ALL,
                # A method that is not allowed gets CloudFront's own 403; viewer-request answers them all.
                allowed_methods=cloudfront.AllowedMethods.ALLOW_ALL,
                cache_policy=self._cache_policy(settings.app),
                function_associations=[
                    cloudfront.FunctionAssociation(
                        function=viewer_request, event_type=cloudfront.FunctionEventType.VIEWER_REQUEST
                    ),
                    cloudfront.FunctionAssociation(
                        function=viewer_response, event_type=cloudfront.FunctionEventType.VIEWER_RESPONSE
                    ),
                ],
            ),
            additional_behaviors=self._switch_behaviour(switches) if switches else None,
            # The net for trouble with S3: viewer-response does not run when the origin answers 400 or more.
            error_responses=[
                cloudfront.ErrorResponse(
                    http_status=code,
                    response_http_status=503,
                    response_page_path=f"/{ERROR_KEY}",
                    ttl=Duration.seconds(ERROR_CACHE_SECONDS),
                )
                for code in REPLACED_STATUS_CODES
            ],
        )
        # Distribution takes certificates of ACM alone; its TLS properties without one only raise warnings.
        resource = cast(cloudfront.CfnDistribution, self.distribution.node.default_child)
        resource.add_property_override(
            "DistributionConfig.ViewerCertificate",
            {
                "IamCertificateId": server_certificate.server_certificate_id,
                "SslSupportMethod": "sni-only",
                "MinimumProtocolVersion": "TLSv1.2_2021",
            },
        )

    def _switch_behaviour(self, switches: SwitchBucket) -> dict[str, cloudfront.BehaviorOptions]:
        # No functions: present is 200, absent S3's 403 and so 503. No cache: the answer is that of now. Only
        # TLS, as the bucket takes nothing else.
        return {
            f"/{FOLDER}*": cloudfront.BehaviorOptions(
                origin=origins.S3BucketOrigin.with_origin_access_control(
                    switches.bucket,
                    origin_id="switch",
                    # Made here: one that the CDK makes for a further origin tells its temporary folder in cdk.out.
                    origin_access_control=cloudfront.S3OriginAccessControl(self, "SwitchAccess"),
                ),
                viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.HTTPS_ONLY,
                allowed_methods=cloudfront.AllowedMethods.ALLOW_GET_HEAD,
                cache_policy=cloudfront.CachePolicy.CACHING_DISABLED,
            )
        }

    def _function(self, id_: str, settings: Settings, file: EdgeFunction) -> cloudfront.Function:
        return cloudfront.Function(
            self,
            id_,
            # Without a name of its own CDK derives one that a second app in the account would share.
            function_name=f"{settings.app}-{file.removesuffix('.js')}",
            comment=f"{file} of the maintenance page",
            runtime=cloudfront.FunctionRuntime.JS_2_0,
            code=cloudfront.FunctionCode.from_inline(edge_function(file, settings)),
        )

    def _cache_policy(self, app: str) -> cloudfront.CachePolicy:
        # A minimum above zero makes CloudFront cache although the page says no-store to everybody else.
        # https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_CachePolicyConfig.html
        lifetime = Duration.seconds(CACHE_SECONDS)
        return cloudfront.CachePolicy(
            self,
            "CachePolicy",
            cache_policy_name=f"{app}-maintenance",
            comment="Maintenance pages: the path that viewer-request chose says it all",
            min_ttl=lifetime,
            default_ttl=lifetime,
            max_ttl=lifetime,
            enable_accept_encoding_brotli=True,
            enable_accept_encoding_gzip=True,
        )
