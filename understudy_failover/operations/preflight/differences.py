"""What `make diff` says of this deploy: where that would fail, preflight says so in the same words."""

from collections.abc import Iterator

from understudy_failover.operations.left_stacks import left_stacks
from understudy_failover.operations.preflight.finding import Area, Finding
from understudy_failover.operations.preflight.subject import Subject
from understudy_failover.operations.review import changes
from understudy_failover.operations.review.templates import identities, joined

AREA = Area("change")


def differences(subject: Subject) -> Iterator[Finding]:
    """One finding for each change that would fail; needs cloudformation:GetTemplate and ListStacks.

    Raises:
        AssemblyError: there is no assembly.
    """
    wanted = identities(subject.assembly)
    left = left_stacks(subject.client("cloudformation"), wanted)
    templates = joined({name: one.template for name, one in left.items()})
    failing = [change for change in changes(subject.deployed, subject.planned, templates) if change.fix]
    for change in failing:
        yield AREA.failed(subject.settings.app, change.text.removesuffix(change.fix).rstrip("; "), change.fix)
    if not failing:
        yield AREA.passed(subject.settings.app, "nothing that `make diff` shows would make the deploy fail")
