"""Orphaned stacks: what they hold, whether the deploy would conflict with it, and how to remove them.

docs/scale.md has the same order of steps.
"""

from collections.abc import Iterator

from understudy_failover.operations.review.change import (
    CERTIFICATE,
    DISTRIBUTION,
    HEALTH_CHECK,
    RECORD_SET,
    Change,
    Mark,
    listed,
    properties,
)
from understudy_failover.operations.review.templates import Resource, Resources

FAILS = "the deploy would fail, as "


def orphan_changes(left: Resources, new: Resources) -> Iterator[Change]:
    """Yield one change for each stack of `left`; destructive where it serves visitors, or the deploy would fail."""
    stacks: dict[str, list[Resource]] = {}
    for key, resource in left.items():
        stacks.setdefault(key.partition("/")[0], []).append(resource)
    wanted = list(new.values())
    for stack, resources in sorted(stacks.items()):
        hosts = _hosts(resources)
        steps = _of_failover(stack, hosts & _hosts(wanted)) if hosts else _of_page(stack, resources, wanted)
        text = f"stack {stack} is no longer in failover.toml, and no deploy removes it: it holds {_contents(resources)}"
        fix = steps if FAILS in steps else ""
        yield Change(Mark.REMOVED, f"{text}; {steps}", destructive=bool(hosts or fix), fix=fix)


def _of_failover(stack: str, conflicting: set[str]) -> str:
    """Return the steps: its hosts keep simple records of their servers, which the next deploy makes pairs again."""
    why = f"{FAILS}the record sets of {listed(sorted(conflicting))} exist already: " if conflicting else ""
    return f"{why}first understudy destroy {stack}, then cdk deploy --all"


def _of_page(stack: str, resources: list[Resource], wanted: list[Resource]) -> str:
    """Return the steps: it can go when no failover stack imports its distribution's name any more."""
    if conflicting := sorted(_aliases(resources) & _aliases(wanted)):
        return (
            f"{FAILS}its distribution has {listed(conflicting)} still: first cdk deploy --all without these hosts, "
            f"understudy destroy {stack}, then cdk deploy --all with them"
        )
    return f"first cdk deploy --all, then understudy destroy {stack}"


def _contents(resources: list[Resource]) -> str:
    checks = sum(resource["Type"] == HEALTH_CHECK for resource in resources)
    hosts = sorted(_hosts(resources))
    parts = [
        *([f"the failover of {listed(hosts)}"] if hosts else []),
        *(
            f"a distribution for {listed(sorted(_aliases([resource])))}"
            for resource in resources
            if resource["Type"] == DISTRIBUTION
        ),
        *(
            f"a certificate for {listed(properties(resource).get('Names', ()))}"
            for resource in resources
            if resource["Type"] == CERTIFICATE
        ),
        f"{checks} health check{'' if checks == 1 else 's'}",
    ]
    return f"{', '.join(parts[:-1])} and {parts[-1]}" if len(parts) > 1 else parts[0]


def _hosts(resources: list[Resource]) -> set[str]:
    return {str(properties(resource)["Name"]).rstrip(".") for resource in resources if resource["Type"] == RECORD_SET}


def _aliases(resources: list[Resource]) -> set[str]:
    configs = [
        properties(resource).get("DistributionConfig", {}) for resource in resources if resource["Type"] == DISTRIBUTION
    ]
    return {str(alias) for config in configs for alias in config.get("Aliases", ())}
