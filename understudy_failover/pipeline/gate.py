"""`understudy gate [ASSEMBLY]`: nothing destructive is merged, or deployed, that nobody accepted by a label.

At a pull or merge request it shows the changes in one comment; on the main branch it looks at the request that the
commit came with. Exit code 0: go on; 2: destructive, and not accepted; 1: it could not be found out.
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
from understudy_failover.operations.help import Help
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
"""What the CDK says for every stack where the caller may read it without the bootstrap's roles, as is meant."""
BLOCKED = 2
DESTRUCTIVE = 2
"""Of `understudy diff`."""
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
    """What would change could not be found out; the text is what was said."""


@dataclass(frozen=True)
class Review:
    """What a deploy would change."""

    summary: str
    """Markdown."""
    destructive: tuple[str, ...]
    cdk_text: str


def add_parser(commands: Any) -> None:
    """Register the command."""
    parser = commands.add_parser(
        "gate",
        help="in a pipeline: comment the diff on the pull request; exit code 2 if it is blocked",
        description=__doc__,
        epilog="example:\n  cdk synth --quiet && understudy gate  # prints what the comment would say\n",
        formatter_class=Help,
    )
    parser.add_argument("assembly", type=Path, nargs="?", default=Path("cdk.out"), help="default: cdk.out")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    try:
        review = looked(arguments.assembly)
        print(printable_lines(f"{review.summary}\n{review.cdk_text}"), flush=True)
        return verdict(review, job(os.environ))
    except (GateError, ForgeError) as error:
        return _say(f"{error}", 1)


def looked(assembly: Path) -> Review:
    """Asks AWS what a deploy of the assembly would change.

    Raises:
        GateError: it does not tell.
    """
    reviewer = (sys.executable, "-m", "understudy_failover", "diff", str(assembly), "--format", "json")
    changes = [Change(**one) for one in json.loads(_output(*reviewer, good=(0, DESTRUCTIVE)))]
    return Review(
        summary=markdown(changes),
        destructive=tuple(f"{one.mark} {one.text}" for one in changes if one.destructive),
        cdk_text=NO_ROLE.sub("", _output(*CDK_DIFF, "--app", str(assembly))),
    )


def verdict(review: Review, here: Job | None) -> int:
    """Comments, if there is where, and answers the exit code."""
    if here is None:
        return _decided(review, review.destructive, where="outside of GitHub and GitLab")
    if here.request is None:
        return _decided(review, review.destructive, where=here.missing, advice=NO_REQUEST)
    labelled = LABEL in here.request.labels()
    before = comment.found(here.request.comments())
    if not here.proposed:
        # What was read at the request, and no more: the deployed state, or another commit, can have brought others.
        covered = before[1].covers if before else _nothing
        if unread := tuple(line for line in review.destructive if not covered(line)):
            return _decided(review, unread, where=here.request.name, advice=SHOW_ANEW)
        return _decided(review, () if labelled else review.destructive, where=here.request.name)
    shown = comment.judged(before and before[1], review.destructive, labelled=labelled)
    here.request.write(_body(review, shown, here.commit), before and before[0])
    return _decided(review, () if shown.label is Label.COUNTS else review.destructive, where=here.request.name)


def _nothing(_: str) -> bool:
    return False


def _body(review: Review, shown: Shown, commit: str) -> str:
    return comment.body(
        shown,
        destructive=bool(review.destructive),
        summary=review.summary,
        cdk_text=review.cdk_text,
        commit=commit,
    )


def _decided(review: Review, blocked: Sequence[str], *, where: str, advice: str = PUT_ON) -> int:
    """The exit code; `blocked` are the destructive changes that nobody has accepted."""
    if not review.destructive:
        return _say(f"nothing destructive ({where})", 0)
    if not blocked:
        return _say(f"destructive, and accepted by the label {LABEL} ({where})", 0)
    lines = (f"blocked, as this is destructive ({where}):", *(f"  {line}" for line in blocked), advice)
    return _say("\n".join(lines), BLOCKED)


def _say(text: str, code: int) -> int:
    """Print to the job's log, where names in AWS and the output of the CDK must be text, and return `code`."""
    print(printable_lines(f"gate: {text}"), file=sys.stderr)
    return code


def _output(*command: str, good: tuple[int, ...] = (0,)) -> str:
    done = subprocess.run(command, env=cdk_environment(), capture_output=True, text=True, check=False)
    if done.returncode not in good:
        raise GateError(f"{' '.join(command[-4:])} failed:\n{done.stdout}{done.stderr}")
    return done.stdout
