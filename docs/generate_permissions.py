"""Writes docs/permissions.md from the commands' table and the templates: `python -m docs.generate_permissions`."""

import json
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.stacks.templates import PSEUDO_PARAMETERS, ROOT, Synthesis, Template, synthesise
from understudy_failover.operations.permissions import COMMANDS, DEPLOY, Need

PAGE = Path(__file__).parent / "permissions.md"
NO_REASON = "NO REASON GIVEN"

HEAD = """\
# Who may do what

<!-- Written by `python -m docs.generate_permissions`. Do not edit. -->

In the ARNs, `{{account}}` is the account's number, `{{app}}` the `app` of failover.toml, `{{zone}}` the id of each of
its zones, `{{switch}}` `_all` and each server's name, `{{secret}}` its `private_key_secret` and `{{qualifier}}` that of
the CDK's bootstrap (default: `hnb659fds`). Where an action or a resource holds `*` or `?`, the reason stands beside it.
`understudy preflight` asks IAM whether the caller may do what the first two parts say.

## The deploy

`cdk deploy` and `understudy destroy` assume the roles that `cdk bootstrap` made; `understudy destroy` first looks
for [stacks that failover.toml has no more](scale.md) as who calls it.
CloudFormation then acts with the bootstrap's execution role. That one may do everything, unless the account is
[bootstrapped with a policy of your own](https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-customizing.html); the
stacks need it to manage resources of {services}.
"""
COMMANDS_HEAD = """
## The commands

What each needs to look, and what only `--apply` needs. A test compares this with the calls that they make.
`confirm --apply` needs an administrator: give it an account without production.
To delete what CloudFormation could not delete, `repair --apply` also needs the delete action of that kind.
"""
ROLES_HEAD = """
## The roles that the stacks make

From the templates of the sample; `<Name>` is another resource of the same stack.
"""
REASONS: Sequence[tuple[str, str]] = (
    (r"s3:(GetObject|ListBucket) .*-switch-.*", "one object for each server's switch"),
    (r"s3:DeleteObject\*? arn:aws:s3:::\{app\}-switch-\{account\}/\*", "the end of the stack empties the bucket"),
    (r"kms:.*", "of the topic's own key, to encrypt each message"),
    (r"cloudwatch:PutMetricData \*", "IAM knows no resource for it; the condition names the namespace"),
    (r"iam:ListServerCertificates \*", "IAM knows no resource for lists"),
    (r"cloudfront:ListDistributions \*", "CloudFront knows no resource for lists"),
    (
        r"s3:GetObject .*-assets-.*/\*\.edge",
        "what the edge functions are tested with is an asset, named by its content",
    ),
    (r"iam:\w+ServerCertificate .*server-certificate/.*[*?]", "names end with the certificate's fingerprint"),
    (r"route53:GetHealthCheckStatus .*healthcheck/\*", "ids come with the checks, and change when one is replaced"),
    (r"route53:GetChange .*:change/\*", "the id is that of a change just made"),
    (r"secretsmanager:GetSecretValue .*\?{6}", "Secrets Manager adds six characters to the name"),
    (r"s3:GetObject .*-assets-.*/\*\.pem", "the public half of the certificate is an asset, named by its content"),
    (r"s3:(GetBucket|GetObject|List)\* .*-assets-.*", "the CDK's own BucketDeployment reads the page's assets with it"),
    (r"s3:.* <(Site|Switch)Bucket\.Arn>(/\*)?", "the CDK's own BucketDeployment fills the bucket with it"),
    (r"s3:(Delete|Put)Object <SwitchBucket\.Arn>/\.understudy/switch/\*", "one object for each server's switch"),
    (r"s3:.* arn:aws:s3:::\{app\}-switch-\{account\}(/\*)?", "the CDK's own BucketDeployment fills the bucket with it"),
)
"""Why an action on a resource is wide: the first whose pattern fits `ACTION RESOURCE` as a whole."""


@dataclass(frozen=True)
class Grant:
    """One action on one resource that a role is allowed."""

    action: str
    resource: str
    condition: str

    @property
    def reason(self) -> str:
        """Why it is as wide as it is; empty where it is not."""
        if not set("*?") & set(self.action + self.resource):
            return ""
        text = f"{self.action} {self.resource}"
        return next((reason for pattern, reason in REASONS if re.fullmatch(pattern, text)), NO_REASON)


def page() -> str:
    """The whole page."""
    with tempfile.TemporaryDirectory() as folder:
        return written(synthesise(ROOT / "tests/sample/failover.toml", Path(folder) / "cdk.out"))


def written(sample: Synthesis) -> str:
    """The page for the templates of a synthesis of the sample."""
    templates = (sample.maintenance, sample.failover)
    services = {
        one["Type"].split("::")[1]
        for template in templates
        for one in template.document["Resources"].values()
        if one["Type"].startswith("AWS::") and one["Type"] != "AWS::CDK::Metadata"
    }
    parts = [HEAD.format(services=", ".join(sorted(services))), _table(DEPLOY), COMMANDS_HEAD]
    for name, needs in COMMANDS.items():
        parts += [f"\n### {name}\n", _table(needs)]
    parts.append(ROLES_HEAD)
    for template in templates:
        for role, grants in sorted(roles(template, sample).items()):
            parts += [f"\n### {role}\n", f"\n{_user(template, role)}\n", _grants(grants)]
    return "".join(parts)


def roles(template: Template, sample: Synthesis) -> dict[str, list[Grant]]:
    """What each role of a template is allowed, by its logical id without the hash."""
    found: dict[str, list[Grant]] = {}
    resources = template.document["Resources"].items()
    for logical_id, one in resources:
        if one["Type"] == "AWS::IAM::Role":
            assert not one["Properties"].get("ManagedPolicyArns"), f"{logical_id} has a managed policy: list it here"
            documents = [policy["PolicyDocument"] for policy in one["Properties"].get("Policies", ())]
            found.setdefault(_plain(logical_id), []).extend(_granted(documents, template, sample))
        if one["Type"] == "AWS::IAM::Policy":
            (role,) = one["Properties"]["Roles"]
            documents = [one["Properties"]["PolicyDocument"]]
            found.setdefault(_plain(role["Ref"]), []).extend(_granted(documents, template, sample))
    return found


def _granted(documents: Sequence[Mapping[str, Any]], template: Template, sample: Synthesis) -> Iterator[Grant]:
    for document in documents:
        for statement in document["Statement"]:
            assert statement["Effect"] == "Allow"
            condition = _named(json.dumps(template.resolved(statement.get("Condition", ""))), sample).strip('"')
            resources = [_named(one, sample) for one in _listed(template.resolved(statement["Resource"]))]
            for action in _listed(statement["Action"]):
                for resource in dict.fromkeys(resources):
                    yield Grant(action, resource, condition)


def _named(resource: str, sample: Synthesis) -> str:
    """A resource without what is the sample's own."""
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


def _user(template: Template, role: str) -> str:
    """Who has a role, in a line."""
    resources = template.document["Resources"]
    (document,) = (
        one["Properties"]["AssumeRolePolicyDocument"]
        for logical_id, one in resources.items()
        if one["Type"] == "AWS::IAM::Role" and _plain(logical_id) == role
    )
    services = sorted({service for one in document["Statement"] for service in _listed(one["Principal"]["Service"])})
    functions = [
        one["Properties"].get("Description", _plain(logical_id))
        for logical_id, one in resources.items()
        if one["Type"] == "AWS::Lambda::Function"
        and _plain(one["Properties"]["Role"].get("Fn::GetAtt", [""])[0]) == role
    ]
    return "; ".join([f"Assumed by {', '.join(services)}", *(f"“{one}”" for one in functions)]) + "."


def _table(needs: Sequence[Need]) -> str:
    if not needs:
        return "\nAsks AWS for nothing.\n"
    rows = (
        f"| `{need.action}` | `{need.resource}`{_condition(need)} | {'`--apply`' if need.changes else 'always'} "
        f"| {need.reason} |"
        for need in needs
    )
    return "\n".join(["", "| action | on | when | why so wide |", "|---|---|---|---|", *rows, ""])


def _condition(need: Need) -> str:
    return f", if `{need.condition[1]}` is `{need.condition[2]}`" if need.condition else ""


def _grants(grants: Sequence[Grant]) -> str:
    rows = (
        f"| `{one.action}` | `{one.resource}` | {f'`{one.condition}`' if one.condition else ''} | {one.reason} |"
        for one in dict.fromkeys(grants)
    )
    return "\n".join(["", "| action | on | if | why so wide |", "|---|---|---|---|", *rows, ""])


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
