"""Whether the caller may deploy, and use each command, as far as IAM's own simulation shows.

It knows the caller's policies, but neither those of resources nor the conditions of an organisation's policies.
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_testing-policies.html
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from botocore.exceptions import ClientError

from understudy_failover.contract.documentation import documentation
from understudy_failover.operations.finding import Finding, failed, passed, unknown
from understudy_failover.operations.permissions import COMMANDS, DEPLOY, Need
from understudy_failover.operations.preflight.subject import Subject
from understudy_failover.operations.review.templates import AssemblyError, bootstraps

DEFAULT_QUALIFIER = "hnb659fds"
"""Of `cdk bootstrap`. https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-env.html"""
ROLE = re.compile(r"arn:aws:sts::\d+:assumed-role/(?P<name>[^/]+)/")
BOUNDARY = "give {who} the actions of " + documentation("permissions")


def bootstrap(subject: Subject) -> Iterator[Finding]:
    """Whether the account is prepared, as the assembly wants it; needs ssm:GetParameter.

    Raise AssemblyError: there is no assembly.
    """
    ssm = subject.client("ssm")
    for parameter, least in sorted(bootstraps(subject.assembly).items()):
        own = _qualifier(parameter)
        words = "" if own == DEFAULT_QUALIFIER else f" --qualifier {own} --toolkit-stack-name STACK"
        try:
            version = int(ssm.get_parameter(Name=parameter)["Parameter"]["Value"])
        except ClientError as error:
            if error.response["Error"]["Code"] != "ParameterNotFound":
                raise
            text = f"the account is not prepared for CDK deploys in us-east-1 with the qualifier {own}: no {parameter}"
            yield failed("bootstrap-missing", "deploy", text, f"`cdk bootstrap{words}`")
            continue
        if version < least:
            text = f"the account's CDK bootstrap ({own}) is of version {version}; {least} or newer is needed"
            yield failed("bootstrap-old", "deploy", text, f"`cdk bootstrap{words}`")
        else:
            yield passed("deploy", f"the account is prepared for CDK deploys (bootstrap {own}, version {version})")


def _qualifier(parameter: str) -> str:
    """`/cdk-bootstrap/hnb659fds/version` → `hnb659fds`."""
    return parameter.split("/")[2]


def permissions(subject: Subject) -> Iterator[Finding]:
    """Needs sts:GetCallerIdentity, iam:GetRole and iam:SimulatePrincipalPolicy."""
    identity = subject.client("sts").get_caller_identity()
    arn, account = identity["Arn"], identity["Account"]
    if arn.endswith(":root"):
        yield passed(arn, "is the root user, who may do everything; day to day use another")
        return
    yield from simulated(subject, arn, account)


def simulated(subject: Subject, arn: str, account: str) -> Iterator[Finding]:
    """Of the caller `arn`, one finding for the deploy and one for each command."""
    iam = subject.client("iam")
    principal = _principal(iam, arn)
    if principal is None:
        yield unknown(
            "caller-not-simulated", arn, "IAM cannot simulate this kind of caller", "try with a role or a user"
        )
        return
    for name, needs in {"deploy": DEPLOY, **COMMANDS}.items():
        if not needs:
            continue
        denied = [
            f"{need.action} on {resource}"
            for need in needs
            for resource in _resources(need, subject, account)
            if not _allowed(iam, principal, need, resource)
        ]
        if denied:
            yield failed(
                "permission-missing", name, f"the caller may not {'; '.join(denied)}", BOUNDARY.format(who=principal)
            )
        else:
            yield passed(name, f"{arn} may")


def _principal(iam: Any, arn: str) -> str | None:
    if role := ROLE.match(arn):
        role_arn: str = iam.get_role(RoleName=role["name"])["Role"]["Arn"]  # with its path, which the caller's lacks
        return role_arn
    return arn if ":user/" in arn else None


def _resources(need: Need, subject: Subject, account: str) -> Sequence[str]:
    """Real ARNs; for `*` in one a name that is as good as any."""
    settings = subject.settings
    try:
        own = next(map(_qualifier, sorted(bootstraps(subject.assembly))), DEFAULT_QUALIFIER)
    except AssemblyError:  # told by `bootstrap`
        own = DEFAULT_QUALIFIER
    # An ARN has the six characters that Secrets Manager adds to a name.
    named, _, secret = settings.certificate.private_key_secret.rpartition(":secret:")
    wide = need.resource.replace("{secret}-??????", "{secret}") if named else need.resource
    pattern = wide if wide == "*" else wide.replace("*", "example").replace("?", "x")
    zones = [zone.id for zone in settings.zones] if "{zone}" in pattern else [""]
    switches = settings.switches if "{switch}" in pattern else [""]
    return [
        pattern.format(account=account, app=settings.app, zone=zone, switch=switch, secret=secret, qualifier=own)
        for zone in zones
        for switch in switches
    ]


def _allowed(iam: Any, principal: str, need: Need, resource: str) -> bool:
    keys = [
        {"ContextKeyName": key, "ContextKeyValues": [value], "ContextKeyType": "string"}
        for _, key, value in ([need.condition] if need.condition else [])
    ]
    answer = iam.simulate_principal_policy(
        PolicySourceArn=principal, ActionNames=[need.action], ResourceArns=[resource], ContextEntries=keys
    )
    return all(result["EvalDecision"] == "allowed" for result in answer["EvaluationResults"])
