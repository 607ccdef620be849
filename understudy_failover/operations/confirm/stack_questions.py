"""Questions about CloudFormation, the roles of the CDK and the user's own deployment."""

import json
import re
from collections.abc import Mapping
from functools import partial
from typing import Any

from botocore.exceptions import ClientError

from understudy_failover.operations import aws
from understudy_failover.operations.confirm.context import Answer, Context, Question, attempt, yes_or_no
from understudy_failover.operations.confirm.shared import create_check, unhealthy_check, zone_of
from understudy_failover.operations.lookups import members, stack
from understudy_failover.operations.reach import Reach
from understudy_failover.operations.repair.declared import NotReadyError
from understudy_failover.operations.verify.deployment import Deployment
from understudy_failover.settings import SettingsError, load

ENDED = re.compile(r"(COMPLETE|FAILED)$")
ROLES = ("deploy", "file-publishing", "lookup")
ROLE = "arn:aws:iam::{account}:role/cdk-hnb659fds-{kind}-role-{account}-us-east-1"
EXECUTION_ROLE = "arn:aws:iam::{account}:role/cdk-hnb659fds-cfn-exec-role-{account}-us-east-1"


def stack_deletion(context: Context) -> Answer:
    zone, name = zone_of(context), f"{context.token}-records"
    check = create_check(context, "stack", unhealthy_check())
    halves = {role.title(): zone.half("stack", role, check) for role in ("PRIMARY", "SECONDARY")}
    records = {"Kept": zone.record("kept", "TXT", '"kept"'), **halves}
    cloudformation = context.client("cloudformation")
    context.create(
        "stack", name, lambda: cloudformation.create_stack(StackName=name, TemplateBody=_template(zone.id, records))
    )
    status = _await_stack(context, name)
    if status != "CREATE_COMPLETE":
        return Answer("open", f"the stack with a failover pair is {status}")
    zone.change(("DELETE", halves["Secondary"]))
    cloudformation.update_stack(StackName=name, TemplateBody=_template(zone.id, {"Kept": records["Kept"]}))
    status = _await_stack(context, name)
    events = [
        (event["LogicalResourceId"], event["ResourceStatus"])
        for event in members(cloudformation, "describe_stack_events", "StackEvents", StackName=name)
        if event["LogicalResourceId"] in halves and event["ResourceStatus"].startswith("DELETE")
    ]
    order = ", ".join(f"{resource} {status}" for resource, status in reversed(events))
    deleted = ("Secondary", "DELETE_COMPLETE") in events and "FAILED" not in order
    return yes_or_no(deleted and status == "UPDATE_COMPLETE", f"{status}; {order or 'no event of a deletion'}")


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
    deleted = _await_stack(context, name)
    evidence = f"{ended} without a client; the next deploy: {completed}; the deletion: {deleted}"
    expected = (ended, completed, deleted) == ("CREATE_COMPLETE", "UPDATE_COMPLETE", "DELETE_COMPLETE")
    return yes_or_no(expected, evidence + (" by the CDK's roles" if roles else "; the CDK's roles do not exist here"))


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


def repair(context: Context) -> Answer:
    if context.settings is None:
        return Answer("open", "needs the settings of a deployment: --settings failover.toml")
    try:
        plan = Deployment(load(context.settings), Reach()).repairs()
    except (SettingsError, NotReadyError) as error:
        return Answer("open", f"needs a deployment in this account: {error}")
    if plan.unseen:
        return Answer("open", f"not compared: {'; '.join(plan.unseen)}")
    differences = [f"{action.subject}: {action.text}" for action in plan.actions]
    differences += [f"{lost.subject}: {lost.text}" for lost in plan.lost]
    return yes_or_no(not differences, "; ".join(differences) or "no difference from the deployed templates")


def _template(zone_id: str, records: Mapping[str, Mapping[str, Any]]) -> str:
    resources: dict[str, Any] = {}
    for id_, record in records.items():
        values = [value["Value"] for value in record["ResourceRecords"]]
        properties = {**record, "HostedZoneId": zone_id, "TTL": str(record["TTL"]), "ResourceRecords": values}
        resources[id_] = {"Type": "AWS::Route53::RecordSet", "Properties": properties}
    return json.dumps({"Resources": resources})


def _await_stack(context: Context, name: str) -> str:
    cloudformation = context.client("cloudformation")

    def probe() -> str | None:
        status = str((stack(cloudformation, name) or {}).get("StackStatus", "DELETE_COMPLETE"))
        return status if ENDED.search(status) and not status.endswith("CLEANUP_IN_PROGRESS") else None

    return context.until(probe, minutes=30, every=3)[0] or "not ended"


def _deploy_role(context: Context) -> tuple[Any, dict[str, str]]:
    """Return a CloudFormation client with the CDK's deploy role, and the role that a deploy passes to it."""
    try:
        credentials = _assume(context, ROLE.format(account=context.account, kind="deploy"))["Credentials"]
    except ClientError:
        return context.client("cloudformation"), {}
    execution_role = EXECUTION_ROLE.format(account=context.account)
    return aws.client("cloudformation", credentials=credentials), {"RoleARN": execution_role}


def _assume(context: Context, role: str) -> Any:
    return context.client("sts").assume_role(RoleArn=role, RoleSessionName=context.token)


QUESTIONS = (
    Question("repair", "Does `understudy repair` find nothing to do after a deploy?", repair, 2),
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
)
