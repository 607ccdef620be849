"""The maintenance switch in the templates: where it is, who watches it, what goes by it."""

from typing import Any

import pytest

from tests.stacks.templates import PSEUDO_PARAMETERS, Synthesis
from understudy_failover.contract.switch import FOR_ALL, scheduler_role, switch_bucket, switch_key

HEALTH_CHECK = "AWS::Route53::HealthCheck"


@pytest.fixture
def configs(synthesis: Synthesis) -> dict[str, dict[str, Any]]:
    """The configuration of every health check, by what a reference to it gives."""
    return {
        f"<{logical_id}.HealthCheckId>": synthesis.failover.resolved(check["HealthCheckConfig"])
        for logical_id, check in synthesis.failover.of_type(HEALTH_CHECK).items()
    }


def _switches(configs: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {id_: config for id_, config in configs.items() if config.get("Inverted")}


def test_every_server_has_a_switch_and_all_together_have_one(
    synthesis: Synthesis, configs: dict[str, dict[str, Any]]
) -> None:
    paths = sorted(config["ResourcePath"] for config in _switches(configs).values())
    servers = [server.name for server in synthesis.settings.servers]
    assert paths == sorted(f"/{switch_key(name)}" for name in (*servers, FOR_ALL))


def test_a_switch_is_asked_for_cheaply_at_the_distribution_and_its_absence_is_healthy(
    synthesis: Synthesis, configs: dict[str, dict[str, Any]]
) -> None:
    distribution, _ = synthesis.maintenance.only("AWS::CloudFront::Distribution")
    for config in _switches(configs).values():
        # Neither HTTPS nor a short interval, which cost extra; from as few regions as Route 53 accepts.
        assert (config["Type"], config["Port"], config["RequestInterval"]) == ("HTTP", 80, 30)
        assert len(config["Regions"]) == 3
        assert config["FullyQualifiedDomainName"] == f"<{distribution}.DomainName>"
        assert "IPAddress" not in config
        assert config["FailureThreshold"] == 1


def test_a_servers_health_is_flat_its_own_check_its_switch_and_the_switch_for_all(
    synthesis: Synthesis, configs: dict[str, dict[str, Any]]
) -> None:
    calculated = [config for config in configs.values() if config["Type"] == "CALCULATED"]
    assert len(calculated) == len(synthesis.settings.servers)
    names = set()
    for config in calculated:
        children = [configs[child] for child in config["ChildHealthChecks"]]
        assert config["HealthThreshold"] == len(children) == 3
        assert "Inverted" not in config
        addresses = [child["IPAddress"] for child in children if "IPAddress" in child]
        (server,) = (server for server in synthesis.settings.servers if [str(server.ipv4)] == addresses)
        paths = {child["ResourcePath"] for child in children if child.get("Inverted")}
        assert paths == {f"/{switch_key(server.name)}", f"/{switch_key(FOR_ALL)}"}
        names.add(server.name)
    assert names == {server.name for server in synthesis.settings.servers}


def test_the_gate_stands_before_the_calculated_check_and_so_before_the_record_sets(synthesis: Synthesis) -> None:
    resources = synthesis.failover.document["Resources"]
    gates = {id_: resource for id_, resource in resources.items() if resource["Type"] == "Custom::HealthGate"}
    assert len(gates) == len(synthesis.settings.servers)
    for resource in resources.values():
        if resource["Type"] == HEALTH_CHECK and resource["Properties"]["HealthCheckConfig"]["Type"] == "CALCULATED":
            (gate,) = set(resource["DependsOn"]) & gates.keys()
            gated = {
                check["HealthCheckId"] for check in synthesis.failover.resolved(gates[gate]["Properties"]["Checks"])
            }
            config = synthesis.failover.resolved(resource["Properties"]["HealthCheckConfig"])
            assert gated == set(config["ChildHealthChecks"])


def test_the_gate_expects_answers_of_servers_and_none_of_switches(
    synthesis: Synthesis, configs: dict[str, dict[str, Any]]
) -> None:
    for gate in synthesis.failover.of_type("Custom::HealthGate").values():
        assert gate["AcceptOutage"] is False
        for check in synthesis.failover.resolved(gate["Checks"]):
            inverted = bool(configs[check["HealthCheckId"]].get("Inverted"))
            assert check["Expects"] == ("none" if inverted else "answer")
            assert check["Looks"] >= configs[check["HealthCheckId"]]["FailureThreshold"]
            if inverted:
                assert sorted(check["Regions"]) == configs[check["HealthCheckId"]]["Regions"]


def test_the_function_of_a_deploy_may_read_and_change_records_of_its_zones_and_nothing_else(
    synthesis: Synthesis,
) -> None:
    template = synthesis.failover
    tokens = {
        template.resolved(resource["ServiceToken"])
        for type_ in ("Custom::HealthGate", "Custom::RecordCutover")
        for resource in template.of_type(type_).values()
    }
    assert tokens == {"<HandoverProviderframeworkonEvent7FE682C8.Arn>"}, "of the first release's hand-overs"
    (function,) = template.of_type("AWS::Lambda::Function")
    granted = template.granted(function)
    zones = {
        f"arn:aws:route53:::hostedzone/{host.zone.id}" for server in synthesis.settings.servers for host in server.hosts
    }
    assert {action: resources for action, (resources, _) in granted.items() if not action.startswith("logs:")} == {
        "cloudformation:DescribeStacks": {"<AWS::StackId>"},
        "route53:ChangeResourceRecordSets": zones,
        "route53:GetChange": {"arn:aws:route53:::change/*"},
        "route53:GetHealthCheckStatus": {"arn:aws:route53:::healthcheck/*"},
        "route53:GetHostedZone": zones,
        "route53:ListResourceRecordSets": zones,
    }
    # What the condition lets through: test_least_privilege.py.
    assert granted["route53:ChangeResourceRecordSets"][1]


def test_one_switch_is_that_of_all_servers(one_switch: Synthesis) -> None:
    checks = one_switch.failover.of_type(HEALTH_CHECK)
    (switch,) = (id_ for id_, check in checks.items() if check["HealthCheckConfig"].get("Inverted"))
    assert checks[switch]["HealthCheckConfig"]["ResourcePath"] == f"/{switch_key(FOR_ALL)}"
    for check in checks.values():
        if check["HealthCheckConfig"]["Type"] == "CALCULATED":
            children = one_switch.failover.resolved(check["HealthCheckConfig"]["ChildHealthChecks"])
            assert children[1:] == [f"<{switch}.HealthCheckId>"]


def test_without_a_switch_nothing_of_it_is_left_and_a_pair_goes_by_the_servers_own_check(least: Synthesis) -> None:
    checks = least.failover.of_type(HEALTH_CHECK)
    assert len(checks) == len(least.settings.servers)
    assert "switch" not in str(least.maintenance.document["Resources"]).lower()
    by_address = {f"<{id_}.HealthCheckId>": check["HealthCheckConfig"]["IPAddress"] for id_, check in checks.items()}
    servers = {f"{host.name}.": str(server.ipv4) for server in least.settings.servers for host in server.hosts}
    for record in least.failover.of_type("AWS::Route53::RecordSet").values():
        if record["Failover"] == "PRIMARY":
            assert by_address[least.failover.resolved(record["HealthCheckId"])] == servers[record["Name"]]


def test_the_bucket_is_found_by_app_and_account_alone(synthesis: Synthesis) -> None:
    _, bucket = synthesis.maintenance.only("AWS::S3::Bucket", "Switch")
    expected = switch_bucket(synthesis.settings.app, PSEUDO_PARAMETERS["AWS::AccountId"])
    assert synthesis.maintenance.resolved(bucket["BucketName"]) == expected


def test_the_longest_app_name_makes_a_bucket_name_that_s3_takes() -> None:
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
    assert len(switch_bucket("a" * 32, "1" * 12)) <= 63


def test_the_bucket_is_private_and_speaks_tls_with_everybody_but_cloudfront(sample: Synthesis) -> None:
    template = sample.maintenance
    id_, bucket = template.only("AWS::S3::Bucket", "Switch")
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    _, policy = template.only("AWS::S3::BucketPolicy", "Switch")
    statements = template.resolved(policy["PolicyDocument"]["Statement"])
    (denied,) = (statement for statement in statements if statement["Effect"] == "Deny")
    assert denied["Condition"] == {"Bool": {"aws:SecureTransport": "false", "aws:PrincipalIsAWSService": "false"}}
    (allowed,) = (
        statement for statement in statements if statement["Effect"] == "Allow" and "Service" in statement["Principal"]
    )
    assert (allowed["Principal"], allowed["Action"]) == ({"Service": "cloudfront.amazonaws.com"}, "s3:GetObject")
    assert allowed["Resource"] == [f"<{id_}.Arn>/{switch_key(name)}" for name in (FOR_ALL, "api", "web")]


def test_a_deploy_leaves_the_switches_as_they_are_and_a_destroy_leaves_nothing(sample: Synthesis) -> None:
    template = sample.maintenance
    id_, bucket = template.only("AWS::S3::Bucket", "Switch")
    _, note = template.only("Custom::CDKBucketDeployment", "Switch")
    assert template.resolved(note["DestinationBucketName"]) == f"<{id_}>"
    assert note["Prune"] is False
    assert note["RetainOnDelete"] is False
    assert template.document["Resources"][id_]["DeletionPolicy"] == "Delete"
    assert not [tag for tag in bucket.get("Tags", []) if tag["Key"].startswith("aws-cdk:cr-owned:")]


def test_windows_find_group_and_role_by_names_that_follow_from_the_app(synthesis: Synthesis) -> None:
    _, group = synthesis.maintenance.only("AWS::Scheduler::ScheduleGroup")
    _, role = synthesis.maintenance.only("AWS::IAM::Role", "Schedules")
    assert group["Name"] == synthesis.settings.app
    assert role["RoleName"] == scheduler_role(synthesis.settings.app)


def test_schedules_of_this_account_may_flip_switches_and_nothing_else(synthesis: Synthesis) -> None:
    template = synthesis.maintenance
    bucket, _ = template.only("AWS::S3::Bucket", "Switch")
    _, role = template.only("AWS::IAM::Role", "Schedules")
    (trust,) = template.resolved(role["AssumeRolePolicyDocument"]["Statement"])
    assert trust["Principal"] == {"Service": "scheduler.amazonaws.com"}
    group, _ = template.only("AWS::Scheduler::ScheduleGroup")
    expected = {"aws:SourceAccount": PSEUDO_PARAMETERS["AWS::AccountId"], "aws:SourceArn": f"<{group}.Arn>"}
    assert trust["Condition"] == {"StringEquals": expected}
    assert "ManagedPolicyArns" not in role
    (policy,) = role["Policies"]
    (statement,) = template.resolved(policy["PolicyDocument"]["Statement"])
    assert statement["Action"] == ["s3:DeleteObject", "s3:PutObject"]
    names = sorted(synthesis.settings.switches)
    assert statement["Resource"] == [f"<{bucket}.Arn>/{switch_key(name)}" for name in names]
