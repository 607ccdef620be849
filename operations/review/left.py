"""Stacks that a deploy leaves behind: what they hold, what of it the deploy would want, and how to remove them."""

from collections.abc import Iterator

from operations.review.change import Change, Event, Mark, grouped, listed, properties
from operations.review.replacement import CERTIFICATE, DISTRIBUTION, HEALTH_CHECK, RECORD_SET
from operations.review.templates import Resource, Resources

GOES_ON = "is in failover.toml no more, and no deploy removes it"


def left_changes(left: Resources, new: Resources) -> Iterator[Change]:
    """Of resources of stacks that are not among the new ones.

    Destructive where people are served by them, or where the deploy would fail.
    """
    stacks: dict[str, list[Resource]] = {}
    for key, one in left.items():
        stacks.setdefault(key.rpartition("/")[0], []).append(one)
    for stack, resources in sorted(stacks.items()):
        yield _stack(stack, resources)
        yield from grouped(_wanted(stack, resources, list(new.values())))


def _stack(stack: str, resources: list[Resource]) -> Change:
    remove = f"make destroy STACKS={stack}"
    if hosts := _hosts(resources):
        checks = sum(one["Type"] == HEALTH_CHECK for one in resources)
        text = f"{listed(sorted(hosts))} go on failing over by it, with {checks} health checks"
        # Then each host is answered with its server's address, and a deploy makes a pair of that again.
        return Change(
            Mark.REMOVED, f"stack {stack} {GOES_ON}: {text}; first {remove}, then make deploy", destructive=True
        )
    held = [
        *(f"distribution for {listed(sorted(_aliases([one])))}" for one in resources if one["Type"] == DISTRIBUTION),
        *(f"certificate for {listed(properties(one).get('Names', ()))}" for one in resources if one["Type"] == CERTIFICATE),
    ]
    # The other way round CloudFormation refuses it, as long as a failover stack imports the distribution's name.
    then = f"; first make deploy, then {remove}"
    return Change(Mark.REMOVED, f"stack {stack} {GOES_ON}: it keeps its {' and '.join(held) or 'resources'}{then}")


def _wanted(stack: str, resources: list[Resource], new: list[Resource]) -> Iterator[Event]:
    for name in sorted(_hosts(resources) & _hosts(new)):
        text = f" are in stack {stack} still: the deploy would fail, as they exist already"
        yield Event(Mark.CHANGED, "record sets of ", name, text, destructive=True)
    for name in sorted(_aliases(resources) & _aliases(new)):
        text = (
            f" are at the distribution of stack {stack} still: the deploy would fail, as no two may have them; "
            f"first make deploy without these hosts, make destroy STACKS={stack}, then make deploy with them"
        )
        yield Event(Mark.CHANGED, "alternate domain names ", name, text, destructive=True)


def _hosts(resources: list[Resource]) -> set[str]:
    return {str(properties(one)["Name"]).rstrip(".") for one in resources if one["Type"] == RECORD_SET}


def _aliases(resources: list[Resource]) -> set[str]:
    configs = [properties(one).get("DistributionConfig", {}) for one in resources if one["Type"] == DISTRIBUTION]
    return {str(alias) for config in configs for alias in config.get("Aliases", ())}

