"""Compares everything that was deployed with what there is."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from understudy_failover.operations.aws import in_words
from understudy_failover.operations.lookups import health_checks
from understudy_failover.operations.page_objects import Planned
from understudy_failover.operations.repair.buckets import Files, bucket_repairs, deployed_files, object_repairs
from understudy_failover.operations.repair.checks import check_repairs
from understudy_failover.operations.repair.declared import Resource, declared
from understudy_failover.operations.repair.distribution import distribution_repairs
from understudy_failover.operations.repair.leftovers import leftover_repairs
from understudy_failover.operations.repair.plan import Action, Lost, Plan
from understudy_failover.operations.repair.records import record_repairs
from understudy_failover.operations.subscriptions import subscription_repairs

Client = Callable[[str], Any]


def compare(
    client: Client, stack_names: Iterable[str], *, files: Files = deployed_files, planned: Planned | None = None
) -> Plan:
    """The plan; what one service refuses costs its own part alone.

    `files` returns what a deploy puts into a bucket, `planned` the planned work that switches state. Raise
    NotReadyError, BotoCoreError, ClientError: nothing can be compared.
    """
    resources = declared(client, stack_names)
    actions: list[Action] = []
    lost: list[Lost] = []
    unseen: list[str] = []
    # Health checks first: record sets go by them.
    objects = partial(object_repairs, files=files, planned=planned)
    for part in (_route53, distribution_repairs, bucket_repairs, objects, subscription_repairs, leftover_repairs):
        try:
            for repair in part(client, resources):
                if isinstance(repair, Action):
                    actions.append(repair)
                else:
                    lost.append(repair)
        except (BotoCoreError, ClientError) as error:
            unseen.append(in_words(error))
    return Plan(tuple(actions), tuple(lost), tuple(unseen))


def _route53(client: Client, resources: Sequence[Resource]) -> Iterator[Action | Lost]:
    route53 = client("route53")
    existing = health_checks(route53)
    yield from check_repairs(route53, resources, existing)
    yield from record_repairs(route53, resources, existing)
