"""The identity of a deployed stack, in template metadata and stack tags."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

METADATA = "Understudy"
"""Key of the template's `Metadata`: `{"App": "example", "Kind": "failover"}`."""
TAG_APP = "understudy:app"
TAG_KIND = "understudy:kind"
"""Tags of the stack, which CloudFormation copies to every resource that supports tags.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cfn-console-add-tags.html
"""


@dataclass(frozen=True)
class Identity:
    """The app and kind of a stack."""

    app: str
    """`app` of failover.toml; empty for a stack of 0.1.0 and for any other stack."""
    kind: str
    """`maintenance` or `failover`; empty likewise."""
    description: str
    """For people, and to identify stacks of 0.1.0."""

    @property
    def metadata(self) -> dict[str, str]:
        return {"App": self.app, "Kind": self.kind}

    @property
    def tags(self) -> dict[str, str]:
        return {TAG_APP: self.app, TAG_KIND: self.kind}


def identity(template: Mapping[str, Any]) -> Identity:
    """Return the identity that a template carries."""
    metadata = template.get("Metadata")
    own = metadata.get(METADATA) if isinstance(metadata, Mapping) else None
    if not isinstance(own, Mapping):  # another app may write anything there
        own = {}
    return Identity(str(own.get("App", "")), str(own.get("Kind", "")), str(template.get("Description", "")))
