"""A large file: what is divided among stacks, and that a host, server or zone more or less moves nothing else.

The hosts are those of benchmarks/large_settings.py: 25 in a zone, 10 at a server, 50 in a failover stack, 100 under a
certificate.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from benchmarks.large_settings import host_name, write_settings, write_text
from stacks.limits import MAX_RESOURCES, faults
from tests.stacks.templates import ROOT, cdk_context
from understudy_failover.operations.review.templates import Resources, synthesized_resources

ALL = range(500)
RECORD_SET = "AWS::Route53::RecordSet"

Synthesise = Callable[[Sequence[int]], Resources]


@pytest.fixture(scope="module")
def synthesise(tmp_path_factory: pytest.TempPathFactory) -> Synthesise:
    """Resources of all stacks for a choice of the 500 hosts, through `python app.py`."""
    large = tmp_path_factory.mktemp("large")
    write_settings(large, len(ALL))

    def synthesise(hosts: Sequence[int]) -> Resources:
        assembly = tmp_path_factory.mktemp("assembly")
        run = _app(write_text(large, hosts), assembly)
        assert (run.returncode, run.stderr) == (0, "")
        return synthesized_resources(assembly)

    return synthesise


@pytest.fixture(scope="module")
def everything(synthesise: Synthesise) -> Resources:
    """All 500 hosts."""
    return synthesise(ALL)


def _app(settings: Path, assembly: Path) -> subprocess.CompletedProcess[str]:
    environment = {
        "PATH": os.environ["PATH"],
        "CDK_OUTDIR": str(assembly),
        "CDK_CONTEXT_JSON": json.dumps({**cdk_context(), "settings": str(settings)}),
        "CDK_VALIDATION": "false",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    command = [sys.executable, "app.py"]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def _differences(old: Resources, new: Resources) -> dict[str, str]:
    """What comes, goes or changes, by stack and logical id; what it is."""
    return {key: (new.get(key) or old[key])["Type"] for key in old.keys() | new.keys() if old.get(key) != new.get(key)}


def _of_type(resources: Resources, kind: str) -> dict[str, dict[str, object]]:
    return {key: dict(resource["Properties"]) for key, resource in resources.items() if resource["Type"] == kind}


def test_500_hosts_keep_every_limit(everything: Resources) -> None:
    stacks: dict[str, int] = {}
    for key in everything:
        stacks[key.partition("/")[0]] = stacks.get(key.partition("/")[0], 0) + 1
    assert stacks.keys() == {
        "large-maintenance",
        *(f"large-maintenance-part-{number}" for number in range(2, 6)),
        "large-failover",
        *(f"large-failover-stack-{number}" for number in range(2, 11)),
    }
    assert max(stacks.values()) <= MAX_RESOURCES
    distributions = _of_type(everything, "AWS::CloudFront::Distribution")
    aliases = [distribution["DistributionConfig"]["Aliases"] for distribution in distributions.values()]  # type: ignore[index]
    assert sorted(name for several in aliases for name in several) == sorted(map(host_name, ALL))
    assert {len(several) for several in aliases} == {100}


def test_every_record_leads_to_the_distribution_that_has_its_name(everything: Resources) -> None:
    secondaries = [record for record in _of_type(everything, RECORD_SET).values() if record["Failover"] == "SECONDARY"]
    assert len(secondaries) == 750, "half of the servers have IPv6"
    for record in secondaries:
        number = int(str(record["Name"])[1:4])
        imported = json.dumps(record["AliasTarget"])
        stack = "large-maintenance" if number < 100 else f"large-maintenance-part-{number // 100 + 1}"
        assert f'"{stack}:ExportsOutput' in imported, record


def test_names_that_aws_wants_once_per_account_are_there_once(everything: Resources) -> None:
    for kind, key in (
        ("AWS::CloudFront::Function", "Name"),
        ("Custom::ServerCertificate", "ServerCertificateName"),
        ("Custom::ServerCertificate", "Path"),
    ):
        names = [resource[key] for resource in _of_type(everything, kind).values()]
        assert len(names) == len(set(map(str, names))) >= 5, kind
    policies = [policy["CachePolicyConfig"] for policy in _of_type(everything, "AWS::CloudFront::CachePolicy").values()]
    assert len({policy["Name"] for policy in policies}) == 5  # type: ignore[index]


def test_the_pages_of_every_certificate_hear_of_the_one_bucket_of_switches(everything: Resources) -> None:
    functions = _of_type(everything, "AWS::Lambda::Function").values()
    variables = [function["Environment"]["Variables"] for function in functions if "Environment" in function]  # type: ignore[index]
    asked = [json.dumps(variable["SWITCH_BUCKET"]) for variable in variables if "SWITCH_BUCKET" in variable]
    assert len(asked) == 5
    assert set(asked) == {json.dumps({"Fn::Join": ["", ["large-switch-", {"Ref": "AWS::AccountId"}]]})}


def test_one_topic_gets_the_alarms_of_all_stacks(everything: Resources) -> None:
    assert len(_of_type(everything, "AWS::SNS::Topic")) == 1
    alarms = _of_type(everything, "AWS::CloudWatch::Alarm")
    assert all("NotificationsTopic" in json.dumps(alarm["AlarmActions"]) for alarm in alarms.values())


def test_every_certificate_has_a_monitor_and_switches_are_looked_at_once(everything: Resources) -> None:
    monitors = [key for key in _of_type(everything, "AWS::Lambda::Function") if "/MonitorFunction" in key]
    alarms = _of_type(everything, "AWS::CloudWatch::Alarm").values()
    failing = [alarm for alarm in alarms if alarm.get("MetricName") == "Errors"]
    assert len(monitors) == len(failing) == 5
    for metric, count in (("LifetimeLeft", 2), ("SwitchOverdueMinutes", 1)):
        matching = [alarm for alarm in alarms if alarm.get("MetricName") == metric]
        assert [alarm["Dimensions"] for alarm in matching] == count * [[{"Name": "App", "Value": "large"}]]
    rules = [rule.get("ScheduleExpression") for rule in _of_type(everything, "AWS::Events::Rule").values()]
    assert rules.count("rate(5 minutes)") == 1
    assert rules.count("rate(1 hour)") == 5


@pytest.mark.parametrize("gone", [7, 255, 499], ids=host_name)
def test_a_host_more_or_less_touches_nothing_but_its_records_and_the_page_of_its_certificate(
    synthesise: Synthesise, everything: Resources, gone: int
) -> None:
    without = synthesise([number for number in ALL if number != gone])
    differences = _differences(without, everything)
    part = f"-part-{gone // 100 + 1}" if gone >= 100 else ""
    records = {key for key, kind in differences.items() if kind == RECORD_SET}
    assert {everything[key]["Properties"]["Name"] for key in records} == {f"{host_name(gone)}."}
    assert not records & without.keys()
    others = {key: kind for key, kind in differences.items() if key not in records}
    # None of them is its server's first, whose name the health check asks for. The cutover of its stack is told.
    cutovers = {key for key, kind in others.items() if kind in {"Custom::RecordCutover", "AWS::IAM::Policy"}}
    assert len(cutovers) == 1 + 2, "with the policy that names its hosts, before and after"
    rest = {key: kind for key, kind in others.items() if key not in cutovers}
    assert set(rest.values()) == {"AWS::CloudFront::Distribution", "AWS::CloudFront::Function", "Custom::EdgeTest"}
    assert {key.partition("/")[0] for key in rest} == {f"large-maintenance{part}"}


def test_a_server_more_or_less_touches_nothing_of_other_servers(synthesise: Synthesise, everything: Resources) -> None:
    without = synthesise([number for number in ALL if number // 10 != 33])
    differences = _differences(without, everything)
    changed = {key: kind for key, kind in differences.items() if key in without and key in everything}
    assert {key.partition("/")[0] for key in differences} == {
        "large-maintenance",
        "large-maintenance-part-4",
        "large-failover-stack-7",
    }
    # Its hosts go from the distribution and the cutover, their names from the edge function and its test, its pages
    # from the bucket, it from the list of servers whose certificates are monitored, and its switch from the policies of
    # the first stack.
    assert sorted(changed.values()) == [
        "AWS::CloudFront::Distribution",
        "AWS::CloudFront::Function",
        "AWS::IAM::Role",
        "AWS::Lambda::Function",
        "AWS::S3::BucketPolicy",
        "Custom::CDKBucketDeployment",
        "Custom::EdgeTest",
        "Custom::RecordCutover",
    ]
    policies = {key for key, kind in differences.items() if kind == "AWS::IAM::Policy"}
    assert len(policies) == 2, "the one that names the hosts is another one"
    assert all("S33" in key or "H33" in key or key in changed for key in differences.keys() - policies), differences


def test_a_zone_more_or_less_touches_nothing_of_other_zones(synthesise: Synthesise, everything: Resources) -> None:
    without = synthesise([number for number in ALL if number // 25 != 4])
    differences = _differences(without, everything)
    records = {key for key, kind in differences.items() if kind == RECORD_SET}
    assert {everything[key]["Properties"]["HostedZoneId"] for key in records} == {"Z0LARGE0004"}
    assert len({everything[key]["Properties"]["Name"] for key in records}) == 25
    assert {key.partition("/")[0] for key in differences} == {
        "large-maintenance",
        "large-maintenance-part-2",
        "large-failover-stack-3",
    }


def test_a_new_name_for_a_host_is_one_host_less_and_one_more(synthesise: Synthesise) -> None:
    old, new = (synthesise([*range(20), number]) for number in (21, 22))
    differences = _differences(old, new)
    records = {
        (old.get(key) or new[key])["Properties"]["Name"] for key in differences if differences[key] == RECORD_SET
    }
    assert records == {f"{host_name(number)}." for number in (21, 22)}


def test_another_order_of_everything_changes_no_page_and_no_record(synthesise: Synthesise) -> None:
    some = [number for number in ALL if number % 7 == 0]
    assert _differences(synthesise(some), synthesise(some[::-1])) == {}


def test_a_stack_too_large_is_one_clear_error_at_synthesis(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    write_settings(tmp_path, 200)
    settings = tmp_path / "failover.toml"
    undivided = re.sub(r'stack = "stack-\d+"\n', "", settings.read_text(encoding="utf-8"))
    settings.write_text(undivided, encoding="utf-8")
    run = _app(settings, tmp_path_factory.mktemp("assembly"))
    assert run.returncode == 1
    assert "ERROR DNS failover of large from its servers to the maintenance page: has " in run.stderr
    assert 'Suggested fix: write stack = "NAME" at new servers' in run.stderr
    assert "Traceback" not in run.stderr


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ({"Description": "x" * 1_000_000, "Resources": {}}, "bytes; CloudFormation accepts 1,000,000"),
        ({"Resources": {str(number): {"Type": "T"} for number in range(501)}}, "has 501 resources"),
        (
            {
                "Resources": {
                    "Watch": {
                        "Type": "AWS::Lambda::Function",
                        "Properties": {"Environment": {"Variables": {"SERVERS": "s" * 4_096}}},
                    }
                }
            },
            "function Watch has environment variables of 4,103 bytes; Lambda accepts 4,096",
        ),
        (
            {
                "Resources": {
                    "Role": {"Type": "AWS::IAM::Role", "Properties": {"Policies": [{"PolicyDocument": "s" * 5_000}]}},
                    "More": {
                        "Type": "AWS::IAM::Policy",
                        "Properties": {"Roles": [{"Ref": "Role"}], "PolicyDocument": "s" * 5_237},
                    },
                }
            },
            "role Role has policies of 10,241 characters; IAM accepts 10,240",
        ),
    ],
    ids=["a megabyte", "resources", "environment", "policies"],
)
def test_every_limit_is_reported(tmp_path: Path, template: object, said: str) -> None:
    file = tmp_path / "one.template.json"
    file.write_text(json.dumps(template), encoding="utf-8")
    ((_, fault),) = faults(file)
    assert said in fault
