"""Which deployed stacks failover.toml has no more, and how `cdk destroy` gets to know them."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.stacks.templates import synthesise
from tests.upgrade.kept import Kept, kept_releases
from understudy_failover.contract.identity import METADATA, Identity, identity
from understudy_failover.operations import aws, destroyable
from understudy_failover.operations.orphaned_stacks import OrphanedStack, orphaned_stacks
from understudy_failover.operations.review.templates import deployed_templates, identities, stack_templates
from understudy_failover.settings import load

WORDS = {"app-maintenance": "Maintenance page of app on CloudFront", "app-failover": "DNS failover of app from"}
WANTED = {name: Identity("", "", words) for name, words in WORDS.items()}
"""As 0.1.0 deployed them."""
TAGGED = {name: Identity("app", name.partition("-")[2], words) for name, words in WORDS.items()}
"""As they are now."""


class CloudFormation:
    """The stacks of an account: state and template by name."""

    def __init__(self, stacks: Mapping[str, tuple[str, Any]]) -> None:
        self._stacks = stacks

    def get_paginator(self, operation: str) -> "CloudFormation":
        assert operation == "list_stacks"
        return self

    def paginate(self) -> Iterator[dict[str, Any]]:
        for name, (state, _) in self._stacks.items():
            yield {"StackSummaries": [{"StackName": name, "StackStatus": state}]}

    def get_template(self, *, StackName: str, TemplateStage: str) -> dict[str, Any]:  # noqa: N803 (boto3's names)
        assert TemplateStage == "Original"
        return {"TemplateBody": self._stacks[StackName][1]}


def _account(**stacks: str) -> CloudFormation:
    """Stacks by name, `_` for `-`, with what they say of themselves."""
    return _deployed(WORDS | {name.replace("_", "-"): words for name, words in stacks.items()})


def _deployed(stacks: Mapping[str, str]) -> CloudFormation:
    return CloudFormation({name: ("UPDATE_COMPLETE", {"Description": words}) for name, words in stacks.items()})


def test_additional_stacks_of_both_kinds_are_found_with_the_first_of_their_kind() -> None:
    account = _account(
        app_failover_old="DNS failover of app from", app_maintenance_old="Maintenance page of app_old on CloudFront"
    )
    assert {name: orphan.first for name, orphan in orphaned_stacks(account, WANTED).items()} == {
        "app-failover-old": "app-failover",
        "app-maintenance-old": "app-maintenance",
    }


def test_another_installation_whose_name_begins_alike_is_none_of_this_one() -> None:
    account = _account(
        # Of the apps `app-failover` and `app-maintenance`, and of somebody altogether else.
        app_failover_maintenance="Maintenance page of app-failover on CloudFront",
        app_failover_failover="DNS failover of app-failover from",
        app_maintenance_failover="DNS failover of app-maintenance from",
        app_failover_dns="My zone",
        appendix_failover="DNS failover of app from",
    )
    assert orphaned_stacks(account, WANTED) == {}


def test_stacks_are_found_by_their_metadata_whatever_their_descriptions_say() -> None:
    def deployed(app: str, kind: str) -> tuple[str, Any]:
        return "CREATE_COMPLETE", {"Description": "Anything", "Metadata": {METADATA: {"App": app, "Kind": kind}}}

    account = CloudFormation(
        {
            "app-failover-old": deployed("app", "failover"),
            "app-failover-failover": deployed("app-failover", "failover"),
            "app-failover-maintenance": deployed("app-failover", "maintenance"),
        }
    )
    assert list(orphaned_stacks(account, TAGGED)) == ["app-failover-old"]


def test_a_stack_of_0_1_0_is_found_from_stacks_that_carry_metadata() -> None:
    assert list(orphaned_stacks(_account(app_failover_old="DNS failover of app from"), TAGGED)) == ["app-failover-old"]


def test_another_stack_of_an_embedding_app_is_never_the_first_of_a_kind() -> None:
    wanted = WANTED | dict.fromkeys(("web", "web-failover"), Identity("", "", "The web"))
    stacks = {name: ("CREATE_COMPLETE", {"Description": "The web"}) for name in ("web-eu", "web-failover-eu")}
    assert orphaned_stacks(CloudFormation(stacks), wanted) == {}


def test_what_holds_nothing_or_is_no_json_is_left_alone() -> None:
    words = {"Description": WORDS["app-failover"]}
    stacks = {
        "app-failover-gone": ("DELETE_COMPLETE", words),
        "app-failover-planned": ("REVIEW_IN_PROGRESS", words),
        "app-failover-yaml": ("CREATE_COMPLETE", "Description: DNS failover of app from\n"),
        "app-failover-stuck": ("DELETE_FAILED", words),
    }
    assert list(orphaned_stacks(CloudFormation(stacks), WANTED)) == ["app-failover-stuck"]


def test_one_whose_first_deploy_was_rolled_back_is_left_and_holds_nothing() -> None:
    template = {"Description": WORDS["app-failover"], "Resources": {"Record": {"Type": "AWS::Route53::RecordSet"}}}
    left = orphaned_stacks(CloudFormation({"app-failover-new": ("ROLLBACK_COMPLETE", template)}), WANTED)
    assert left == {"app-failover-new": OrphanedStack("app-failover", {})}


def test_one_that_goes_between_two_questions_is_not_left() -> None:
    class Going(CloudFormation):
        def get_template(self, *, StackName: str, TemplateStage: str) -> dict[str, Any]:  # noqa: N803
            raise ClientError({"Error": {"Code": "ValidationError"}}, f"GetTemplate {StackName} {TemplateStage}")

    assert orphaned_stacks(Going({"app-failover-old": ("DELETE_IN_PROGRESS", {})}), WANTED) == {}


def test_of_a_stack_that_was_only_planned_there_is_no_template() -> None:
    class Planned(CloudFormation):
        """https://github.com/cdklabs/awscdk-v1-stack-finder/issues/273."""

        def get_template(self, *, StackName: str, TemplateStage: str) -> dict[str, Any]:  # noqa: N803
            assert StackName
            assert TemplateStage
            return {"StagesAvailable": []}

    assert deployed_templates(Planned({}), ["app-failover"]) == {}


@pytest.mark.usefixtures("processes")
@pytest.mark.parametrize("kept", kept_releases(), ids=str)
def test_stacks_of_every_release_are_known_by_the_words_of_this_one(kept: Kept, tmp_path: Path) -> None:
    released = identities(kept.assembly(tmp_path / "released"))
    settings = kept.settings(tmp_path / "settings")
    synthesise(settings, tmp_path / "new")
    app = load(settings).app
    firsts = {name: own for name, own in identities(tmp_path / "new").items() if name.count("-") == app.count("-") + 1}
    assert len(firsts) == 2
    account = _deployed({name: own.description for name, own in released.items()})
    assert orphaned_stacks(account, firsts).keys() == released.keys() - firsts.keys()


@pytest.fixture
def assembly(tmp_path: Path) -> Path:
    """As the sample's: both stacks in the assembly of a test bed, without what was there of another certificate."""
    inner = tmp_path / "assembly-Stage"
    inner.mkdir()
    nested = {"type": "cdk:cloud-assembly", "properties": {"directoryName": inner.name}}
    (tmp_path / "manifest.json").write_text(json.dumps({"artifacts": {"Stage": nested}}))
    artifacts: dict[str, Any] = {}
    for id_, name in (("Page", "app-maintenance"), ("Records", "app-failover")):
        properties = {
            "stackName": name,
            "templateFile": f"{id_}.json",
            "assumeRoleArn": "deploy-role",
            "additionalDependencies": [f"{id_}.assets"],
        }
        artifacts[id_] = {
            "type": "aws:cloudformation:stack",
            "environment": "aws://unknown-account/us-east-1",
            "properties": properties,
            "dependencies": [f"{id_}.assets"],
        }
        artifacts[f"{id_}.assets"] = {"type": "cdk:asset-manifest", "properties": {"file": f"{id_}.assets.json"}}
        (inner / f"{id_}.json").write_text(json.dumps({"Description": WORDS[name]}))
    (inner / "manifest.json").write_text(json.dumps({"artifacts": artifacts}))
    return tmp_path


def test_an_orphaned_stack_goes_before_what_it_imports_from_and_behind_what_imports_from_it(assembly: Path) -> None:
    imports = {"Resources": {"One": {"Properties": {"List": [{"Fn::ImportValue": "app-maintenance-old:Export"}]}}}}
    page: dict[str, Any] = {"Resources": {}}
    records = {"Resources": {"Two": {"Fn::ImportValue": "app-failover:Topic"}}}
    destroyable.add(
        assembly,
        {
            "app-maintenance-old": OrphanedStack("app-maintenance", page),
            "app-failover-old": OrphanedStack("app-failover", records),
        },
        {"app-failover": imports, "app-maintenance": {}},
    )
    artifacts = json.loads((assembly / "assembly-Stage" / "manifest.json").read_text())["artifacts"]
    assert artifacts["Records"]["dependencies"] == ["Records.assets", "app-maintenance-old"]
    assert artifacts["app-failover-old"]["dependencies"] == ["Records"]
    assert artifacts["app-maintenance-old"]["dependencies"] == []
    assert artifacts["app-failover-old"]["properties"]["assumeRoleArn"] == "deploy-role"
    assert "additionalDependencies" not in artifacts["app-failover-old"]["properties"]
    written = stack_templates(assembly)
    assert json.loads(written["app-failover-old"].read_text()) == records


def test_without_orphaned_stacks_the_assembly_stays_as_it_was(assembly: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = (assembly / "assembly-Stage" / "manifest.json").read_bytes()
    monkeypatch.setattr(aws, "client", lambda _: _account())
    monkeypatch.setattr("sys.argv", ["destroyable", str(assembly), "**"])
    assert destroyable.main() == 0
    assert (assembly / "assembly-Stage" / "manifest.json").read_bytes() == before


def test_who_may_not_list_stacks_destroys_nothing_and_is_informed_what_it_needs(
    assembly: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Refusing(CloudFormation):
        def paginate(self) -> Iterator[dict[str, Any]]:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "ListStacks")

    monkeypatch.setattr(aws, "client", lambda _: Refusing({}))
    monkeypatch.setattr("sys.argv", ["destroyable", str(assembly), "**"])
    assert destroyable.main() == 1
    said = capsys.readouterr().err
    assert "calling the ListStacks operation" in said
    assert "understudy docs permissions" in said


def test_where_it_cannot_be_determined_what_is_left_nothing_is_destroyed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(aws, "client", lambda _: _account())
    monkeypatch.setattr("sys.argv", ["destroyable", str(tmp_path), "**"])
    assert destroyable.main() == 1
    assert "destroy: " in capsys.readouterr().err


@pytest.mark.parametrize(
    ("stacks", "message"),
    [
        # What failover.toml has goes on serving: the CDK would take it along.
        (
            "app-maintenance-old",
            "app-maintenance-old is used by app-failover, app-failover-old; `understudy diff` shows the order",
        ),
        ("app-failover-old", ""),
        ("**", ""),
        ("Understudy/Failover", ""),
    ],
)
def test_an_orphaned_stack_that_others_use_is_not_destroyed_alone(
    stacks: str, message: str, assembly: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def template(words: str) -> tuple[str, dict[str, Any]]:
        imports = {"Properties": {"Name": {"Fn::ImportValue": "app-maintenance-old:Export"}}}
        return "UPDATE_COMPLETE", {"Description": words, "Resources": {"One": imports}}

    old = {"Description": "Maintenance page of app_old on CloudFront"}
    account = CloudFormation(
        {
            "app-maintenance": ("UPDATE_COMPLETE", {"Description": WANTED["app-maintenance"]}),
            "app-failover": template(WORDS["app-failover"]),
            "app-failover-old": template("DNS failover of app_old from"),
            "app-maintenance-old": ("UPDATE_COMPLETE", old),
        }
    )
    monkeypatch.setattr(aws, "client", lambda _: account)
    monkeypatch.setattr("sys.argv", ["destroyable", str(assembly), stacks])
    assert destroyable.main() == bool(message)
    assert capsys.readouterr().err == (message and f"destroy: {message}\n")


@pytest.mark.parametrize("metadata", ["text", 5, [], {"Understudy": "text"}, {"Understudy": ["App"]}])
def test_whatever_another_app_writes_into_its_metadata_it_is_no_stack_of_ours(metadata: object) -> None:
    assert identity({"Metadata": metadata}) == Identity("", "", "")
