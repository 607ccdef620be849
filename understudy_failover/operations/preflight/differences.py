"""What `understudy diff` says of this deploy: where that would fail, preflight says so in the same words."""

from collections.abc import Iterator

from understudy_failover.operations.finding import Finding, failed, passed
from understudy_failover.operations.orphaned_stacks import orphaned_stacks
from understudy_failover.operations.preflight.subject import Subject
from understudy_failover.operations.review import Change, changes
from understudy_failover.operations.review.templates import Resources, identities, joined


def failing(old: Resources, new: Resources, left: Resources) -> list[Change]:
    """The changes with which a deploy would fail; `left` as for `review.changes`."""
    return [change for change in changes(old, new, left) if change.fix]


def differences(subject: Subject) -> Iterator[Finding]:
    """One finding for each change that would fail; needs cloudformation:GetTemplate and ListStacks.

    Raise AssemblyError: there is no assembly.
    """
    wanted = identities(subject.assembly)
    left = orphaned_stacks(subject.client("cloudformation"), wanted)
    templates = joined({name: stack.template for name, stack in left.items()})
    failing_changes = failing(subject.deployed, subject.planned, templates)
    for change in failing_changes:
        yield failed(
            "deploy-would-fail", subject.settings.app, change.text.removesuffix(change.fix).rstrip("; "), change.fix
        )
    if not failing_changes:
        yield passed(subject.settings.app, "nothing that `understudy diff` shows would make the deploy fail")
