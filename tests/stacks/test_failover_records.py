"""The record sets of the hosts: pairs that Route 53 accepts and that lead where they should."""

from collections import defaultdict
from typing import Any

import pytest

from tests.stacks.templates import Synthesis, Template
from tests.stacks.test_unconfirmed_keys import annotations
from understudy_failover.settings import Host, Server

RECORD_SET = "AWS::Route53::RecordSet"

Pairs = dict[tuple[str, str], dict[str, dict[str, Any]]]


def _records(template: Template) -> list[dict[str, Any]]:
    return list(template.of_type(RECORD_SET).values())


def _primaries(template: Template) -> list[dict[str, Any]]:
    return [record for record in _records(template) if record["Failover"] == "PRIMARY"]


def _secondaries(template: Template) -> list[dict[str, Any]]:
    return [record for record in _records(template) if record["Failover"] == "SECONDARY"]


def _hosts(synthesis: Synthesis) -> dict[str, tuple[Host, Server]]:
    """Each host with its server, by the name that its record sets bear."""
    return {f"{host.name}.": (host, server) for server in synthesis.settings.servers for host in server.hosts}


@pytest.fixture
def pairs(synthesis: Synthesis) -> Pairs:
    """Record sets by name and type, then by role."""
    by_host: Pairs = defaultdict(dict)
    for record in _records(synthesis.failover):
        roles = by_host[record["Name"], record["Type"]]
        assert record["Failover"] not in roles, f"two record sets of one role: {record}"
        roles[record["Failover"]] = record
    return by_host


def test_every_host_has_a_pair_of_type_a(synthesis: Synthesis, pairs: Pairs) -> None:
    assert {name for name, type_ in pairs if type_ == "A"} == _hosts(synthesis).keys()


def test_exactly_hosts_of_servers_with_ipv6_have_a_pair_of_type_aaaa(synthesis: Synthesis, pairs: Pairs) -> None:
    with_ipv6 = {name for name, (_, server) in _hosts(synthesis).items() if server.ipv6}
    without_ipv6 = _hosts(synthesis).keys() - with_ipv6
    assert with_ipv6, "the settings show nothing"
    assert without_ipv6, "the settings show nothing"
    assert {name for name, type_ in pairs if type_ == "AAAA"} == with_ipv6


def test_there_are_no_record_sets_but_pairs_of_addresses(pairs: Pairs) -> None:
    assert {type_ for _, type_ in pairs} == {"A", "AAAA"}
    assert all(roles.keys() == {"PRIMARY", "SECONDARY"} for roles in pairs.values())


def test_the_two_of_a_pair_have_different_set_identifiers(pairs: Pairs) -> None:
    for roles in pairs.values():
        assert roles["PRIMARY"]["SetIdentifier"] != roles["SECONDARY"]["SetIdentifier"], roles


def test_both_of_a_pair_stand_in_the_most_specific_hosted_zone(synthesis: Synthesis, pairs: Pairs) -> None:
    for (name, _), roles in pairs.items():
        zones = [zone for zone in synthesis.settings.zones if f".{name}".endswith(f".{zone.name}.")]
        expected = max(zones, key=lambda zone: len(zone.name)).id
        assert {record["HostedZoneId"] for record in roles.values()} == {expected}, name


def test_a_primary_answers_with_the_address_of_its_own_server(synthesis: Synthesis) -> None:
    for record in _primaries(synthesis.failover):
        _, server = _hosts(synthesis)[record["Name"]]
        address = {"A": server.ipv4, "AAAA": server.ipv6}[record["Type"]]
        assert record["ResourceRecords"] == [str(address)]


def test_a_primary_has_the_ttl_of_the_settings_as_the_text_that_cloudformation_wants(synthesis: Synthesis) -> None:
    for record in _primaries(synthesis.failover):
        assert record["TTL"] == str(synthesis.settings.timing.ttl_seconds)


def test_a_primary_goes_by_the_calculated_check_that_counts_the_one_of_its_own_server(synthesis: Synthesis) -> None:
    template = synthesis.failover
    configs = {
        f"<{logical_id}.HealthCheckId>": template.resolved(check["HealthCheckConfig"])
        for logical_id, check in template.of_type("AWS::Route53::HealthCheck").items()
    }
    for record in _primaries(template):
        _, server = _hosts(synthesis)[record["Name"]]
        calculated = configs[template.resolved(record["HealthCheckId"])]
        assert calculated["Type"] == "CALCULATED"
        children = [configs[child] for child in calculated["ChildHealthChecks"]]
        assert [child["IPAddress"] for child in children if "IPAddress" in child] == [str(server.ipv4)]


def test_a_primary_is_no_alias(synthesis: Synthesis) -> None:
    assert all("AliasTarget" not in record for record in _primaries(synthesis.failover))


def test_a_secondary_is_an_alias_to_the_distribution_in_cloudfronts_zone(synthesis: Synthesis) -> None:
    distribution, _ = synthesis.maintenance.only("AWS::CloudFront::Distribution")
    for record in _secondaries(synthesis.failover):
        target = synthesis.failover.resolved(record["AliasTarget"])
        assert target["DNSName"] == f"<{distribution}.DomainName>"
        # https://docs.aws.amazon.com/Route53/latest/APIReference/API_AliasTarget.html
        assert target["HostedZoneId"] == "Z2FDTNDATAQYW2"


def test_a_secondary_does_not_evaluate_target_health_which_route_53_refuses_for_cloudfront(
    synthesis: Synthesis,
) -> None:
    for record in _secondaries(synthesis.failover):
        assert record["AliasTarget"]["EvaluateTargetHealth"] is False


def test_a_secondary_never_stands_alone_made_after_its_primary_and_deleted_before_it(synthesis: Synthesis) -> None:
    resources = synthesis.failover.document["Resources"]
    for resource in resources.values():
        if resource["Type"] == RECORD_SET and resource["Properties"]["Failover"] == "SECONDARY":
            # Itself, not by the hand-over alone, which stays where one pair of two goes.
            (primary,) = (id_ for id_ in resource["DependsOn"] if resources[id_]["Type"] == RECORD_SET)
            shared = ("Name", "Type", "HostedZoneId")
            assert resources[primary]["Properties"]["Failover"] == "PRIMARY"
            assert [resources[primary]["Properties"][key] for key in shared] == [
                resource["Properties"][key] for key in shared
            ]


def test_between_the_two_of_every_pair_the_record_cutover_takes_place(synthesis: Synthesis) -> None:
    resources = synthesis.failover.document["Resources"]
    cutover, properties = synthesis.failover.only("Custom::RecordCutover")
    hosts = {host["Name"]: host for host in properties["Hosts"]}
    assert hosts.keys() == _hosts(synthesis).keys()
    for id_, resource in resources.items():
        if resource["Type"] != RECORD_SET:
            continue
        record = resource["Properties"]
        host = hosts[record["Name"]]
        assert host["HostedZoneId"] == record["HostedZoneId"]
        if record["Failover"] == "SECONDARY":
            assert cutover in resource["DependsOn"]
            assert properties["Secondary"] == record["SetIdentifier"]
        else:
            assert id_ in resources[cutover]["DependsOn"]
            assert host["Values"][record["Type"]] == record["ResourceRecords"]
            assert properties["Primary"] == record["SetIdentifier"]
            assert str(properties["TtlSeconds"]) == record["TTL"]


def test_the_cutover_can_make_a_secondary_again_as_the_template_has_it(synthesis: Synthesis) -> None:
    resolved = synthesis.failover.resolved
    _, properties = synthesis.failover.only("Custom::RecordCutover")
    pages = resolved(properties["Pages"])
    pages_of_hosts = {host["Name"]: pages[host["Page"]] for host in properties["Hosts"]}
    for record in _secondaries(synthesis.failover):
        target = resolved(record["AliasTarget"])
        assert pages_of_hosts[record["Name"]] == {
            "DomainName": target["DNSName"],
            "HealthCheckId": resolved(record["HealthCheckId"]),
        }
        assert properties["AliasZoneId"] == target["HostedZoneId"]


def test_until_the_gate_opens_no_record_set_is_made(synthesis: Synthesis) -> None:
    resources = synthesis.failover.document["Resources"]
    for resource in resources.values():
        if resource["Type"] == RECORD_SET and resource["Properties"]["Failover"] == "PRIMARY":
            (gate,) = (id_ for id_ in resource["DependsOn"] if resources[id_]["Type"] == "Custom::HealthGate")
            _, server = _hosts(synthesis)[resource["Properties"]["Name"]]
            assert resources[gate]["Properties"]["Server"] == server.name


def test_a_secondary_goes_by_whether_a_connection_to_its_distribution_comes_about(synthesis: Synthesis) -> None:
    """And by nothing else: no path of it answers 2xx or 3xx, and trouble with its content is no reason to hide it."""
    distribution, _ = synthesis.maintenance.only("AWS::CloudFront::Distribution")
    page, check = synthesis.maintenance.only("AWS::Route53::HealthCheck")
    for record in _secondaries(synthesis.failover):
        assert synthesis.failover.resolved(record["HealthCheckId"]) == f"<{page}.HealthCheckId>"
    assert synthesis.maintenance.resolved(check["HealthCheckConfig"]) == {
        "Type": "TCP",
        "FullyQualifiedDomainName": f"<{distribution}.DomainName>",
        "Port": 443,
        "RequestInterval": 30,
        "FailureThreshold": 3,
    }


def test_a_secondary_has_nothing_that_an_alias_cannot_have(synthesis: Synthesis) -> None:
    for record in _secondaries(synthesis.failover):
        assert not record.keys() & {"TTL", "ResourceRecords"}


def test_a_host_that_moves_to_another_server_changes_its_records_in_place(sample: Synthesis, moved: Synthesis) -> None:
    name, identity = "shop.example.com.", ("Name", "Type", "HostedZoneId", "SetIdentifier")

    def identities(synthesis: Synthesis) -> dict[str, list[str]]:
        records = synthesis.failover.of_type(RECORD_SET)
        return {
            logical_id: [record[key] for key in identity]
            for logical_id, record in records.items()
            if record["Name"] == name and record["Type"] == "A"
        }

    assert _hosts(sample)[name][1].name != _hosts(moved)[name][1].name
    assert len(identities(sample)) == 2
    assert identities(moved) == identities(sample)


def test_a_ttl_below_5_is_a_warning_and_the_samples_is_none(variants: Synthesis, sample: Synthesis) -> None:
    (warning,) = (text for kind, text in annotations(variants.folder) if kind == "aws:cdk:warning")
    assert warning.startswith("timing.ttl_seconds = 0: Knot Resolver")
    assert "Set it to 5 or more. [ack: understudy:ttlSeconds]" in warning
    assert annotations(sample.folder) == []
