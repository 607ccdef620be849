"""`understudy gate [ASSEMBLY]`: blocks destructive changes that no label accepts.

At a pull or merge request it shows the changes in a comment; on the main branch it reads the request of the commit.
Exit code 0: continue; 2: destructive and not accepted; 1: an error.
"""

import argparse
import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from understudy_failover.contract.documentation import documentation
from understudy_failover.contract.printable import printable_lines
from understudy_failover.operations.cdk_cli import cdk_environment
from understudy_failover.operations.review import Change
from understudy_failover.operations.review.formats import markdown
from understudy_failover.pipeline import comment
from understudy_failover.pipeline.api import ForgeError
from understudy_failover.pipeline.comment import LABEL, Label, Shown
from understudy_failover.pipeline.forge import Job, job

CDK_DIFF = ("cdk", "--no-notices", "--no-color", "--ci", "diff", "**", "--method", "template")
"""On stdout (`--ci`), and by templates: a pull request should not have the right to make change sets."""
NO_ROLE = re.compile(
    r"^(current credentials could not be used to assume|Lookup role \S+ was not assumed).*\n", re.MULTILINE
)
"""The CDK's notice for each stack that the caller can read without the bootstrap's roles."""
BLOCKED = 2
DESTRUCTIVE = 2
"""Exit code of `understudy diff`."""
PUT_ON = (
    f"If what goes may go, put the label {LABEL} on the request, and run this job again "
    f"({documentation('pipelines')}).\n"
    "A label counts only for lines that the comment at the request showed before it was put on."
)
SHOW_ANEW = (
    "The comment at the merged request did not show this, so nobody has accepted it. If what goes may go, open\n"
    f"another request (an empty commit will do): its comment shows this. Put the label {LABEL} on it, and merge it."
)

NO_REQUEST = (
    "So nobody has accepted it. If what goes may go, open a request into the branch that is deployed (an empty\n"
    f"commit will do): its comment shows this. Put the label {LABEL} on it, and merge it."
)


class GateError(Exception):
    """The changes are unknown; the text is the output of the command."""


@dataclass(frozen=True)
class Review:
    summary: str
    """Markdown."""
    destructive: tuple[str, ...]
    cdk_text: str


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "gate",
        help="in a pipeline: comment the diff on the pull request; exit code 2 if it is blocked",
        description=__doc__,
        epilog="example:\n  cdk synth --quiet && understudy gate  # prints what the comment would say\n",
    )
    parser.add_argument("assembly", type=Path, nargs="?", default=Path("cdk.out"), help="default: cdk.out")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    try:
        review = read_review(arguments.assembly)
        print(printable_lines(f"{review.summary}\n{review.cdk_text}"), flush=True)
        return verdict(review, job(os.environ))
    except (GateError, ForgeError) as error:
        return _say(f"{error}", 1)


def read_review(assembly: Path) -> Review:
    """Return the changes of a deploy of the assembly. Raise GateError if `understudy diff` or `cdk diff` fails."""
    reviewer = (sys.executable, "-m", "understudy_failover", "diff", str(assembly), "--format", "json")
    changes = [Change(**change) for change in json.loads(_output(*reviewer, good=(0, DESTRUCTIVE)))]
    return Review(
        summary=markdown(changes),
        destructive=tuple(f"{change.mark} {change.text}" for change in changes if change.destructive),
        cdk_text=NO_ROLE.sub("", _output(*CDK_DIFF, "--app", str(assembly))),
    )


def verdict(review: Review, here: Job | None) -> int:
    if here is None:
        return _decide(review, review.destructive, where="outside of GitHub and GitLab")
    if here.request is None:
        return _decide(review, review.destructive, where=here.missing, advice=NO_REQUEST)
    labelled = LABEL in here.request.labels()
    before = comment.own_comment(here.request.comments())
    if not here.proposed:
        # Only the changes in the comment: the deployed state or another commit may have added others.
        covered = before[1].covers if before else _nothing
        if unread := tuple(line for line in review.destructive if not covered(line)):
            return _decide(review, unread, where=here.request.name, advice=SHOW_ANEW)
        return _decide(review, () if labelled else review.destructive, where=here.request.name)
    shown = comment.judged(before and before[1], review.destructive, labelled=labelled)
    here.request.write(_body(review, shown, here.commit), before and before[0])
    return _decide(review, () if shown.label is Label.COUNTS else review.destructive, where=here.request.name)


def _nothing(_: str) -> bool:
    return False


def _body(review: Review, shown: Shown, commit: str) -> str:
    return comment.body(
        shown, destructive=bool(review.destructive), summary=review.summary, cdk_text=review.cdk_text, commit=commit
    )


def _decide(review: Review, blocked: Sequence[str], *, where: str, advice: str = PUT_ON) -> int:
    if not review.destructive:
        return _say(f"nothing destructive ({where})", 0)
    if not blocked:
        return _say(f"destructive, and accepted by the label {LABEL} ({where})", 0)
    lines = (f"blocked, as this is destructive ({where}):", *(f"  {line}" for line in blocked), advice)
    return _say("\n".join(lines), BLOCKED)


def _say(text: str, code: int) -> int:
    """Print to the job's log, with names in AWS and the CDK's output made printable, and return `code`."""
    print(printable_lines(f"gate: {text}"), file=sys.stderr)
    return code


def _output(*command: str, good: tuple[int, ...] = (0,)) -> str:
    done = subprocess.run(command, env=cdk_environment(), capture_output=True, text=True, check=False)
    if done.returncode not in good:
        raise GateError(f"{' '.join(command[-4:])} failed:\n{done.stdout}{done.stderr}")
    return done.stdout
