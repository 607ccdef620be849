"""The distribution: every host, protocol and method, under the owner's certificate, always 503."""

from typing import Any

import pytest

from tests.stacks.templates import Synthesis, Template
from understudy_failover.contract.switch import FOLDER
from understudy_failover.operations.bounds import ERROR_CACHE_SECONDS
from understudy_failover.page import ERROR_KEY, FUNCTION_BYTES, edge_function

DISTRIBUTION = "AWS::CloudFront::Distribution"
FUNCTION = "AWS::CloudFront::Function"

REPLACEABLE_STATUS_CODES = {400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504}
"""https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/custom-error-pages-response-code.html"""


def _config(template: Template) -> dict[str, Any]:
    _, distribution = template.only(DISTRIBUTION)
    config: dict[str, Any] = template.resolved(distribution["DistributionConfig"])
    return config


@pytest.fixture
def config(sample: Synthesis) -> dict[str, Any]:
    """The sample's distribution, with references followed."""
    return _config(sample.maintenance)


def test_every_host_name_is_an_alternate_domain_name(synthesis: Synthesis) -> None:
    aliases = _config(synthesis.maintenance)["Aliases"]
    assert len(aliases) == len(synthesis.settings.host_names)
    assert set(aliases) == set(synthesis.settings.host_names)


def test_the_distribution_answers_over_ipv6_and_http_1_alone_which_browsers_can_be_made_to_leave(
    config: dict[str, Any],
) -> None:
    assert config["Enabled"] is True
    assert config["IPV6Enabled"] is True
    assert config["HttpVersion"] == "http1.1"


def test_every_method_that_cloudfront_knows_gets_an_answer_of_ours(config: dict[str, Any]) -> None:
    methods = {"GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"}
    assert set(config["DefaultCacheBehavior"]["AllowedMethods"]) == methods


def test_plain_http_gets_its_503_instead_of_a_redirect(config: dict[str, Any]) -> None:
    assert config["DefaultCacheBehavior"]["ViewerProtocolPolicy"] == "allow-all"


def test_every_path_is_served_alike_but_that_of_the_switches(config: dict[str, Any]) -> None:
    (behaviour,) = config["CacheBehaviors"]
    assert behaviour["PathPattern"] == f"/{FOLDER}*"


def test_a_switch_is_read_from_its_bucket_at_every_request_by_nobody_but_the_bucket(
    sample: Synthesis, config: dict[str, Any]
) -> None:
    (behaviour,) = config["CacheBehaviors"]
    bucket, _ = sample.maintenance.only("AWS::S3::Bucket", "Switch")
    (origin,) = (origin for origin in config["Origins"] if origin["Id"] == behaviour["TargetOriginId"])
    assert origin["DomainName"] == f"<{bucket}.RegionalDomainName>"
    assert "OriginPath" not in origin, "the object's key is its path"
    assert behaviour["CachePolicyId"] == "4135ea2d-6df8-44a3-9df3-4b5a84be39ad", "CloudFront's own CachingDisabled"
    assert not behaviour.get("FunctionAssociations")
    assert behaviour["ViewerProtocolPolicy"] == "allow-all", "its health checks ask over plain HTTP"


def test_a_switch_that_is_off_is_not_kept_for_longer_than_the_bounds_say(config: dict[str, Any]) -> None:
    # S3 answers 403 for an object that is not there, as CloudFront may not list the bucket; else it were 404.
    kept = {response["ErrorCode"]: response["ErrorCachingMinTTL"] for response in config["CustomErrorResponses"]}
    assert {kept[403], kept[404]} == {ERROR_CACHE_SECONDS}


def test_the_viewer_certificate_is_the_uploaded_one_by_its_iam_id(sample: Synthesis, config: dict[str, Any]) -> None:
    certificate, _ = sample.maintenance.only("Custom::ServerCertificate")
    assert config["ViewerCertificate"]["IamCertificateId"] == f"<{certificate}.ServerCertificateId>"
    assert not config["ViewerCertificate"].keys() & {"AcmCertificateArn", "CloudFrontDefaultCertificate"}


def test_tls_is_modern_and_chosen_by_sni(config: dict[str, Any]) -> None:
    assert config["ViewerCertificate"]["SslSupportMethod"] == "sni-only"
    assert config["ViewerCertificate"]["MinimumProtocolVersion"] == "TLSv1.2_2021"


def test_the_page_comes_from_its_bucket(sample: Synthesis, config: dict[str, Any]) -> None:
    bucket, _ = sample.maintenance.only("AWS::S3::Bucket", "Site")
    (origin,) = (
        origin for origin in config["Origins"] if origin["Id"] == config["DefaultCacheBehavior"]["TargetOriginId"]
    )
    assert origin["DomainName"] == f"<{bucket}.RegionalDomainName>"


def test_every_origin_is_a_bucket_read_with_signed_requests(sample: Synthesis, config: dict[str, Any]) -> None:
    controls = sample.maintenance.of_type("AWS::CloudFront::OriginAccessControl")
    assert {origin["OriginAccessControlId"] for origin in config["Origins"]} == {f"<{id_}.Id>" for id_ in controls}
    for settings in controls.values():
        assert (
            settings["OriginAccessControlConfig"].items()
            >= {"OriginAccessControlOriginType": "s3", "SigningBehavior": "always", "SigningProtocol": "sigv4"}.items()
        )


def test_both_functions_run_where_they_belong_with_the_texts_of_the_settings(synthesis: Synthesis) -> None:
    template = synthesis.maintenance
    code = {
        f"<{logical_id}.FunctionARN>": function["FunctionCode"]
        for logical_id, function in template.of_type(FUNCTION).items()
    }
    associations = _config(template)["DefaultCacheBehavior"]["FunctionAssociations"]
    assert {association["EventType"]: code[association["FunctionARN"]] for association in associations} == {
        "viewer-request": edge_function("viewer-request.js", synthesis.settings),
        "viewer-response": edge_function("viewer-response.js", synthesis.settings),
    }


def test_functions_are_published_in_the_current_runtime(sample: Synthesis) -> None:
    for function in sample.maintenance.of_type(FUNCTION).values():
        assert function["FunctionConfig"]["Runtime"] == "cloudfront-js-2.0"
        assert function["AutoPublish"] is True


def test_functions_are_as_small_as_cloudfront_wants_them(synthesis: Synthesis) -> None:
    assert FUNCTION_BYTES == 10_240
    for function in synthesis.maintenance.of_type(FUNCTION).values():
        assert 0 < len(function["FunctionCode"].encode()) <= 10_240


def test_every_error_of_the_origin_becomes_the_page_with_503(config: dict[str, Any]) -> None:
    responses = config["CustomErrorResponses"]
    assert {response["ErrorCode"] for response in responses} == REPLACEABLE_STATUS_CODES
    for response in responses:
        assert response["ResponseCode"] == 503
        assert response["ResponsePagePath"] == f"/{ERROR_KEY}"
        assert response["ErrorCachingMinTTL"] <= 60


def test_one_cached_copy_serves_everybody_for_a_minute_at_most(sample: Synthesis, config: dict[str, Any]) -> None:
    logical_id, policy = sample.maintenance.only("AWS::CloudFront::CachePolicy")
    assert config["DefaultCacheBehavior"]["CachePolicyId"] == f"<{logical_id}>"
    cache = policy["CachePolicyConfig"]
    # Above zero, or CloudFront would obey the no-store that is meant for everybody else.
    assert 0 < cache["MinTTL"] <= cache["DefaultTTL"] <= cache["MaxTTL"] <= 60
    key = cache["ParametersInCacheKeyAndForwardedToOrigin"]
    assert key["CookiesConfig"] == {"CookieBehavior": "none"}
    assert key["HeadersConfig"] == {"HeaderBehavior": "none"}
    assert key["QueryStringsConfig"] == {"QueryStringBehavior": "none"}


def test_two_apps_in_one_account_share_no_name(sample: Synthesis, variants: Synthesis) -> None:
    def names(template: Template) -> set[str]:
        functions = {function["Name"] for function in template.of_type(FUNCTION).values()}
        _, policy = template.only("AWS::CloudFront::CachePolicy")
        controls = template.of_type("AWS::CloudFront::OriginAccessControl").values()
        _, certificate = template.only("Custom::ServerCertificate")
        return functions | {
            policy["CachePolicyConfig"]["Name"],
            *(control["OriginAccessControlConfig"]["Name"] for control in controls),
            certificate["ServerCertificateName"],
        }

    assert sample.settings.app != variants.settings.app
    assert names(sample.maintenance).isdisjoint(names(variants.maintenance))


def test_the_stack_shows_the_ids_that_operators_need(sample: Synthesis) -> None:
    template = sample.maintenance
    distribution, _ = template.only(DISTRIBUTION)
    certificate, _ = template.only("Custom::ServerCertificate")
    outputs = {name: template.resolved(output["Value"]) for name, output in template.document["Outputs"].items()}
    assert (
        outputs.items()
        >= {
            "DistributionId": f"<{distribution}>",
            "DistributionDomainName": f"<{distribution}.DomainName>",
            "ServerCertificateId": f"<{certificate}.ServerCertificateId>",
        }.items()
    )
