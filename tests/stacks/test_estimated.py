"""What `estimate` counts is what the templates hold."""

from tests.stacks.templates import Synthesis
from understudy_failover.operations.estimate.bill import alarms


def test_the_alarms_of_the_bill_are_those_of_the_template(synthesis: Synthesis) -> None:
    plain = len(synthesis.failover.of_type("AWS::CloudWatch::Alarm"))
    composite = len(synthesis.failover.of_type("AWS::CloudWatch::CompositeAlarm"))
    assert alarms(synthesis.settings) == (plain, composite)


def test_so_are_those_of_a_server_whose_hosts_ask_for_themselves(per_host: Synthesis) -> None:
    plain = len(per_host.failover.of_type("AWS::CloudWatch::Alarm"))
    composite = len(per_host.failover.of_type("AWS::CloudWatch::CompositeAlarm"))
    assert alarms(per_host.settings) == (plain, composite)
