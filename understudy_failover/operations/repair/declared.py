"""What CloudFormation deployed: the resources of the deployed templates, with the values that they had then."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from understudy_failover.operations import lookups

UNKNOWN = "<unknown>"
"""Stands for a value that only CloudFormation can compute; a property that contains it is not compared."""
PSEUDO_PARAMETERS = {
    "AWS::Partition": "aws",
    "AWS::Region": "us-east-1",
    "AWS::URLSuffix": "amazonaws.com",
}
COMPLETE = {"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE"}
"""States of a stack whose template is what is deployed."""


class NotReadyError(Exception):
    """A stack is in a state in which nothing can be compared; the text says which, and what to do."""


@dataclass(frozen=True)
class Resource:
    stack: str
    logical_id: str
    type: str
    physical_id: str
    properties: Mapping[str, Any]
    metadata: Mapping[str, Any] = field(default_factory=dict)

    def known(self, *names: str) -> bool:
        """Whether every value of these properties, of all without `names`, could be computed."""
        values = {name: self.properties.get(name) for name in names} if names else self.properties
        return UNKNOWN not in json.dumps(values)


def declared(client: Callable[[str], Any], stack_names: Iterable[str]) -> list[Resource]:
    """Resources of the deployed ones of these stacks.

    Needs cloudformation:DescribeStacks, GetTemplate, ListStackResources, and sts:GetCallerIdentity.

    Raises:
        NotReadyError: a stack is being changed, or its last change failed half way.
        BotoCoreError, ClientError: CloudFormation refuses, or cannot be reached.
    """
    cloudformation = client("cloudformation")
    stacks = {name: stack for name in stack_names if (stack := lookups.stack(cloudformation, name))}
    for name, stack in stacks.items():
        if stack["StackStatus"] not in COMPLETE:
            raise NotReadyError(
                f"stack {name} is {stack['StackStatus']}: wait until its deploy has ended, or deploy again; then repair"
            )
    outputs = [output for stack in stacks.values() for output in stack.get("Outputs", [])]
    exports = {output["ExportName"]: output["OutputValue"] for output in outputs if "ExportName" in output}
    account = str(client("sts").get_caller_identity()["Account"])
    collected: list[Resource] = []
    for name, stack in stacks.items():
        template = cloudformation.get_template(StackName=name, TemplateStage="Original")["TemplateBody"]
        resources = lookups.stack_resources(cloudformation, name)
        physical_ids = {summary["LogicalResourceId"]: summary.get("PhysicalResourceId", "") for summary in resources}
        resolve = _resolver(template, stack, physical_ids, exports, account)
        collected += _resources(name, template, resolve)
    return collected


def _resources(name: str, template: Mapping[str, Any], resolve: "_Resolver") -> Iterator[Resource]:
    for logical_id, definition in template["Resources"].items():
        properties = {key: resolve(value) for key, value in definition.get("Properties", {}).items()}
        physical_id = resolve.physical_ids.get(logical_id, "")
        yield Resource(
            name, logical_id, str(definition["Type"]), physical_id, properties, definition.get("Metadata", {})
        )


def _resolver(
    template: Mapping[str, Any],
    stack: Mapping[str, Any],
    physical_ids: Mapping[str, str],
    exports: Mapping[str, str],
    account: str,
) -> "_Resolver":
    values = lookups.outputs(stack)
    # An output has the value of its expression, such as {"Fn::GetAtt": ["Distribution", "DomainName"]}.
    output_values = {
        json.dumps(output["Value"]): values[key]
        for key, output in template.get("Outputs", {}).items()
        if key in values and isinstance(output["Value"], Mapping)
    }
    types = {logical_id: str(definition["Type"]) for logical_id, definition in template["Resources"].items()}
    return _Resolver(types, physical_ids, output_values, exports, {**PSEUDO_PARAMETERS, "AWS::AccountId": account})


@dataclass(frozen=True)
class _Resolver:
    """Computes the intrinsic functions that the templates use."""

    types: Mapping[str, str]
    physical_ids: Mapping[str, str]
    output_values: Mapping[str, str]
    exports: Mapping[str, str]
    parameters: Mapping[str, str]

    def __call__(self, value: Any) -> Any:
        """The value, `UNKNOWN` in place of what cannot be computed."""
        if isinstance(value, list):
            return [self(item) for item in value]
        if not isinstance(value, Mapping):
            return value
        output_value = self.output_values.get(json.dumps(value))
        return self._computed(value) if output_value is None else output_value

    def _computed(self, value: Mapping[str, Any]) -> Any:
        result: Any = UNKNOWN
        match value:
            case {"Ref": str(name)} if len(value) == 1:
                result = self.parameters.get(name) or self.physical_ids.get(name) or UNKNOWN
            case {"Fn::GetAtt": [str(name), str(attribute)]}:
                result = self._attribute(name, attribute)
            case {"Fn::ImportValue": str(name)}:
                result = self.exports.get(name, UNKNOWN)
            case {"Fn::Join": [str(separator), list(parts)]}:
                texts = [str(self(part)) for part in parts]
                result = UNKNOWN if UNKNOWN in texts else separator.join(texts)
            case {"Fn::Sub": str(text)}:
                result = re.sub(r"\$\{([^}]+)\}", lambda named: str(self({"Ref": named[1]})), text)
            case _ if not any(key.startswith("Fn::") for key in value):
                result = {key: self(item) for key, item in value.items()}
        return result

    def _attribute(self, name: str, attribute: str) -> str:
        physical_id = self.physical_ids.get(name, "")
        account = self.parameters["AWS::AccountId"]
        function = (
            physical_id if physical_id.startswith("arn:") else f"arn:aws:cloudfront::{account}:function/{physical_id}"
        )
        attributes = {
            ("AWS::Route53::HealthCheck", "HealthCheckId"): physical_id,
            ("AWS::CloudFront::OriginAccessControl", "Id"): physical_id,
            ("AWS::S3::Bucket", "Arn"): f"arn:aws:s3:::{physical_id}",
            ("AWS::S3::Bucket", "RegionalDomainName"): f"{physical_id}.s3.us-east-1.amazonaws.com",
            ("AWS::CloudFront::Function", "FunctionARN"): function,
        }
        return attributes.get((self.types.get(name, ""), attribute), UNKNOWN) if physical_id else UNKNOWN
