"""The bucket: private, filled with the pages, and gone with its stack."""

from typing import Any

import pytest

from tests.stacks.templates import Synthesis, Template
from understudy_failover.page import ERROR_KEY, site_objects


def _statements(template: Template, effect: str) -> list[dict[str, Any]]:
    _, policy = template.only("AWS::S3::BucketPolicy", "Site")
    statements = template.resolved(policy["PolicyDocument"]["Statement"])
    return [statement for statement in statements if statement["Effect"] == effect]


def _bucket(template: Template) -> str:
    logical_id, _ = template.only("AWS::S3::Bucket", "Site")
    return logical_id


def test_the_bucket_blocks_all_public_access(sample: Synthesis) -> None:
    _, bucket = sample.maintenance.only("AWS::S3::Bucket", "Site")
    assert bucket["PublicAccessBlockConfiguration"] == {
        "BlockPublicAcls": True,
        "BlockPublicPolicy": True,
        "IgnorePublicAcls": True,
        "RestrictPublicBuckets": True,
    }


def test_access_control_lists_have_no_effect(sample: Synthesis) -> None:
    _, bucket = sample.maintenance.only("AWS::S3::Bucket", "Site")
    assert bucket["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}


def test_the_bucket_policy_allows_the_one_distribution_to_read_objects_and_nothing_else(sample: Synthesis) -> None:
    template = sample.maintenance
    distribution, _ = template.only("AWS::CloudFront::Distribution")
    assert _statements(template, "Allow") == [
        {
            "Effect": "Allow",
            "Principal": {"Service": "cloudfront.amazonaws.com"},
            "Action": "s3:GetObject",
            "Resource": f"<{_bucket(template)}.Arn>/*",
            "Condition": {
                "StringEquals": {"AWS:SourceArn": f"arn:aws:cloudfront::111122223333:distribution/<{distribution}>"}
            },
        }
    ]


@pytest.mark.parametrize(
    ("secure", "aws_service", "denied"),
    [
        pytest.param("false", "false", True, id="anybody without TLS"),
        pytest.param("true", "false", False, id="anybody with TLS"),
        # CloudFront asks S3 in its viewer's protocol: to deny it would be to break plain HTTP viewers.
        pytest.param("false", "true", False, id="CloudFront without TLS"),
        pytest.param("true", "true", False, id="CloudFront with TLS"),
    ],
)
def test_without_tls_everybody_is_denied_but_aws_services(
    sample: Synthesis, secure: str, aws_service: str, denied: bool
) -> None:
    template = sample.maintenance
    request = {"aws:SecureTransport": secure, "aws:PrincipalIsAWSService": aws_service}
    bucket = _bucket(template)
    matching = []
    for statement in _statements(template, "Deny"):
        assert statement["Principal"] == {"AWS": "*"}
        assert statement["Action"] == "s3:*"
        assert set(statement["Resource"]) == {f"<{bucket}.Arn>", f"<{bucket}.Arn>/*"}
        assert statement["Condition"].keys() == {"Bool"}
        matching.append(statement["Condition"]["Bool"].items() <= request.items())
    assert any(matching) is denied


def test_the_bucket_goes_with_its_stack_emptied_by_the_deployment_that_filled_it(sample: Synthesis) -> None:
    template = sample.maintenance
    bucket = _bucket(template)
    assert template.document["Resources"][bucket]["DeletionPolicy"] == "Delete"
    _, deployment = template.only("Custom::CDKBucketDeployment", "Site")
    assert deployment["RetainOnDelete"] is False
    # The tag by which a deployment spares a bucket that another deployment owns too; here there is no other.
    tags = template.document["Resources"][bucket]["Properties"].get("Tags", [])
    assert [tag for tag in tags if tag["Key"].startswith("aws-cdk:cr-owned:")] == []


def test_the_pages_of_the_settings_are_what_gets_into_the_bucket(synthesis: Synthesis) -> None:
    template = synthesis.maintenance
    _, deployment = template.only("Custom::CDKBucketDeployment", "Site")
    assert template.resolved(deployment["DestinationBucketName"]) == f"<{_bucket(template)}>"
    (key,) = deployment["SourceObjectKeys"]
    folder = synthesis.asset(key)
    files = {
        file.relative_to(folder).as_posix(): file.read_text(encoding="utf-8")
        for file in folder.rglob("*")
        if file.is_file()
    }
    assert files == {site_object.key: site_object.body for site_object in site_objects(synthesis.settings)}
    assert ERROR_KEY in files


def test_pages_are_stored_so_that_only_cloudfront_may_keep_them(sample: Synthesis) -> None:
    _, deployment = sample.maintenance.only("Custom::CDKBucketDeployment", "Site")
    assert deployment["SystemMetadata"] == {"cache-control": "no-store"}
