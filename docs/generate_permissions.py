"""Writes docs/permissions.md and docs/permissions.json: `python -m docs.generate_permissions`.

They come from the commands' table, and from the templates of the sample.
"""

import json
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from docs.generation import DOCS, Grant, statements, table, write
from tests.stacks.templates import PSEUDO_PARAMETERS, ROOT, Synthesis, Template, synthesise
from understudy_failover.operations.permissions import COMMANDS, DEPLOY, LISTS, Need

PAGE = DOCS / "permissions.md"
POLICIES = DOCS / "permissions.json"
NO_REASON = "NO REASON GIVEN"
HEAD = """\
# Permissions

<!-- Written by `python -m docs.generate_permissions`. Do not edit. -->

[permissions.json](permissions.json) has an IAM policy for each command: `read`, and `apply` for `--apply` besides.
Replace `{{account}}` by the account's number, `{{app}}` by the `app` of failover.toml, `{{zone}}` by the id of each
zone, `{{switch}}` by `_all` and each server's name, `{{secret}}` by `private_key_secret`, and `{{qualifier}}` by that
of the CDK's bootstrap (default: `hnb659fds`). `understudy preflight` asks IAM whether the caller has the permissions of
deploy and commands.

## Deploy

`cdk deploy` and `understudy destroy` assume the roles that `cdk bootstrap` created ([names](permissions.json)).
CloudFormation acts with the bootstrap's execution role, which may do everything unless the account is
[bootstrapped with a policy of your own](https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-customizing.html). The
stacks need it for resources of {services}.

## Commands

A test compares these permissions with the calls that the commands make. Give `confirm --apply` the administrator of an
account without production. To delete what CloudFormation could not delete, `repair --apply` also needs that resource's
delete action.

"""
ROLES = """
The roles of the stacks' Lambda functions and schedules: [permissions.json](permissions.json), `roles`.
"""
WIDE_HEAD = """
## Wildcards

Each resource or action with `*` or `?`, and why it is not narrower. `<Name>` is a resource of the same stack.

"""
REASONS: Sequence[tuple[str, str]] = (
    (r"s3:(GetObject|ListBucket) .*-switch-.*", "one object for each server"),
    (r"s3:DeleteObject\*? arn:aws:s3:::\{app\}-switch-\{account\}/\*", "a deletion of the stack empties the bucket"),
    (r"kms:.*", "the key of the topic alone, to encrypt each message"),
    (r"cloudwatch:PutMetricData \*", "IAM knows no resource for metrics; the condition names the namespace"),
    (r"(iam:ListServerCertificates|cloudfront:ListDistributions) \*", LISTS),
    (r"s3:GetObject .*-assets-.*/\*\.edge", "the test of the edge functions is an asset, named by its content"),
    (r"iam:\w+ServerCertificate .*server-certificate/.*[*?]", "names end with the certificate's fingerprint"),
    (r"route53:GetHealthCheckStatus .*healthcheck/\*", "ids are assigned at creation, and change with a replacement"),
    (r"route53:GetChange .*:change/\*", "the id of the change just made"),
    (r"secretsmanager:GetSecretValue .*\?{6}", "Secrets Manager adds six characters to the name"),
    (r"s3:GetObject .*-assets-.*/\*\.pem", "the public certificate is an asset, named by its content"),
    (r"s3:(GetBucket|GetObject|List)\* .*-assets-.*", "the CDK's BucketDeployment reads the page's assets"),
    (r"s3:.* <(Site|Switch)Bucket\.Arn>(/\*)?", "the CDK's BucketDeployment fills the bucket"),
    (r"s3:(Delete|Put)Object <SwitchBucket\.Arn>/\.understudy/switch/\*", "one object for each server"),
    (r"s3:.* arn:aws:s3:::\{app\}-switch-\{account\}(/\*)?", "the CDK's BucketDeployment fills the bucket"),
)
"""Why an action on a resource is wide: the first whose pattern fits `ACTION RESOURCE` as a whole."""


def reason(grant: Grant) -> str:
    """Return why an action or a resource has a wildcard; empty where it has none."""
    if not set("*?") & set(grant.action + grant.resource):
        return ""
    text = f"{grant.action} {grant.resource}"
    return next((reason for pattern, reason in REASONS if re.fullmatch(pattern, text)), NO_REASON)


def pages() -> tuple[str, str]:
    with tempfile.TemporaryDirectory() as folder:
        sample = synthesise(ROOT / "tests/sample/failover.toml", Path(folder) / "cdk.out")
    grants = {
        role: grants
        for template in (sample.maintenance, sample.failover)
        for role, grants in sorted(roles(template, sample).items())
    }
    return page(sample, grants), policies(grants)


def page(sample: Synthesis, grants: Mapping[str, Sequence[Grant]]) -> str:
    """Return permissions.md for a synthesis of the sample, whose roles have `grants`."""
    types = {
        resource["Type"]
        for template in (sample.maintenance, sample.failover)
        for resource in template.document["Resources"].values()
    }
    services = sorted({kind.split("::")[1] for kind in types if kind.startswith("AWS::")} - {"CDK"})
    commands: dict[tuple[Need, ...], list[str]] = {}
    for name, needs in COMMANDS.items():
        commands.setdefault(needs, []).append(name)
    return (
        HEAD.format(services=", ".join(services))
        + table(("command", "reads", "`--apply` also"), map(_command, commands.items()))
        + ROLES
        + WIDE_HEAD
        + table(("wildcard", "reason"), wildcards(grants))
    )


def policies(grants: Mapping[str, Sequence[Grant]]) -> str:
    """Return permissions.json, with a statement in each line."""
    documents: dict[str, Any] = {"deploy, destroy": _documents(DEPLOY)}
    documents |= {name: _documents(needs) for name, needs in COMMANDS.items() if needs}
    documents["roles"] = {role: _policy(chosen) for role, chosen in grants.items()}
    # Statements are the fourth level.
    text = re.sub(r",\n {5,}", ", ", json.dumps(documents, indent=1))
    return re.sub(r"\n {5,}|\n {4}(?=\})", "", text) + "\n"


def _documents(needs: Sequence[Need]) -> dict[str, Any]:
    parts = {part: [need for need in needs if need.changes is (part == "apply")] for part in ("read", "apply")}
    return {part: _policy(map(Grant.of_need, chosen)) for part, chosen in parts.items() if chosen}


def _policy(grants: Iterable[Grant]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": statements(grants)}


def _command(shared: tuple[Sequence[Need], Sequence[str]]) -> tuple[str, ...]:
    needs, names = shared
    reads, changes = ([need.action for need in needs if need.changes is changing] for changing in (False, True))
    return ", ".join(names), _actions(reads) or "nothing", _actions(changes)


def _actions(actions: Iterable[str]) -> str:
    """Return actions by their service, as `s3`: GetObject, PutObject."""
    by_service: dict[str, list[str]] = {}
    for action in sorted(set(actions)):
        service, _, name = action.partition(":")
        by_service.setdefault(service, []).append(name)
    return "; ".join(f"`{service}`: {', '.join(names)}" for service, names in by_service.items())


def wildcards(grants: Mapping[str, Sequence[Grant]]) -> list[tuple[str, str]]:
    """Return what commands and roles have on more than one resource, or by more than one action, with the reason."""
    by_reason: dict[str, set[str]] = {}
    reasons = [(need.reason, Grant.of_need(need)) for needs in COMMANDS.values() for need in needs]
    reasons += [(reason(grant), grant) for chosen in grants.values() for grant in chosen]
    for why, grant in reasons:
        by_reason.setdefault(why, set()).add(_wildcard(grant))
    return [(", ".join(f"`{name}`" for name in sorted(names)), why) for why, names in sorted(by_reason.items()) if why]


def _wildcard(grant: Grant) -> str:
    """Return the action where it is allowed on everything, else the end of the resource's ARN."""
    return grant.action if grant.resource == "*" else re.sub(r"^arn:aws:([\w-]+):[^:]*:[^:]*:", r"\1:", grant.resource)


def roles(template: Template, sample: Synthesis) -> dict[str, list[Grant]]:
    """Return the grants of each role of a template, by its logical id without the hash."""
    grants: dict[str, list[Grant]] = {}
    resources = template.document["Resources"].items()
    for logical_id, resource in resources:
        if resource["Type"] == "AWS::IAM::Role":
            assert not resource["Properties"].get("ManagedPolicyArns"), f"list {logical_id}'s managed policy here"
            documents = [policy["PolicyDocument"] for policy in resource["Properties"].get("Policies", ())]
            grants.setdefault(_plain(logical_id), []).extend(_granted(documents, template, sample))
        if resource["Type"] == "AWS::IAM::Policy":
            (role,) = resource["Properties"]["Roles"]
            documents = [resource["Properties"]["PolicyDocument"]]
            grants.setdefault(_plain(role["Ref"]), []).extend(_granted(documents, template, sample))
    return grants


def _granted(documents: Sequence[Mapping[str, Any]], template: Template, sample: Synthesis) -> Iterator[Grant]:
    for document in documents:
        for statement in document["Statement"]:
            assert statement["Effect"] == "Allow"
            condition = _named(json.dumps(template.resolved(statement.get("Condition", ""))), sample).strip('"')
            resources = [_named(name, sample) for name in _listed(template.resolved(statement["Resource"]))]
            for action in _listed(statement["Action"]):
                for resource in dict.fromkeys(resources):
                    yield Grant(action, resource, condition)


def _named(resource: str, sample: Synthesis) -> str:
    """Return a resource with placeholders for the names of the sample."""
    names = {PSEUDO_PARAMETERS["AWS::AccountId"]: "{account}", sample.settings.app: "{app}"}
    names |= {zone.id: "{zone}" for zone in sample.settings.zones}
    names |= {f"/.understudy/switch/{name}": "/.understudy/switch/{switch}" for name in sample.settings.switches}
    names[sample.settings.certificate.private_key_secret] = "{secret}"
    for own, placeholder in names.items():
        resource = resource.replace(own, placeholder)
    return re.sub(r"<(\w+?)[0-9A-F]{8}(\.\w+)?>", r"<\1\2>", resource)


def _plain(logical_id: str) -> str:
    return re.sub(r"[0-9A-F]{8}$", "", logical_id)


def _listed(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


if __name__ == "__main__":
    for file, text in zip((PAGE, POLICIES), pages(), strict=True):
        write(file, text)
