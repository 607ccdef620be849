"""This tree's templates against those of every release: no upgrade takes away what must live on, unless declared.

tests/rehearsal/test_upgrade.py deploys the same; this one takes seconds.
"""

import copy
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.stacks.templates import synthesise
from tests.upgrade import kept as kept_module
from tests.upgrade.kept import (
    HERE,
    LIVES_ON,
    Kept,
    Loss,
    declared,
    kept_releases,
    losses_of_deployed,
    losses_of_templates,
    undeclared,
)
from tools.release import OPTIONS_CERTIFICATES
from tools.stored_authority import StoredAuthority
from understudy_failover.operations.review.templates import synthesized_resources
from understudy_failover.settings import load
from understudy_failover.settings.keys import described_keys, table_model
from understudy_failover.settings.model import Settings

Templates = dict[str, Any]
KEPT = kept_releases()
NOT_IN_OPTIONS = {"private_key_version"}
"""The version of a key in a secret, which no release has."""
OF_NOTHING_THAT_LASTS = {
    "AWS::CloudWatch::Alarm",
    "AWS::CloudFront::ResponseHeadersPolicy",
    "AWS::CloudWatch::CompositeAlarm",
    "AWS::Events::Rule",
    "AWS::IAM::Policy",
    "AWS::IAM::Role",
    "AWS::Lambda::Function",
    "AWS::Lambda::LayerVersion",
    "AWS::Lambda::Permission",
    "AWS::S3::BucketPolicy",
    "AWS::SNS::TopicPolicy",
    "Custom::EdgeTest",
    "Custom::HealthGate",
}
"""Made anew, each is as good as before."""


@pytest.fixture(scope="module", params=KEPT, ids=str)
def kept(request: pytest.FixtureRequest) -> Kept:
    """Each kept settings file of each release."""
    release: Kept = request.param
    return release


@pytest.fixture(scope="module")
def old(kept: Kept, tmp_path_factory: pytest.TempPathFactory) -> Templates:
    """Resources as released."""
    return dict(synthesized_resources(kept.assembly(tmp_path_factory.mktemp("released"))))


@pytest.fixture(scope="module")
def new(kept: Kept, tmp_path_factory: pytest.TempPathFactory, processes: None) -> Templates:
    """Resources as this tree declares them for the same settings."""
    folder = tmp_path_factory.mktemp("upgraded")
    synthesise(kept.settings(folder), folder / "cdk.out")
    return dict(synthesized_resources(folder / "cdk.out"))


def test_an_upgrade_takes_away_nothing_that_must_live_on(kept: Kept, old: Templates, new: Templates) -> None:
    assert undeclared(list(losses_of_templates(old, new)), kept, declared()) == []


def test_every_type_of_resource_either_lives_on_or_need_not(old: Templates, new: Templates) -> None:
    types = {resource["Type"] for resource in (*old.values(), *new.values())}
    unknown = types - LIVES_ON.keys() - OF_NOTHING_THAT_LASTS
    assert unknown == set(), "decide in tests/upgrade whether an upgrade may take these away"


def _first(resources: Templates, kind: str) -> str:
    """The first of a type; of health checks the first that asks somebody."""
    names = (name for name, resource in sorted(resources.items()) if resource["Type"] == kind)
    return next(name for name in names if "CALCULATED" not in str(resources[name]))


def _rename(resources: Templates, name: str) -> None:
    resources[f"{name}More"] = resources.pop(name)


def _another_interval(resources: Templates, name: str) -> None:
    resources[name]["Properties"]["HealthCheckConfig"]["RequestInterval"] = 30


def _another_name(resources: Templates, name: str) -> None:
    resources[name]["Properties"]["BucketName"] = "another"


@pytest.mark.parametrize(
    ("kind", "change", "said"),
    [
        ("AWS::Route53::RecordSet", _rename, "is removed by an upgrade from"),
        ("AWS::CloudFront::Distribution", _rename, "is removed by an upgrade from"),
        ("AWS::Logs::LogGroup", _rename, "is removed by an upgrade from"),
        ("AWS::Route53::HealthCheck", _another_interval, "HealthCheckConfig.RequestInterval 10 → 30"),
        ("AWS::S3::Bucket", _another_name, "is replaced by an upgrade from"),
    ],
)
def test_a_loss_is_named_with_what_to_do(
    kept: Kept, old: Templates, kind: str, change: Callable[[Templates, str], None], said: str
) -> None:
    changed, name = copy.deepcopy(old), _first(old, kind)
    change(changed, name)
    (message,) = undeclared(list(losses_of_templates(old, changed)), kept, [])
    assert message.startswith(f"{name} is ")
    assert said in message
    assert "declare it with a reason in tests/upgrade/declared.toml" in message


def test_a_resource_that_is_another_one_after_the_deploy_is_named(kept: Kept, old: Templates) -> None:
    before = {name: (resource["Type"], f"physical id of {name}") for name, resource in old.items()}
    assert list(losses_of_deployed(before, before)) == []
    gone, other = _first(old, "AWS::Route53::RecordSet"), _first(old, "AWS::Route53::HealthCheck")
    after = {name: entry for name, entry in before.items() if name != gone}
    after[other] = (after[other][0], "another")
    messages = undeclared(list(losses_of_deployed(before, after)), kept, [])
    assert [message.split(" by an upgrade")[0] for message in sorted(messages)] == sorted(
        [f"{gone} is removed", f"{other} is replaced"]
    )
    assert any(f"physical id of {other} became another" in message for message in messages)


def test_without_a_release_or_with_one_that_was_not_kept_nothing_passes_in_silence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    changelog = tmp_path / "CHANGELOG.md"
    monkeypatch.setattr(kept_module, "CHANGELOG", changelog)
    for text, said in (
        ("## Unreleased\n", "no release yet; make one with `make release"),
        ("## 99.0.0 - 2026-11-25\n", "release 99.0.0 of CHANGELOG.md is not kept in tests/upgrade"),
    ):
        changelog.write_text(text, encoding="utf-8")
        with pytest.raises(AssertionError, match=re.escape(said)):
            kept_releases()


def test_a_declared_loss_is_none_and_a_declaration_of_nothing_is_one(kept: Kept) -> None:
    loss = Loss("stack/Name", "removed", "gone")
    declaration = {"from": kept.release, "settings": kept.part, "resource": "stack/Name", "what": "removed"}
    assert undeclared([loss], kept, [declaration]) == []
    assert undeclared([], kept, [declaration]) == [
        "stack/Name is declared as removed, and is not: take it from declared.toml"
    ]
    assert len(undeclared([loss], kept, [{**declaration, "from": "9.9.9"}])) == 1


def test_every_declaration_says_why_and_names_a_kept_release() -> None:
    for declaration in declared():
        assert declaration.keys() == {"from", "settings", "resource", "what", "reason"}, declaration
        assert declaration["reason"], declaration
        assert Kept(declaration["from"], declaration["settings"]) in KEPT, declaration


def test_what_is_kept_is_small_and_holds_no_key(kept: Kept, tmp_path: Path) -> None:
    files = [file for file in kept.folder.rglob("*") if file.is_file()]
    assert sum(file.stat().st_size for file in files) < 100_000
    for file in (*files, *kept.assembly(tmp_path).rglob("*")):
        assert not file.is_file() or b"PRIVATE KEY-----\n" not in file.read_bytes(), file


def test_the_kept_certificates_are_those_that_have_a_key(kept: Kept, tmp_path: Path) -> None:
    settings = load(kept.settings(tmp_path))
    for declaration in (settings.certificate, *settings.certificates):
        public = declaration.public
        issued = StoredAuthority().issue(public.names)
        folder = kept.folder / "certificates" / declaration.folder_name
        assert (folder / "certificate.pem").read_text(encoding="ascii") == issued.body_pem
        assert (folder / "chain.pem").read_text(encoding="ascii") == issued.chain_pem


def test_a_release_is_kept_with_every_key_that_settings_have(tmp_path: Path) -> None:
    text = (HERE / "options.toml").read_text(encoding="utf-8")
    keys = {key.name for key in described_keys(Settings) if table_model(key.field.annotation) is None}
    missing = {name for name in keys if not re.search(rf"\b{name} = ", text)} - NOT_IN_OPTIONS
    assert missing == set(), "add them to tests/upgrade/options.toml, so that the next release is kept with them"
    for folder, names in OPTIONS_CERTIFICATES.items():
        StoredAuthority().issue(names).write_public_files(tmp_path / "certificates" / folder)
    (tmp_path / "failover.toml").write_text(text, encoding="utf-8")
    assert load(tmp_path / "failover.toml").app == "understudy-options"


def test_an_unpacked_assembly_has_every_asset_that_its_manifests_name(kept: Kept, tmp_path: Path) -> None:
    manifests = list(kept.assembly(tmp_path).rglob("*.assets.json"))
    assert manifests
    for manifest in manifests:
        for asset in json.loads(manifest.read_text(encoding="utf-8"))["files"].values():
            assert (manifest.parent / asset["source"]["path"]).exists(), asset
