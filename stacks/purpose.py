"""The purpose of a resource, in the template: most types have no description in CloudFormation."""

from typing import cast

from aws_cdk import CfnResource
from constructs import IConstruct

KEY = "Purpose"


def declare_purpose(construct: IConstruct, text: str) -> None:
    """Write `text` into the metadata of the resource of `construct`."""
    resource = construct if isinstance(construct, CfnResource) else cast(CfnResource, construct.node.default_child)
    resource.add_metadata(KEY, text)
