"""`repair` knows how to see and to delete every kind of resource of our templates."""

from tests.stacks.templates import Synthesis
from understudy_failover.operations.repair.leftovers import BY_PROPERTIES, CUSTOM, GOES_WITH, KINDS


def test_every_kind_that_a_deploy_can_leave_is_known(
    sample: Synthesis, equipped: Synthesis, with_hold: Synthesis
) -> None:
    kinds = {
        resource["Type"]
        for synthesis in (sample, equipped, with_hold)
        for stack in (synthesis.maintenance, synthesis.failover)
        for resource in stack.document["Resources"].values()
    }
    ours = {kind for kind in kinds if not kind.startswith(CUSTOM)}
    assert ours - GOES_WITH.keys() <= {*KINDS, *BY_PROPERTIES}
    assert {*KINDS, *BY_PROPERTIES} - ours <= {"AWS::CloudWatch::CompositeAlarm"}, "which 0.1.0 made"
    assert GOES_WITH.keys() - ours <= {"AWS::CDK::Metadata"}
