"""What moves clients in an outage is records, checks and the distribution; no function."""

import re

from tests.stacks.templates import Synthesis

CUSTOM_RESOURCES = ("Custom::", "AWS::CloudFormation::CustomResource")


def test_no_function_is_called_between_a_record_and_the_page(synthesis: Synthesis) -> None:
    resources = {
        logical_id: (resource["Type"], str(template.resolved(resource.get("Properties", {}))))
        for template in (synthesis.maintenance, synthesis.failover)
        for logical_id, resource in template.document["Resources"].items()
    }
    reached = {id_ for id_, (type_, _) in resources.items() if type_ == "AWS::Route53::RecordSet"}
    waiting = list(reached)
    while waiting:
        type_, properties = resources[waiting.pop()]
        if type_.startswith(CUSTOM_RESOURCES):  # played by a deploy, and then done
            continue
        additional = set(re.findall(r"<(\w+)[.>]", properties)) & resources.keys() - reached
        reached |= additional
        waiting += additional
    types = {resources[id_][0] for id_ in reached}
    assert {"AWS::Route53::HealthCheck", "AWS::CloudFront::Distribution", "AWS::S3::Bucket"} <= types
    assert "AWS::Lambda::Function" not in types
