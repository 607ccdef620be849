"""What `estimate` counts is what the templates hold."""

import pytest

from tests.stacks.templates import Synthesis
from understudy_failover.operations.estimate.bill import alarm_metrics, bill, prices


@pytest.fixture(params=["sample", "variants", "per_host", "with_hold", "equipped", "least", "one_switch"])
def any_synthesis(request: pytest.FixtureRequest) -> Synthesis:
    """Settings that differ in all that the bill asks for."""
    synthesis: Synthesis = request.getfixturevalue(request.param)
    return synthesis


def _count(synthesis: Synthesis, type_: str) -> int:
    stacks = (synthesis.maintenance, synthesis.failover)
    return sum(resource["Type"] == type_ for stack in stacks for resource in stack.document["Resources"].values())


def test_the_metrics_of_the_bill_are_those_that_the_alarms_watch(any_synthesis: Synthesis) -> None:
    resources = any_synthesis.failover.document["Resources"].values()
    alarms = [resource["Properties"] for resource in resources if resource["Type"] == "AWS::CloudWatch::Alarm"]
    looked_at = [sum("MetricStat" in metric for metric in alarm.get("Metrics", ())) or 1 for alarm in alarms]
    assert alarm_metrics(any_synthesis.settings, any_synthesis.settings.timing) == sum(looked_at)


def test_so_are_its_health_checks_keys_and_dashboards(any_synthesis: Synthesis) -> None:
    settings = any_synthesis.settings
    items = bill(settings, settings.timing, prices(), million_queries=1)
    checks = sum(item.count for item in items if item.what.startswith(("health check", "calculated health check")))
    assert checks == _count(any_synthesis, "AWS::Route53::HealthCheck")
    for what, type_ in (
        ("dashboards", "AWS::CloudWatch::Dashboard"),
        ("key of the notifications' topic", "AWS::KMS::Key"),
    ):
        assert sum(item.count for item in items if item.what == what) == _count(any_synthesis, type_)
