"""Before `cdk diff`: what a deploy would change in plain words, and whether something that serves people goes.

    python -m understudy_failover.operations.review cdk.out

Exit code 0: nothing destructive; 2: something is; 1: it could not be found out.
"""

from types import MappingProxyType

from understudy_failover.operations.review.access_logs import access_log_changes, without_access_logs
from understudy_failover.operations.review.change import Change, Mark
from understudy_failover.operations.review.checks import check_changes
from understudy_failover.operations.review.orphans import orphan_changes
from understudy_failover.operations.review.page import page_changes
from understudy_failover.operations.review.records import record_changes
from understudy_failover.operations.review.resources import resource_changes
from understudy_failover.operations.review.templates import Resources

__all__ = ["Change", "Mark", "changes"]


def changes(old: Resources, new: Resources, left: Resources = MappingProxyType({})) -> list[Change]:
    """Return every difference, destructive changes first; `left` are the resources of orphaned stacks."""
    logs = access_log_changes(old, new)
    old, new = without_access_logs(old, new), without_access_logs(new, old)
    differences = [
        *record_changes(old, new),
        *check_changes(old, new),
        *page_changes(old, new),
        *logs,
        *resource_changes(old, new),
        *orphan_changes(left, new),
    ]
    return sorted(differences, key=lambda change: not change.destructive)
