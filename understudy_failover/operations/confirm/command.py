"""`confirm`: plan with a budget, and with --apply ask AWS."""

import argparse
import secrets
import shlex
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from understudy_failover.operations import aws
from understudy_failover.operations.certificate.source import Source, read
from understudy_failover.operations.confirm.context import Answer, Context, Internet, Question
from understudy_failover.operations.confirm.ledger import Ledger, LedgerError, alone_with
from understudy_failover.operations.confirm.play import QUESTIONS, Played, play
from understudy_failover.operations.confirm.removal import remove_all
from understudy_failover.operations.interruption import InterruptibleClock, Interruption, SystemClock
from understudy_failover.operations.reach import add_arguments, from_arguments
from understudy_failover.operations.terminal import Terminal

SHARED_DOLLARS = 0.50
"""A hosted zone, free if it is deleted within 12 hours; the requests cost less than a cent.

https://aws.amazon.com/route53/pricing/
"""
SHARED_MINUTES = 25
"""CloudFront's distribution: created, disabled, deleted."""
SYMBOLS = {"yes": "✔", "no": "✘", "measured": "●", "open": "?"}
LEDGER = Path("confirm-ledger.json")
DESCRIPTION = """\
Asks AWS the questions of `understudy docs unconfirmed` in your account. Without --apply it prints plan and budget.

With --apply it creates resources whose names begin with `understudy-confirm-`, and removes them at the end, also after
Ctrl-C. A ledger lists each resource before it is created: after a kill, the next run removes what is left. Records of
your zone do not change. Use an account without production, and credentials of its administrator.

exit codes: 0 planned, or every question answered and everything removed; 1 a question is open, or something is left;
130 interrupted, and everything removed
"""
EXAMPLES = """\
examples:
  understudy confirm --zone example.com
  understudy confirm --zone example.com --apply --json > report.json
  understudy confirm --zone example.com --only error-caching --apply
"""


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "confirm",
        help="ask AWS what its documentation does not say",
        description=DESCRIPTION,
        epilog=EXAMPLES,
    )
    parser.add_argument("--zone", required=True, metavar="ZONE", help="a zone of yours; resources get names below it")
    parser.add_argument("--apply", action="store_true", help="ask AWS; without it, print the plan")
    parser.add_argument(
        "--only", action="append", default=[], choices=sorted(QUESTIONS), metavar="QUESTION", help="repeatable"
    )
    parser.add_argument(
        "--certificate",
        nargs=3,
        action="append",
        default=[],
        type=Path,
        metavar=("CERTIFICATE", "CHAIN", "KEY"),
        help="a publicly trusted certificate in PEM for the questions that need one; may be repeated",
    )
    parser.add_argument(
        "--ledger", type=Path, default=LEDGER, metavar="FILE", help=f"lists what exists (default: {LEDGER})"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document, which names no account")
    parser.add_settings_option()
    add_arguments(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Return 0: planned, or every question answered and everything removed; 1: not so; 130: interrupted."""
    terminal = Terminal(as_json=arguments.json)
    questions = [question for id_, question in QUESTIONS.items() if not arguments.only or id_ in arguments.only]
    certificates = _certificates(arguments.certificate, terminal)
    if certificates is None:
        return 1
    try:
        if not arguments.apply:
            return _plan(arguments, questions, Ledger(arguments.ledger), terminal)
        with alone_with(arguments.ledger):
            return _answered(arguments, questions, certificates, Ledger(arguments.ledger), terminal)
    except LedgerError as error:
        terminal.fail(str(error))
        return 1


def _answered(
    arguments: argparse.Namespace,
    questions: Sequence[Question],
    certificates: Sequence[Source],
    ledger: Ledger,
    terminal: Terminal,
) -> int:
    reach = from_arguments(arguments)
    aws.require_credentials()
    with Interruption() as interruption:
        if ledger.entries:
            terminal.say(f"removing what an earlier run left: {_listed(ledger)}")
            if left := remove_all(ledger, aws.client, time.sleep, terminal.say):
                return _not_removed(left, ledger, terminal)
        context = Context(
            client=aws.client,
            internet=Internet(reach),
            clock=InterruptibleClock(SystemClock(), interruption),
            ledger=ledger,
            zone=arguments.zone.rstrip(".").lower(),
            token=f"understudy-confirm-{secrets.token_hex(4)}",
            certificates=certificates,
            settings=arguments.settings,
        )
        played = play(
            context,
            questions,
            pause=time.sleep,
            say=lambda text: terminal.say(text, "dim"),
            report=lambda question, answer: None if terminal.as_json else terminal.result(line(question, answer), None),
        )
    if terminal.as_json:
        terminal.result("", document(arguments.zone, played))
    if played.left:
        return _not_removed(played.left, ledger, terminal)
    terminal.say("everything that was created is removed", "green")
    is_open = any(answer.verdict == "open" for answer in played.answers.values())
    return 130 if played.interrupted else int(is_open)


def line(question: Question, answer: Answer) -> str:
    return f"{SYMBOLS[answer.verdict]} {question.id}: {question.text} {answer.verdict}: {answer.evidence}"


def document(zone: str, played: Played) -> dict[str, Any]:
    return {
        "zone": zone,
        "interrupted": played.interrupted,
        "left": list(played.left),
        "answers": [
            {"id": id_, "question": QUESTIONS[id_].text, "answer": answer.verdict, "evidence": answer.evidence}
            for id_, answer in played.answers.items()
        ],
    }


def _plan(arguments: argparse.Namespace, questions: Sequence[Question], ledger: Ledger, terminal: Terminal) -> int:
    minutes = SHARED_MINUTES + sum(question.minutes for question in questions)
    dollars = SHARED_DOLLARS + sum(question.dollars for question in questions)
    shared = f"a hosted zone below {arguments.zone}, a distribution with a bucket"
    rows = [(question.id, question.minutes, question.dollars, question.text) for question in questions]
    rows.append(("shared resources", SHARED_MINUTES, SHARED_DOLLARS, shared))
    lines = [f"{id_:<24} {limit:>4} min {cost:>6.2f} USD  {text}" for id_, limit, cost, text in rows]
    lines.append(
        f"At most {minutes / 60:.1f} hours and {dollars:.2f} USD; health checks are billed by their time. "
        f"The records of {arguments.zone} do not change."
    )
    if ledger.entries:
        lines.append(f"First it removes what an earlier run left: {_listed(ledger)}")
    plan = {
        "zone": arguments.zone,
        "minutes": minutes,
        "dollars": round(dollars, 2),
        "removes": [{"kind": entry.kind, "name": entry.name} for entry in ledger.entries],
        "questions": [
            {"id": question.id, "question": question.text, "minutes": question.minutes, "dollars": question.dollars}
            for question in questions
        ],
    }
    terminal.result("\n".join(lines), plan)
    terminal.say(f"nothing was created; to ask AWS: understudy confirm --zone {shlex.quote(arguments.zone)} --apply")
    return 0


def _listed(ledger: Ledger) -> str:
    entries = "".join(f"\n  {entry.kind} {entry.name}" for entry in ledger.entries)
    return f"{len(ledger.entries)} entries of {ledger.path}{entries}"


def _certificates(groups: Sequence[Sequence[Any]], terminal: Terminal) -> list[Source] | None:
    sources: list[Source] = []
    for files in groups:
        source = read(list(files))
        if not isinstance(source, Source):
            for problem in source:
                terminal.fail(str(problem))
            return None
        sources.append(source)
    return sources


def _not_removed(left: Sequence[str], ledger: Ledger, terminal: Terminal) -> int:
    for text in left:
        terminal.fail(f"not removed: {text}")
    terminal.fail(
        f"{ledger.path} lists it: run `understudy confirm` with the same options again; it removes that first"
    )
    return 1
