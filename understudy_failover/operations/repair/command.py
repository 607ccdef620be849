"""`repair`: plan, and with --apply carry out."""

import argparse
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from understudy_failover.operations import aws
from understudy_failover.operations.reach import Reach
from understudy_failover.operations.record_import.carry_out import CarryOutError
from understudy_failover.operations.repair.declared import NotReadyError
from understudy_failover.operations.repair.plan import Action, Lost, Plan
from understudy_failover.operations.terminal import Terminal
from understudy_failover.operations.verify.deployment import Deployment, NotThereError
from understudy_failover.settings import load

COULD_NOT_DETERMINE = 3
DESCRIPTION = """\
Compares record sets, health checks, distributions, edge functions, buckets, page objects and subscriptions with what
was deployed, and puts back what differs, in place. A name's record sets are changed in one batch, so no name is
without an answer. It deletes what left a stack and CloudFormation could not delete. It does not look at
failover.toml's values: what was edited there takes `cdk deploy --all`.

exit codes: 0 done, or nothing to do; 1 something cannot be repaired in place, or was refused; 3 not all was compared
"""
EXAMPLES = """\
examples:
  understudy repair                 # what would be changed
  understudy repair --apply && understudy verify
"""


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "repair",
        help="put back what was changed by hand since the last deploy",
        description=DESCRIPTION,
        epilog=EXAMPLES,
    )
    parser.add_argument("--apply", action="store_true", help="do it; without, the plan is shown")
    parser.add_settings_option()
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """0: planned, repaired, or nothing to do; 1: something is left; 3: not everything could be compared."""
    terminal = Terminal(as_json=arguments.json)
    aws.require_credentials()
    deployment = Deployment(load(arguments.settings), Reach())
    terminal.progress("comparing resources with what was deployed …")
    missing = _missing_stacks(deployment)
    if missing == deployment.stack_names:
        terminal.fail(
            f"{deployment.settings.app}: nothing is deployed in account {deployment.account()}, so there is nothing to "
            "repair. Deploy first: `cdk deploy --all`. If it is deployed in another account: use that account's "
            "credentials. If `app` in failover.toml was changed: change it back"
        )
        return 1
    try:
        plan = deployment.repairs(assets=True)
    except NotReadyError as error:
        terminal.fail(str(error))
        return 1
    plan = replace(plan, lost=(*plan.lost, *(_missing(name) for name in missing)))
    failed = apply_all(plan.actions, terminal) if arguments.apply else []
    terminal.result(_text(plan), _document(plan, failed, applied=arguments.apply))
    for text in plan.unseen:
        terminal.warn(f"not compared: {text}")
    _close(plan, failed, terminal, applied=arguments.apply)
    if plan.lost or failed:
        return 1
    return COULD_NOT_DETERMINE if plan.unseen else 0


def _missing_stacks(deployment: Deployment) -> list[str]:
    missing = []
    for name in deployment.stack_names:
        try:
            deployment.stack(name)
        except NotThereError:
            missing.append(name)
    return missing


def _missing(stack: str) -> Lost:
    return Lost(("stack", stack), f"stack {stack}", "is not deployed", "`cdk deploy --all`")


def apply_all(actions: Sequence[Action], terminal: Terminal) -> list[str]:
    """Makes every change; what is refused is reported, and the others are made."""
    failed = []
    for action in actions:
        terminal.say(f"{action.subject}: {action.text}")
        try:
            action.apply()
        except (BotoCoreError, ClientError, CarryOutError) as error:
            terminal.fail(f"{action.subject}: {aws.in_words(error)}")
            failed.append(action.subject)
    return failed


def _text(plan: Plan) -> str:
    lines = [f"~ {action.subject}: {action.text}" for action in plan.actions]
    for lost in plan.lost:
        lines += [f"✘ {lost.subject}: {lost.text}", f"  → {lost.advice}"]
    return "\n".join(lines) or "Everything compared is as it was deployed."


def _document(plan: Plan, failed: Sequence[str], *, applied: bool) -> dict[str, Any]:
    return {
        "applied": applied,
        "actions": [
            {"subject": action.subject, "text": action.text, "done": applied and action.subject not in failed}
            for action in plan.actions
        ],
        "lost": [{"subject": loss.subject, "text": loss.text, "advice": loss.advice} for loss in plan.lost],
        "unseen": list(plan.unseen),
    }


def _close(plan: Plan, failed: Sequence[str], terminal: Terminal, *, applied: bool) -> None:
    if failed:
        terminal.fail(f"{len(failed)} of {len(plan.actions)} changes were refused; see above, then run it again")
    elif applied and plan.actions:
        terminal.say(f"{len(plan.actions)} repaired; next: understudy verify", "green")
    elif plan.actions:
        terminal.say("nothing was changed; to make these changes: understudy repair --apply")
