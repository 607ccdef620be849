"""How a deployed stack tells whose it is, and which: template metadata and stack tags, never its description."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

METADATA = "Understudy"
"""Key of the template's `Metadata`: `{"App": "example", "Kind": "failover"}`."""
TAG_APP = "understudy:app"
TAG_KIND = "understudy:kind"
"""Tags of the stack. CloudFormation gives them to every resource of it that can have tags.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cfn-console-add-tags.html
"""


@dataclass(frozen=True)
class Identity:
    """Whose stack it is, and which kind of ours."""

    app: str
    """`app` of failover.toml; empty for a stack of 0.1.0 and for one that is not ours."""
    kind: str
    """`maintenance` or `failover`; empty likewise."""
    description: str
    """For a person, and what tells the stacks of 0.1.0 apart."""

    @property
    def metadata(self) -> dict[str, str]:
        """What the template carries under `METADATA`."""
        return {"App": self.app, "Kind": self.kind}

    @property
    def tags(self) -> dict[str, str]:
        """What the stack carries."""
        return {TAG_APP: self.app, TAG_KIND: self.kind}


def identity(template: Mapping[str, Any]) -> Identity:
    """Return the identity that a template carries."""
    own = template.get("Metadata", {}).get(METADATA, {})
    return Identity(str(own.get("App", "")), str(own.get("Kind", "")), str(template.get("Description", "")))
