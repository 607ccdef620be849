"""Questions about CloudFormation, the CDK's roles and what a deploy starts."""

import io
import json
import re
import tarfile
import zipfile
from collections.abc import Mapping
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from understudy_failover.operations.confirm.context import Context, attempt, code
from understudy_failover.operations.confirm.question import Answer, Question, yes_or_no
from understudy_failover.operations.confirm.shared import create_check, site_of, unhealthy_check, zone_of

ENDED = re.compile(r"(COMPLETE|FAILED)$")
ROLES = ("deploy", "file-publishing", "lookup")
ROLE = "arn:aws:iam::{account}:role/cdk-hnb659fds-{kind}-role-{account}-us-east-1"
EXECUTION_ROLE = "arn:aws:iam::{account}:role/cdk-hnb659fds-cfn-exec-role-{account}-us-east-1"
LOGGING = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
PYTHON, NODE = "python3.14", "nodejs22.x"
CLI = """\
import subprocess
def handler(event, context):
    return subprocess.run(['/opt/awscli/aws', '--version'], capture_output=True, text=True).stdout
"""
HELLO = "def handler(event, context):\n    return 'python'\n"
HELLO_NODE = "exports.handler = async () => 'node';\n"


def stack_deletion(context: Context) -> Answer:
    zone, name = zone_of(context), f"{context.token}-records"
    check = create_check(context, "stack", unhealthy_check())
    halves = {role.title(): zone.half("stack", role, check) for role in ("PRIMARY", "SECONDARY")}
    records = {"Kept": zone.record("kept", "TXT", '"kept"'), **halves}
    cloudformation = context.client("cloudformation")
    context.create(
        "stack", name, lambda: cloudformation.create_stack(StackName=name, TemplateBody=_template(zone.id, records))
    )
    said = _await_stack(context, name)
    if said != "CREATE_COMPLETE":
        return Answer("open", f"the stack with a failover pair is {said}")
    zone.change(("DELETE", halves["Secondary"]))
    cloudformation.update_stack(StackName=name, TemplateBody=_template(zone.id, {"Kept": records["Kept"]}))
    said = _await_stack(context, name)
    events = [
        (event["LogicalResourceId"], event["ResourceStatus"])
        for page in cloudformation.get_paginator("describe_stack_events").paginate(StackName=name)
        for event in page["StackEvents"]
        if event["LogicalResourceId"] in halves and event["ResourceStatus"].startswith("DELETE")
    ]
    order = ", ".join(f"{resource} {status}" for resource, status in reversed(events))
    deleted = ("Secondary", "DELETE_COMPLETE") in events and "FAILED" not in order
    return yes_or_no(deleted and said == "UPDATE_COMPLETE", f"{said}; {order or 'no event of a deletion'}")


def abandoned_stack(context: Context) -> Answer:
    zone, name = zone_of(context), f"{context.token}-abandoned"
    deploying, roles = _deploy_role(context)
    first, second = (
        _template(zone.id, {f"Record{n}": zone.record(f"left{n}", "TXT", '"left"') for n in range(count)})
        for count in (1, 2)
    )
    # Nothing waits for it: `cdk`, once killed, does not either.
    context.create("stack", name, lambda: deploying.create_stack(StackName=name, TemplateBody=first, **roles))
    ended = _await_stack(context, name)
    deploying.update_stack(StackName=name, TemplateBody=second, **roles)
    completed = _await_stack(context, name)
    deploying.delete_stack(StackName=name)
    gone = _await_stack(context, name)
    evidence = f"{ended} without a client; the next deploy: {completed}; the deletion: {gone}"
    good = (ended, completed, gone) == ("CREATE_COMPLETE", "UPDATE_COMPLETE", "DELETE_COMPLETE")
    return yes_or_no(good, evidence + (" by the CDK's roles" if roles else "; the CDK's roles do not exist here"))


def cdk_roles(context: Context) -> Answer:
    caller = context.client("sts").get_caller_identity()["Arn"]
    # IAM simulates a role, not its session.
    principal = re.sub(r":sts:(.*):assumed-role/([^/]+)/.*", r":iam:\1:role/\2", caller)
    agreed, evidence = True, []
    for kind in ROLES:
        role = ROLE.format(account=context.account, kind=kind)
        simulated = context.client("iam").simulate_principal_policy(
            PolicySourceArn=principal, ActionNames=["sts:AssumeRole"], ResourceArns=[role]
        )["EvaluationResults"][0]["EvalDecision"]
        assumed = attempt(partial(_assume, context, role))
        agreed = agreed and (simulated == "allowed") == (assumed == "accepted")
        evidence.append(f"{kind}: simulated {simulated}, assumed {assumed.partition(':')[0]}")
    return yes_or_no(agreed, "; ".join(evidence))


def log_delivery(context: Context) -> Answer:
    site = site_of(context)
    context.world.get(site.domain_name, "/index")
    s3 = context.client("s3")
    found, seconds = context.until(
        lambda: s3.list_objects_v2(Bucket=site.log_bucket, Prefix="cloudfront/").get("Contents"), minutes=90, every=60
    )
    if not found:
        return yes_or_no(False, f"no log in {seconds / 60:.0f} minutes; CloudFront promises 24 hours")
    return yes_or_no(True, f"first log after {seconds / 60:.0f} minutes")


def lambda_cli(context: Context) -> Answer:
    layer = awscli_layer()
    if layer is None:
        return Answer("open", "this environment lacks the CDK's layer; run it where aws-cdk-lib is installed")
    lambda_, name = context.client("lambda"), f"{context.token}-cli"
    published = context.create(
        "layer", name, lambda: lambda_.publish_layer_version(LayerName=name, Content={"ZipFile": layer})
    )
    settings = {"Layers": [published["LayerVersionArn"]], "MemorySize": 512}
    _create_function(context, name, PYTHON, _zipped("index.py", CLI), settings)
    failed, said = _invoke(context, name)
    return yes_or_no(not failed and "aws-cli" in said, said)


def lambda_update(context: Context) -> Answer:
    lambda_, name = context.client("lambda"), f"{context.token}-update"
    _create_function(context, name, NODE, _zipped("index.js", HELLO_NODE), {})
    before = _invoke(context, name)[1]
    lambda_.update_function_code(FunctionName=name, ZipFile=_zipped("index.py", HELLO))
    _await_function(context, name)
    lambda_.update_function_configuration(FunctionName=name, Runtime=PYTHON, Handler="index.handler")
    _await_function(context, name)
    failed, after = _invoke(context, name)
    return yes_or_no(not failed and "python" in after, f"before: {before}; after: {after}")


def awscli_layer() -> bytes | None:
    """Return the CDK's layer with the AWS CLI, as a zip file; None where the CDK is not installed."""
    spec = find_spec("aws_cdk")
    for place in (spec.submodule_search_locations or ()) if spec else ():
        for packed in Path(place).glob("asset_awscli_v1/_jsii/*.tgz"):
            with tarfile.open(packed) as archive:
                member = next((packed_file for packed_file in archive if packed_file.name.endswith("/layer.zip")), None)
                content = archive.extractfile(member) if member else None
                return content.read() if content else None
    return None


def _template(zone_id: str, records: Mapping[str, Mapping[str, Any]]) -> str:
    resources: dict[str, Any] = {}
    for id_, record in records.items():
        values = [value["Value"] for value in record["ResourceRecords"]]
        properties = {**record, "HostedZoneId": zone_id, "TTL": str(record["TTL"]), "ResourceRecords": values}
        resources[id_] = {"Type": "AWS::Route53::RecordSet", "Properties": properties}
    return json.dumps({"Resources": resources})


def _await_stack(context: Context, name: str) -> str:
    cloudformation = context.client("cloudformation")

    def look() -> str | None:
        try:
            status = str(cloudformation.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"])
        except ClientError as error:
            if code(error) == "ValidationError":
                return "DELETE_COMPLETE"
            raise
        return status if ENDED.search(status) and not status.endswith("CLEANUP_IN_PROGRESS") else None

    found, _ = context.until(look, minutes=30, every=3)
    return found or "not ended"


def _deploy_role(context: Context) -> tuple[Any, dict[str, str]]:
    """Return CloudFormation as the CDK's deploy role sees it, and the role that the deploy hands on."""
    try:
        credentials = _assume(context, ROLE.format(account=context.account, kind="deploy"))["Credentials"]
    except ClientError:
        return context.client("cloudformation"), {}
    return (
        context.session_client("cloudformation", credentials),
        {"RoleARN": EXECUTION_ROLE.format(account=context.account)},
    )


def _assume(context: Context, role: str) -> Any:
    return context.client("sts").assume_role(RoleArn=role, RoleSessionName=context.token)


def _create_function(context: Context, name: str, runtime: str, content: bytes, settings: Mapping[str, Any]) -> None:
    role = context.once("role", lambda: _create_role(context))
    context.ledger.add("log group", f"/aws/lambda/{name}")

    def create() -> bool | None:
        try:
            context.client("lambda").create_function(
                FunctionName=name,
                Runtime=runtime,
                Handler="index.handler",
                Role=role,
                Code={"ZipFile": content},
                Timeout=60,
                **settings,
            )
        except ClientError as error:
            # IAM shows a new role some seconds later.
            if code(error) != "InvalidParameterValueException" or "role" not in str(error):
                raise
            return None
        return True

    context.create("function", name, lambda: context.until(create, minutes=2, every=5))
    _await_function(context, name)


def _create_role(context: Context) -> str:
    iam, name = context.client("iam"), context.token
    role = context.create(
        "role", name, lambda: iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))
    )
    iam.attach_role_policy(RoleName=name, PolicyArn=LOGGING)
    return str(role["Role"]["Arn"])


def _await_function(context: Context, name: str) -> None:
    def look() -> bool | None:
        found = context.client("lambda").get_function_configuration(FunctionName=name)
        states = (found.get("State", "Active"), found.get("LastUpdateStatus", "Successful"))
        return True if states == ("Active", "Successful") else None

    context.until(look, minutes=5)


def _invoke(context: Context, name: str) -> tuple[bool, str]:
    answer = context.client("lambda").invoke(FunctionName=name)
    return "FunctionError" in answer, answer["Payload"].read().decode("utf-8", "replace").strip()[:300]


def _zipped(name: str, text: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr(name, text)
    return content.getvalue()


QUESTIONS = (
    Question(
        "stack-deletion", "Is a record set that is gone already deleted for CloudFormation?", stack_deletion, 15, 0.75
    ),
    Question(
        "abandoned-stack",
        "Does a deploy end by itself, does the next one complete it, and do the CDK's roles delete the stack?",
        abandoned_stack,
        30,
    ),
    Question("cdk-roles", "Is IAM's simulation right about who may assume the CDK's roles?", cdk_roles, 1),
    Question("log-delivery", "Does CloudFront deliver logs into a private bucket?", log_delivery, 90, 0.01),
    Question("lambda-cli", f"Does the CDK's layer with the AWS CLI run on {PYTHON}?", lambda_cli, 5, 0.01),
    Question("lambda-update", f"Does a function run after {NODE} became {PYTHON}?", lambda_update, 5, 0.01),
)
