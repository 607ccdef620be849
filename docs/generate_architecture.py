"""Writes docs/architecture.md with its diagrams from templates and imports: `python -m docs.generate_architecture`."""

import json
import re
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from docs.generate_permissions import roles
from tests.stacks.templates import ROOT, Synthesis, Template, synthesise
from tests.test_import_rules import FORBIDDEN, HANDLERS, files_of, imported

PAGE = Path(__file__).parent / "architecture.md"

TEXT = """\
# Architecture

<!-- Written by `python -m docs.generate_architecture`. Do not edit. -->

One file, [failover.toml](../failover.toml), becomes two CloudFormation stacks in us-east-1. Everything that decides
in an outage exists beforehand and uses data planes alone; functions only prepare, watch and tell.

## Where to begin reading

1. [app.py](../app.py), then [stacks/stage.py](../stacks/stage.py): which stacks there are, and what crosses between
   them.
2. [settings/model.py](../understudy_failover/settings/model.py): what can be declared. [configuration.md](configuration.md) is written
   from it.
3. [stacks/maintenance_stack.py](../stacks/maintenance_stack.py) and
   [stacks/failover_stack.py](../stacks/failover_stack.py): they only wire; beside them each construct has a file, and
   a folder where it has a handler.
4. [maintenance_site/viewer-request.js](../maintenance_site/viewer-request.js): every answer of the page begins there
   ([who gets what](maintenance-response.md)).
5. [rehearsal/run.py](../understudy_failover/rehearsal/run.py): the whole life of a deployment in a hundred lines, on [the embedded
   AWS](../understudy_failover/emulator/README.md).
6. [cli.py](../understudy_failover/cli.py): the operator's commands, a package or module each.

## What stands in the stacks

{resources}
## Who asks whom while it runs

{running}
**Outage.** Health checkers in eight regions fail to reach the server; its check turns unhealthy, the calculated one
with it, and Route 53 answers with the SECONDARY records. The distribution has been serving all along. Nothing is
called, nothing is deployed ([what each party answers](decisions/0005-maintenance-response.md)). Alarms follow a
minute or two later.

**Switch.** `understudy maintenance on` writes one object to S3. Health checkers read it through the distribution;
that check is inverted, so what is found there makes it unhealthy, and the rest is as in an outage
([why](decisions/0007-the-switch-and-how-the-command-finds-it.md)). A function hears of the object and puts the words
of planned work on the pages; windows are one-time schedules ([how](decisions/0009-maintenance-windows.md)).

**Back.** The same in reverse; with `failback_hold_minutes` an alarm holds it
([how](decisions/0010-failback-hold.md)).

## Who calls whom in a deploy

{deploying}
**Deploy.** The certificate goes to IAM before the distribution needs it; its public half travels as an asset, the key
from Secrets Manager alone ([why](decisions/0006-public-half-in-an-asset.md)). The
[gate](decisions/0008-deploy-gate.md) lets records come only after every check has reported; the
[handover](decisions/0011-adoption.md) keeps each name answered while its simple records become a pair, or a pair
becomes one record again.

**Renewal.** A new leaf is a new name in IAM and so a new physical resource: upload, distribution moves, old one
deleted, in that order and [in one stack](certificates.md#what-a-deploy-does). The expiry watch asks for it in time.

**Many hosts.** Further certificates and further failover stacks are the same two stacks again
([scale](decisions/0012-scale.md)).

## Layers of the code

An arrow is an import. What is not drawn does not exist, and what must never exist is held by
[tests/test_import_rules.py](../tests/test_import_rules.py).

{layers}
{forbidden}"""

OURS = "AWS::Lambda::Function"
PLUMBING = re.compile(
    r"AWS::(IAM::|Logs::|Lambda::(Permission|LayerVersion)|S3::BucketPolicy|SNS::TopicPolicy|KMS::|"
    r"CloudFront::(CachePolicy|OriginAccessControl)|CDK::)"
)
"""Types that carry what others do, and would only hide it."""
LABELS = {
    "AWS::CloudFront::Distribution": "CloudFront distribution",
    "AWS::CloudFront::Function": "edge functions",
    "AWS::CloudWatch::Alarm": "alarms",
    "AWS::CloudWatch::CompositeAlarm": "alarms that tell somebody",
    "AWS::CloudWatch::Dashboard": "dashboard",
    "AWS::Route53::RecordSet": "PRIMARY and SECONDARY records",
    "AWS::SNS::Topic": "notifications",
    "AWS::Scheduler::ScheduleGroup": "maintenance windows",
    "Custom::CDKBucketDeployment": "files of the buckets",
    "Custom::Handover": "handover of each host",
    "Custom::HealthGate": "gate of each server",
    "Custom::ServerCertificate": "server certificate",
    "AWS::S3::Bucket AccessLogsBucket": "bucket of the access logs",
    "AWS::S3::Bucket SiteBucket": "bucket of the page",
    "AWS::S3::Bucket SwitchBucket": "bucket of the switches",
}
SERVICES = {
    "cloudformation": "CloudFormation",
    "cloudfront": "CloudFront",
    "cloudwatch": "CloudWatch",
    "iam": "IAM server certificates",
    "route53": "Route 53",
    "s3": "assets of the CDK",
    "secretsmanager": "secret with the private key",
}
"""What a function acts on that is no resource of these stacks, by the first part of the action."""
SERVERS, CLIENTS, CHECKERS = "your servers", "clients", "Route 53's health checkers"


@dataclass(frozen=True)
class Call:
    """One arrow."""

    source: str
    verb: str
    target: str


class Architecture:
    """The sample's resources, put together by what they are for."""

    def __init__(self, sample: Synthesis) -> None:
        self._sample = sample
        self.templates = {"maintenance": sample.maintenance, "failover": sample.failover}

    @cached_property
    def nodes(self) -> dict[str, str]:
        """What each resource is drawn as, by logical id; without plumbing.

        Raises:
            KeyError: a new type, which needs a label here.
        """
        return {
            logical_id: self._label(logical_id, one)
            for template in self.templates.values()
            for logical_id, one in template.document["Resources"].items()
            if not PLUMBING.match(one["Type"])
        }

    def stack_of(self, node: str) -> str | None:
        """The stack that a node stands in; None outside."""
        for name, template in self.templates.items():
            if node in {self.nodes.get(logical_id) for logical_id in template.document["Resources"]}:
                return name
        return None

    @cached_property
    def calls(self) -> list[Call]:
        """Every arrow, in the order of the templates, once."""
        found = [Call(CLIENTS, "ask for a name", LABELS["AWS::Route53::RecordSet"])]
        found += [Call(CLIENTS, "HTTPS", one) for one in (SERVERS, LABELS["AWS::CloudFront::Distribution"])]
        for template in self.templates.values():
            for logical_id, one in template.document["Resources"].items():
                if logical_id in self.nodes:
                    found += self._declared(self.nodes[logical_id], one["Type"], template.resolved(one["Properties"]))
            found += self._granted(template)
        return [call for call in dict.fromkeys(found) if call.source != call.target]

    @cached_property
    def of_a_deploy(self) -> set[str]:
        """What only a deploy calls: custom resources, and the functions behind them."""
        found = {label for type_, label in LABELS.items() if type_.startswith("Custom::")}
        while (
            more := {call.target for call in self.calls if call.source in found and self._is_function(call.target)}
            - found
        ):
            found |= more
        return found

    def _is_function(self, node: str) -> bool:
        return any(
            self.nodes.get(logical_id) == node
            for template in self.templates.values()
            for logical_id, one in template.document["Resources"].items()
            if one["Type"] == OURS
        )

    def _label(self, logical_id: str, resource: Mapping[str, Any]) -> str:
        kind, properties = resource["Type"], resource["Properties"]
        if kind == OURS:
            told = properties.get("Description", "")
            if "provider framework" in told:
                return f"provider framework of {logical_id.partition('Provider')[0]}"
            return re.sub(rf" (of )?{self._sample.settings.app}", "", told) or "CDK's bucket deployment"
        if kind == "AWS::Events::Rule":
            return f"rule {re.sub(r'[0-9A-F]{8}$', '', logical_id)}"
        if kind == "AWS::Route53::HealthCheck":
            config = properties["HealthCheckConfig"]
            asks = "switch checks" if config.get("Inverted") else "server checks"
            return {"CALCULATED": "verdict on each server", "CLOUDWATCH_METRIC": "holds"}.get(config["Type"], asks)
        if kind == "AWS::S3::Bucket":
            return LABELS[f"{kind} {re.sub(r'[0-9A-F]{8}$', '', logical_id)}"]
        return LABELS[kind]

    def _declared(self, node: str, kind: str, properties: Mapping[str, Any]) -> Iterator[Call]:
        """What a resource's own properties say of others."""
        text = json.dumps(properties)
        referred = [self.nodes[one] for one in re.findall(r"<(\w+)(?:\.\w+)?>", text) if one in self.nodes]
        match kind:
            case "AWS::Route53::RecordSet":
                yield from (Call(node, "PRIMARY while healthy", one) for one in referred if one.startswith("verdict"))
                yield (
                    Call(node, "PRIMARY", SERVERS)
                    if "AliasTarget" not in properties
                    else Call(node, "SECONDARY", LABELS["AWS::CloudFront::Distribution"])
                )
            case "AWS::Route53::HealthCheck":
                if "ChildHealthChecks" in text:
                    yield from (Call(node, "all of", one) for one in referred)
                else:
                    yield Call(CHECKERS, "report to", node)
                    yield from (Call(CHECKERS, "HTTPS", one) for one in referred or [SERVERS])
            case "AWS::CloudFront::Distribution":
                logs = LABELS["AWS::S3::Bucket AccessLogsBucket"]
                verbs = {"edge functions": "runs", "server certificate": "presents", logs: "logs to"}
                yield from (Call(node, verbs.get(one, "reads"), one) for one in referred)
            case "AWS::S3::Bucket":
                yield from (Call(node, "logs to", one) for one in referred)
            case "AWS::Events::Rule":
                heard = re.search(r"aws\.(\w+)", text)
                if heard:
                    yield Call(LABELS["AWS::S3::Bucket SwitchBucket"], "tells of objects", node)
                yield from (Call(node, "starts", one) for one in referred if self._is_function(one))
            case "AWS::CloudWatch::Alarm":
                yield from (Call(node, "look at", one) for one in referred if "check" in one or "verdict" in one)
                yield from (Call(node, "tell", one) for one in referred if one == "notifications")
            case "AWS::CloudWatch::CompositeAlarm":
                yield from (Call(node, "tell", one) for one in referred if one == "notifications")
                yield Call(node, "put together", LABELS["AWS::CloudWatch::Alarm"])
            case _ if kind.startswith("Custom::"):
                yield from (Call(node, "handled by", one) for one in referred if self._is_function(one))

    def _granted(self, template: Template) -> Iterator[Call]:
        """What functions may do."""
        granted = roles(template, self._sample)
        for logical_id, one in template.document["Resources"].items():
            if one["Type"] != OURS:
                continue
            role = re.search(r"<(\w+?)[0-9A-F]{8}\.Arn>", template.resolved(one["Properties"]["Role"]))
            assert role
            for grant in granted[role[1]]:
                service, _, action = grant.action.partition(":")
                target = re.match(r"<(\w+)[.>]", grant.resource)
                named = [node for id_, node in self.nodes.items() if target and id_.startswith(target[1])]
                # Two stacks, one bucket of switches: the other names it in words.
                if service == "s3" and "-switch-" in grant.resource:
                    named = [LABELS["AWS::S3::Bucket SwitchBucket"]]
                if named:
                    yield Call(self.nodes[logical_id], _verb(action), named[0])
                elif service in SERVICES:
                    yield Call(self.nodes[logical_id], _verb(action), SERVICES[service])
        for logical_id, one in template.document["Resources"].items():
            if one["Type"] == "AWS::Scheduler::ScheduleGroup":
                yield Call(self.nodes[logical_id], "write and delete", LABELS["AWS::S3::Bucket SwitchBucket"])


def _verb(action: str) -> str:
    if action in {"InvokeFunction", "GetFunction"}:  # the framework asks first whether it is there
        return "calls"
    return "reads" if action.startswith(("Get", "List", "Describe")) else "writes"


def page() -> str:
    """The whole page."""
    with tempfile.TemporaryDirectory() as folder:
        return written(synthesise(ROOT / "failover.toml", Path(folder) / "cdk.out"))


def written(sample: Synthesis) -> str:
    """The page for a synthesis of the sample."""
    found = Architecture(sample)
    deploy = found.of_a_deploy
    running = [call for call in found.calls if not {call.source, call.target} & deploy or call.verb == "presents"]
    deploying = [call for call in found.calls if call.source in deploy]
    return TEXT.format(
        resources=_resources(found),
        running=_flowchart(running, found),
        deploying=_flowchart(deploying, found),
        layers=_layers(),
        forbidden=_forbidden(),
    )


def _resources(found: Architecture) -> str:
    rows = ["| stack | what | resources |", "|---|---|---|"]
    for name, template in found.templates.items():
        counts = Counter(found.nodes.get(id_, "") for id_ in template.document["Resources"])
        types = {found.nodes.get(id_, ""): one["Type"] for id_, one in template.document["Resources"].items()}
        for node, count in sorted(counts.items(), key=lambda item: (types[item[0]], item[0])):
            if node:
                rows.append(f"| `<app>-{name}` | {node} | {count} × `{types[node]}` |")
        rows.append(f"| `<app>-{name}` | roles, policies, log groups and the like | {counts['']} |")
    return "\n".join([*rows, ""])


def _flowchart(calls: list[Call], found: Architecture) -> str:
    """Mermaid, with the nodes of each stack in a frame."""
    verbs: dict[tuple[str, str], list[str]] = {}
    for call in calls:
        told = verbs.setdefault((call.source, call.target), [])
        if call.verb not in told:
            told.append(call.verb)
    nodes = list(dict.fromkeys(node for pair in verbs for node in pair))
    names = {node: f"n{number}" for number, node in enumerate(nodes)}
    lines = ["```mermaid", "flowchart LR"]
    for stack in (*found.templates, None):
        inside = [f'{names[node]}["{_broken(node)}"]' for node in nodes if found.stack_of(node) == stack]
        if stack and inside:
            lines += [f'  subgraph {stack}["&lt;app&gt;-{stack}"]', *(f"    {one}" for one in inside), "  end"]
        else:
            lines += [f"  {one}" for one in inside]
    lines += [f"  {names[a]} -->|{', '.join(told)}| {names[b]}" for (a, b), told in verbs.items()]
    return "\n".join([*lines, "```", ""])


def _broken(text: str, width: int = 26) -> str:
    """With line ends where a box would become too wide."""
    lines = [""]
    for word in text.split():
        if len(lines[-1]) + len(word) > width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return "<br>".join(lines)


def _layers() -> str:
    packages = list(FORBIDDEN)
    arrows = [
        (package, other)
        for package in packages
        for other in sorted(set().union(*map(imported, files_of(ROOT / package))) & set(packages) - {package})
    ]
    arrows += [("app.py", other) for other in sorted(imported(ROOT / "app.py") & set(packages))]
    handlers = f"handlers<br>{len(HANDLERS)} folders in stacks/"
    lines = ["```mermaid", "flowchart TD", f'  handlers["{handlers}"]', '  boto3(["boto3"])', '  cdk(["aws_cdk"])']
    lines += [f"  {source.replace('.', '_')}[{source}] --> {target}" for source, target in arrows]
    lines += ["  app_py --> cdk", *(f"  {package} --> cdk" for package in packages if _uses(package, "aws_cdk"))]
    lines += [f"  {package} --> boto3" for package in packages if _uses(package, "boto3")]
    return "\n".join([*lines, "  handlers --> boto3", "  stacks -.->|as assets| handlers", "```", ""])


def _uses(package: str, library: str) -> bool:
    return any(library in imported(file) for file in files_of(ROOT / package))


def _forbidden() -> str:
    rows = ["| package | must never import |", "|---|---|"]
    rows += [
        f"| `{package}` | {', '.join(f'`{one}`' for one in sorted(never))} |" for package, never in FORBIDDEN.items()
    ]
    rows.append("| handlers | all but the standard library, `boto3` and their own modules |")
    return "\n".join([*rows, ""])


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
