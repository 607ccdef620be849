"""Whether a deploy left something behind that it could not delete."""

from collections.abc import Iterator

from understudy_failover.operations.repair.leftovers import CONSOLE, can_delete, leftovers as left
from understudy_failover.operations.repair.plan import COMMAND
from understudy_failover.operations.verify.check import Seen, failed, passed
from understudy_failover.operations.verify.deployment import Deployment
from understudy_failover.operations.verify.known import NotThereError


def leftovers(deployment: Deployment) -> Iterator[Seen]:
    """Every resource that left a stack is deleted; CloudFormation reports success even if the deletion failed."""
    found = list(left(deployment.client, _deployed(deployment)))
    for leftover in found:
        text = f"{leftover.type} left its stack, and CloudFormation could not delete it: {leftover.reason}"
        yield failed(
            "left-behind", leftover.physical_id, text, f"delete it: {COMMAND}" if can_delete(leftover) else CONSOLE
        )
    if not found:
        yield passed(deployment.settings.app, "none")


def _deployed(deployment: Deployment) -> Iterator[str]:
    for name in deployment.stack_names:
        try:
            deployment.stack(name)
        except NotThereError:
            continue  # a check of its own
        yield name
