"""The logical ids of whatever must live through an update, as literals: the one test that holds these."""

from tests.stacks.templates import Synthesis, Template

MAINTENANCE = {
    "ServerCertificateA9097584": "Custom::ServerCertificate",
    "AccessLogsBucketCD784A59": "AWS::S3::Bucket",
    "SiteBucket978D4AEB": "AWS::S3::Bucket",
    "SwitchBucket66C83C10": "AWS::S3::Bucket",
    "PageHealthF6A4A47D": "AWS::Route53::HealthCheck",
    "PageDistributionFBB4E0B8": "AWS::CloudFront::Distribution",
    "PageDistributionOrigin1S3OriginAccessControl6C4E63B6": "AWS::CloudFront::OriginAccessControl",
    "PageCachePolicy56999B96": "AWS::CloudFront::CachePolicy",
    "PageViewerRequestECB2C00E": "AWS::CloudFront::Function",
    "PageViewerResponse09F8A8E4": "AWS::CloudFront::Function",
}
FAILOVER = {
    "HealthCheckWeb96F9DF20": "AWS::Route53::HealthCheck",
    "HealthCheckApiA2C27605": "AWS::Route53::HealthCheck",
    "SwitchOfAll7FA36451": "AWS::Route53::HealthCheck",
    "SwitchWeb909A0DEF": "AWS::Route53::HealthCheck",
    "SwitchApi4D79CB29": "AWS::Route53::HealthCheck",
    "HealthWeb86D807F1": "AWS::Route53::HealthCheck",
    "HealthApiD5EC293E": "AWS::Route53::HealthCheck",
    "ExampleComAPrimary01FEA2E8": "AWS::Route53::RecordSet",
    "ExampleComASecondary2E9246E4": "AWS::Route53::RecordSet",
    "ExampleComAaaaPrimary34B1C854": "AWS::Route53::RecordSet",
    "ExampleComAaaaSecondary45C70138": "AWS::Route53::RecordSet",
    "WwwExampleComAPrimaryEB998B11": "AWS::Route53::RecordSet",
    "WwwExampleComASecondary72F3C04A": "AWS::Route53::RecordSet",
    "WwwExampleComAaaaPrimaryB0A68FAC": "AWS::Route53::RecordSet",
    "WwwExampleComAaaaSecondaryD57DFE79": "AWS::Route53::RecordSet",
    "ShopExampleComAPrimaryE89D8162": "AWS::Route53::RecordSet",
    "ShopExampleComASecondaryB1AC2F2C": "AWS::Route53::RecordSet",
    "ShopExampleComAaaaPrimary2334A247": "AWS::Route53::RecordSet",
    "ShopExampleComAaaaSecondaryA9E05A87": "AWS::Route53::RecordSet",
    "ApiExampleOrgAPrimary3404D749": "AWS::Route53::RecordSet",
    "ApiExampleOrgASecondary3985FDE9": "AWS::Route53::RecordSet",
    "AnyExampleOrgAPrimaryAA5C7BBC": "AWS::Route53::RecordSet",
    "AnyExampleOrgASecondary65F3E043": "AWS::Route53::RecordSet",
}


def _types(template: Template, types: set[str]) -> dict[str, str]:
    resources = template.document["Resources"].items()
    return {logical_id: resource["Type"] for logical_id, resource in resources if resource["Type"] in types}


def test_what_must_live_through_an_update_keeps_its_logical_id(sample: Synthesis) -> None:
    """Another logical id is another resource to CloudFormation: it makes the new one, then deletes the old.

    For a record set, function or policy that is a failed deploy, as the old one still has the name. For a
    distribution it is another domain name that the other stack cannot follow while it imports the old one,
    and for a certificate the same name again, which the clean-up of the old id then deletes.

    So a difference here is a mistake nearly always: a construct was renamed, moved or wrapped. Give it its old
    id back, or in the same commit `resource.override_logical_id("…")`. If it is meant (nothing is deployed yet,
    or the resource may go and come again), take the new ids from `cdk synth` and say in CHANGELOG.md what
    operators have to do.
    """
    assert _types(sample.maintenance, set(MAINTENANCE.values())) == MAINTENANCE
    assert _types(sample.failover, set(FAILOVER.values())) == FAILOVER
