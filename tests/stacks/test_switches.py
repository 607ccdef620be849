"""The maintenance switch in the templates: where it is, who watches it, what goes by it."""

from typing import Any

import pytest

from tests.stacks.templates import PSEUDO_PARAMETERS, Synthesis
from understudy_failover.contract.switch import FOLDER, FOR_ALL, scheduler_role, switch_bucket, switch_key

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


def test_a_switch_is_asked_for_over_https_at_the_distribution_and_its_absence_is_healthy(
    synthesis: Synthesis, configs: dict[str, dict[str, Any]]
) -> None:
    distribution, _ = synthesis.maintenance.only("AWS::CloudFront::Distribution")
    for config in _switches(configs).values():
        assert config["Type"] == "HTTPS"
        assert config["FullyQualifiedDomainName"] == f"<{distribution}.DomainName>"
        assert "IPAddress" not in config
        assert config["EnableSNI"] is True
        assert config["RequestInterval"] == synthesis.settings.timing.request_interval_seconds
        assert config["FailureThreshold"] == 1


def test_a_servers_health_is_flat_its_own_check_its_switch_and_the_switch_for_all(
    synthesis: Synthesis, configs: dict[str, dict[str, Any]]
) -> None:
    calculated = [config for config in configs.values() if config["Type"] == "CALCULATED"]
    assert len(calculated) == len(synthesis.settings.servers)
    seen = set()
    for config in calculated:
        children = [configs[child] for child in config["ChildHealthChecks"]]
        assert config["HealthThreshold"] == len(children) == 3
        assert "Inverted" not in config
        addresses = [child["IPAddress"] for child in children if "IPAddress" in child]
        (server,) = (one for one in synthesis.settings.servers if [str(one.ipv4)] == addresses)
        paths = {child["ResourcePath"] for child in children if child.get("Inverted")}
        assert paths == {f"/{switch_key(server.name)}", f"/{switch_key(FOR_ALL)}"}
        seen.add(server.name)
    assert seen == {server.name for server in synthesis.settings.servers}


def test_the_gate_stands_before_the_calculated_check_and_so_before_the_record_sets(synthesis: Synthesis) -> None:
    resources = synthesis.failover.document["Resources"]
    gates = {id_: one for id_, one in resources.items() if one["Type"] == "Custom::HealthGate"}
    assert len(gates) == len(synthesis.settings.servers)
    for one in resources.values():
        if one["Type"] == HEALTH_CHECK and one["Properties"]["HealthCheckConfig"]["Type"] == "CALCULATED":
            (gate,) = set(one["DependsOn"]) & gates.keys()
            gated = {
                check["HealthCheckId"] for check in synthesis.failover.resolved(gates[gate]["Properties"]["Checks"])
            }
            config = synthesis.failover.resolved(one["Properties"]["HealthCheckConfig"])
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


def test_the_gates_function_may_look_and_nothing_else(synthesis: Synthesis) -> None:
    policies = synthesis.failover.of_type("AWS::IAM::Policy")
    allowed: dict[str, set[str]] = {}
    for id_, policy in policies.items():
        if not id_.startswith("GateLook"):
            continue
        for statement in synthesis.failover.resolved(policy["PolicyDocument"]["Statement"]):
            actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
            for action in actions:
                allowed.setdefault(action, set()).add(str(statement["Resource"]))
    assert allowed.keys() == {
        "cloudformation:DescribeStacks",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "route53:GetHealthCheckStatus",
    }
    assert allowed["cloudformation:DescribeStacks"] == {"<AWS::StackId>"}
    assert allowed["route53:GetHealthCheckStatus"] == {"arn:aws:route53:::healthcheck/*"}


def test_the_bucket_is_found_by_app_and_account_alone(synthesis: Synthesis) -> None:
    _, bucket = synthesis.maintenance.only("AWS::S3::Bucket", "Switch")
    expected = switch_bucket(synthesis.settings.app, PSEUDO_PARAMETERS["AWS::AccountId"])
    assert synthesis.maintenance.resolved(bucket["BucketName"]) == expected


def test_the_longest_app_name_makes_a_bucket_name_that_s3_takes() -> None:
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
    assert len(switch_bucket("a" * 32, "1" * 12)) <= 63


def test_the_bucket_is_private_and_speaks_tls_alone(sample: Synthesis) -> None:
    template = sample.maintenance
    id_, bucket = template.only("AWS::S3::Bucket", "Switch")
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    _, policy = template.only("AWS::S3::BucketPolicy", "Switch")
    statements = template.resolved(policy["PolicyDocument"]["Statement"])
    (denied,) = (one for one in statements if one["Effect"] == "Deny")
    assert denied["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    (allowed,) = (one for one in statements if one["Effect"] == "Allow" and "Service" in one["Principal"])
    assert (allowed["Principal"], allowed["Action"]) == ({"Service": "cloudfront.amazonaws.com"}, "s3:GetObject")
    assert allowed["Resource"] == f"<{id_}.Arn>/*"


def test_a_deploy_leaves_the_switches_as_they_are_and_a_destroy_leaves_nothing(sample: Synthesis) -> None:
    template = sample.maintenance
    id_, bucket = template.only("AWS::S3::Bucket", "Switch")
    _, note = template.only("Custom::CDKBucketDeployment", "Switch")
    assert template.resolved(note["DestinationBucketName"]) == f"<{id_}>"
    assert note["Prune"] is False
    assert note["RetainOnDelete"] is False
    assert template.document["Resources"][id_]["DeletionPolicy"] == "Delete"
    assert not [tag for tag in bucket.get("Tags", []) if tag["Key"].startswith("aws-cdk:cr-owned:")]


def test_the_function_of_planned_pages_hears_of_every_change_of_a_switch_and_of_nothing_else(
    sample: Synthesis,
) -> None:
    template = sample.maintenance
    _, bucket = template.only("AWS::S3::Bucket", "Switch")
    name = template.resolved(bucket["BucketName"])
    assert bucket["NotificationConfiguration"] == {"EventBridgeConfiguration": {"EventBridgeEnabled": True}}
    function, properties = template.only("AWS::Lambda::Function", "PlannedPages")
    assert template.resolved(properties["Environment"]["Variables"]["SWITCH_BUCKET"]) == name
    _, rule = template.only("AWS::Events::Rule", "PlannedPages")
    (target,) = template.resolved(rule["Targets"])
    assert target["Arn"] == f"<{function}.Arn>"
    assert template.resolved(rule["EventPattern"]) == {
        "source": ["aws.s3"],
        "detail-type": ["Object Created", "Object Deleted"],
        "detail": {"bucket": {"name": [name]}, "object": {"key": [{"prefix": FOLDER}]}},
    }


def test_that_function_may_read_switches_and_put_pages_and_nothing_else(sample: Synthesis) -> None:
    template = sample.maintenance
    pages, _ = template.only("AWS::S3::Bucket", "Site")
    _, bucket = template.only("AWS::S3::Bucket", "Switch")
    switches = f"arn:aws:s3:::{template.resolved(bucket['BucketName'])}"
    _, policy = template.only("AWS::IAM::Policy", "PlannedPages")
    allowed = {
        str(statement["Action"]): {statement["Resource"]}
        if isinstance(statement["Resource"], str)
        else set(statement["Resource"])
        for statement in template.resolved(policy["PolicyDocument"]["Statement"])
        if "logs:PutLogEvents" not in statement["Action"]
    }
    assert allowed == {
        "s3:ListBucket": {f"<{pages}.Arn>", switches},
        "s3:GetObject": {f"<{pages}.Arn>/.pages/*", f"{switches}/{FOLDER}*"},
        "s3:PutObject": {f"<{pages}.Arn>/*"},
    }


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
    assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": PSEUDO_PARAMETERS["AWS::AccountId"]}}
    assert "ManagedPolicyArns" not in role
    (policy,) = role["Policies"]
    (statement,) = template.resolved(policy["PolicyDocument"]["Statement"])
    assert statement["Action"] == ["s3:DeleteObject", "s3:PutObject"]
    assert statement["Resource"] == f"<{bucket}.Arn>/{FOLDER}*"
