"""What a resource is for, in the template, where CloudFormation has no description for its type."""

from typing import cast

from aws_cdk import CfnResource
from constructs import IConstruct

KEY = "Purpose"


def declare_purpose(construct: IConstruct, text: str) -> None:
    """Write `text` into the metadata of the resource that `construct` is, or stands for."""
    resource = construct if isinstance(construct, CfnResource) else cast(CfnResource, construct.node.default_child)
    resource.add_metadata(KEY, text)
