"""The maintenance switches and windows, as S3 and EventBridge Scheduler have them."""

from collections.abc import Iterator

from understudy_failover.contract.switch import FOLDER, switch_key
from understudy_failover.operations.finding import Finding, failed, passed, unknown
from understudy_failover.operations.switch import SwitchError, Switches
from understudy_failover.operations.switch_command import stated_end, switch_name, whose
from understudy_failover.operations.timestamps import rfc3339
from understudy_failover.operations.verify.deployment import Deployment
from understudy_failover.operations.verify.health import off
from understudy_failover.operations.windows import MISSING, Windows


def switches(deployment: Deployment) -> Iterator[Finding]:
    """Every switch is off."""
    where = Switches(deployment.client("s3"), deployment.settings.app, deployment.account())
    names = deployment.settings.switches
    if not names:
        yield passed(deployment.settings.app, 'none: [maintenance] switches = "none"')
        return
    try:
        positions = where.positions(names)
    except SwitchError as error:
        yield unknown("switches-unread", where.bucket, str(error))
        return
    for name, position in positions.items():
        if position is None:
            yield passed(switch_name(name), "off")
            continue
        yield failed(
            "switch-on",
            switch_name(name),
            f"on since {rfc3339(position.since)}{stated_end(position, deployment.now())}",
            f"`understudy maintenance off {off(name)} --apply` turns it off",
        )


def contents(deployment: Deployment) -> Iterator[Finding]:
    """Their folder contains only switches, without a body: CloudFront would serve it under every host."""
    where = Switches(deployment.client("s3"), deployment.settings.app, deployment.account())
    names = deployment.settings.switches
    if not names:
        yield passed(deployment.settings.app, "none")
        return
    pages = deployment.client("s3").get_paginator("list_objects_v2").paginate(Bucket=where.bucket, Prefix=FOLDER)
    sizes = {entry["Key"]: entry["Size"] for page in pages for entry in page.get("Contents", [])}
    keys = {switch_key(name): name for name in names}
    for key in sorted(sizes.keys() - keys.keys()):
        yield failed(
            "object-not-a-switch",
            where.bucket,
            f"{key!a} is no switch; who wrote it?",
            "delete the object, and see in CloudTrail or the access logs who put it there",
        )
    for key in sorted(sizes.keys() & keys.keys()):
        if sizes[key]:
            yield failed(
                "switch-with-body",
                switch_name(keys[key]),
                f"its object has a body of {sizes[key]:,} bytes, which is served under every host name",
                f"`understudy maintenance off {off(keys[key])} --apply` removes it; see who wrote it",
            )
    if not any(size for key, size in sizes.items() if key in keys) and sizes.keys() <= keys.keys():
        yield passed(where.bucket, f"{len(sizes)} objects, all of them switches, without a body")


def windows(deployment: Deployment) -> Iterator[Finding]:
    """No past window remains (its switch may be on), and no other schedule exists.

    Each is as `maintenance schedule` writes it: whoever may write schedules can give one the name of a window.
    """
    settings = deployment.settings
    if not settings.has_switches:
        yield passed(settings.app, "none")
        return
    schedules = Windows(deployment.client("scheduler"), settings.app, deployment.account(), settings.switches)
    scheduled, strays = schedules.with_strays()
    for name in strays:
        yield failed(
            "schedule-stray",
            settings.app,
            f"the schedule {name} belongs to no window, and may turn a switch on again",
            f"`{schedules.how_to_delete(name)}` deletes it; see in CloudTrail who made it",
        )
    for window in scheduled:
        span = f"{rfc3339(window.start)} to {rfc3339(window.end)}"
        if window.end < deployment.now():
            yield failed(
                "window-overdue",
                whose(window.server),
                f"the window {span} is over, and its end has not run",
                f"`understudy maintenance cancel {off(window.server)} --apply` removes it and turns the switch off",
            )
        else:
            yield passed(whose(window.server), span)
    if not scheduled and not strays:
        yield passed(settings.app, "none")
    for window in scheduled:
        if window.end < deployment.now():  # named above, with the same cure
            continue
        cancel = f"understudy maintenance cancel {off(window.server)} --from {rfc3339(window.start)} --apply"
        for name, members in schedules.differences(window, deployment.now()).items():
            yield failed(
                "schedule-differs",
                whose(window.server),
                f"the schedule {name} is missing: the window would not begin"
                if members == MISSING
                else f"the schedule {name} is not as `maintenance schedule` writes it: another {', '.join(members)}",
                f"`{cancel}` removes the window; plan it again if it is yours, and see in CloudTrail who changed it",
            )
