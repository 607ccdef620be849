"""What a preflight looks at: the settings, what would be deployed, and the account it would be deployed to."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from cryptography import x509

from understudy_failover.operations import lookups
from understudy_failover.operations.hosted_zones import RecordSet, record_sets
from understudy_failover.operations.reach import Reach
from understudy_failover.operations.review.templates import Resources, deployed, stack_templates, synthesized_resources
from understudy_failover.settings import Settings


@dataclass(frozen=True)
class Subject:
    """Asks AWS for each thing once; `client(service)` answers a boto3 client."""

    settings: Settings
    client: Callable[[str], Any]
    assembly: Path
    """A cloud assembly, for what the templates need."""
    now: datetime
    reach: Reach = field(default_factory=Reach)
    """The way to the servers, and the resolver that is asked about delegations."""
    private_ca: bool = False
    """Whether certificates may be issued by a CA that browsers do not trust."""
    trusted_roots: Sequence[x509.Certificate] | None = None
    """CAs to trust in place of Mozilla's."""
    _records: dict[str, list[RecordSet]] = field(default_factory=dict, repr=False)

    def records(self, zone_id: str) -> list[RecordSet]:
        if zone_id not in self._records:
            self._records[zone_id] = record_sets(self.client("route53"), zone_id)
        return self._records[zone_id]

    @cached_property
    def planned(self) -> Resources:
        """Resources of the templates in the assembly. Raise AssemblyError: there is none."""
        return synthesized_resources(self.assembly)

    @cached_property
    def deployed(self) -> Resources:
        """Resources of the same stacks as they are deployed now; none before the first deploy."""
        return deployed(self.client("cloudformation"), list(stack_templates(self.assembly)))

    @cached_property
    def outputs(self) -> Mapping[str, str]:
        """Of the maintenance stack; empty before its first deploy."""
        return lookups.outputs(lookups.stack(self.client("cloudformation"), f"{self.settings.app}-maintenance"))

    @cached_property
    def distributions(self) -> list[dict[str, Any]]:
        return [*lookups.distributions(self.client("cloudfront"))]
