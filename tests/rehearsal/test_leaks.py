"""docs/threat-model.md, "What a leak gives": each sentence is tried on the embedded AWS; one without a trial fails.

Permissions are those of the deployed roles, checked by the embedded AWS itself. Everything tried is harmless.
"""

import json
import re
from collections.abc import Iterator, Mapping
from functools import partial

import pytest

from tests.docs.test_threat_model import ABILITIES
from tests.iam import pipeline_roles
from tests.rehearsal.leaks import deployers, keys, pages, switches, zones
from tests.rehearsal.leaks.roles import BY_RULES, CALLS
from tests.rehearsal.leaks.world import (
    CUTOVER,
    DEPLOY_ROLE,
    MONITOR,
    PIPELINES,
    SCHEDULES,
    SITE_UPLOAD,
    UPLOAD,
    Trial,
    World,
    roles_able_to,
)
from tests.stacks.templates import ROOT
from understudy_failover.rehearsal.bed import ACCOUNT, RehearsalBed

PAGE = (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8")
SECTION = PAGE.partition("## What a leak gives\n")[2].partition("\n## ")[0]
MODULES = (deployers, keys, pages, switches, zones)
TRIALS: Mapping[str, Trial] = {sentence: trial for module in MODULES for sentence, trial in module.TRIALS.items()}
REPAIRS = "`understudy repair --apply`"
"""What ends it in two rows."""


@pytest.fixture(scope="module")
def world(bed: RehearsalBed) -> Iterator[World]:
    iam, sts = bed.aws.client("iam"), bed.aws.client("sts")
    zones = ",".join(f"arn:aws:route53:::hostedzone/{zone.id}" for zone in bed.settings.zones)
    parameters = {
        "AWS::AccountId": ACCOUNT,
        "App": bed.settings.app,
        "Qualifier": "hnb659fds",
        "PrivateKeySecret": bed.settings.certificate.private_key_secret,
        "HostedZoneArns": zones,
    }
    account = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sts:AssumeRole"}
    roles = {**pipeline_roles(parameters), DEPLOY_ROLE: []}
    deployed = {role["RoleName"] for role in iam.list_roles()["Roles"]}
    for name, statements in roles.items():
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps({"Statement": [account]}))
        if statements:
            iam.put_role_policy(RoleName=name, PolicyName="Job", PolicyDocument=json.dumps({"Statement": statements}))
    parts = {UPLOAD: "ServerCertificateUpl", SITE_UPLOAD: "SiteUpload", MONITOR: "MonitorRun", SCHEDULES: "-switch"}
    names = {
        role: next(full_name for full_name in deployed if part in full_name)
        for role, part in (parts | {CUTOVER: "Handover"}).items()
    }
    assert len(deployed) == len(names), "a role that the page does not have"
    sessions = {
        role: sts.assume_role(RoleArn=f"arn:aws:iam::{ACCOUNT}:role/{name}", RoleSessionName="leaked")["Credentials"]
        for role, name in {**names, **{role: role for role in PIPELINES}}.items()
    }
    yield World(bed, sessions)
    for name, statements in roles.items():
        if statements:
            iam.delete_role_policy(RoleName=name, PolicyName="Job")
        iam.delete_role(RoleName=name)


def claims() -> Iterator[str]:
    """Each sentence of the section: of its paragraphs, and of the cells of its table but the first of each row."""
    rows = re.findall(r"^\| (?!what leaks)(.+) \|$", SECTION, re.MULTILINE)
    for row in rows:
        for cell in row.split(" | ")[1:]:
            yield from (case for case in cell.split("; ") if case != "–")
    for paragraph in re.split(r"\n\n+", re.sub(r"(?m)^\|.*\n", "", SECTION).strip()):
        if paragraph.startswith("**No test can try** what follows."):
            continue
        text = re.sub(r"^\*\*.+?\*\* ", "", " ".join(paragraph.split()))
        yield from re.split(r"(?<=\.) (?=[A-Z\"`])", text)


def test_every_sentence_has_a_trial_and_every_trial_a_sentence() -> None:
    about_tests = {claim for claim in claims() if "(../tests/rehearsal/test_leaks.py)" in claim}
    assert set(claims()) - about_tests == TRIALS.keys() | {REPAIRS}
    assert len(about_tests) == 1


@pytest.mark.parametrize("sentence", TRIALS)
def test_what_the_page_says_is_so(world: World, sentence: str) -> None:
    TRIALS[sentence](world)


@pytest.mark.parametrize("restored", [pages.repair_restores_the_page, zones.repair_leads_back])
def test_repair_ends_it(world: World, restored: Trial) -> None:
    restored(world)


def test_every_ability_is_tried_here_or_by_the_rules_alone() -> None:
    assert CALLS.keys() | BY_RULES == ABILITIES.keys()
    assert not CALLS.keys() & BY_RULES


def test_sessions_of_each_role_can_what_the_page_says_and_nothing_else(world: World) -> None:
    said = {
        role: set(cell.split("; ")) & CALLS.keys()
        for role, cell in re.findall(r"^\| `(\w+)` \| (.+?) \| [^|]+ \|$", PAGE, re.M)
    }
    able: dict[str, set[str]] = {role: set() for role in world.sessions}
    for ability, call in CALLS.items():
        for role in roles_able_to(world, partial(call, world)):
            able[role].add(ability)
    assert able == said
