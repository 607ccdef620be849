"""How many parts an installation has, and that each says what it is for."""

from collections import Counter

from tests.stacks.templates import Synthesis


def _counts(synthesis: Synthesis) -> Counter[str]:
    stacks = (synthesis.maintenance, synthesis.failover)
    return Counter(resource["Type"] for stack in stacks for resource in stack.document["Resources"].values())


def test_the_sample_is_small(sample: Synthesis, least: Synthesis) -> None:
    for synthesis, resources, functions in ((sample, 75, 5), (least, 45, 3)):
        counts = _counts(synthesis)
        assert counts.total() <= resources
        assert counts["AWS::Lambda::Function"] <= functions
        assert counts["AWS::CloudWatch::Alarm"] + counts["AWS::CloudWatch::CompositeAlarm"] <= 10


def test_every_resource_says_what_it_is_for(equipped: Synthesis, with_hold: Synthesis) -> None:
    for synthesis in (equipped, with_hold):
        for stack in (synthesis.maintenance, synthesis.failover):
            for id_, resource in stack.document["Resources"].items():
                properties = resource["Properties"]
                described = (
                    properties.get("Description"),
                    properties.get("AlarmDescription"),
                    resource.get("Metadata", {}).get("Purpose"),
                )
                assert any(described), id_
