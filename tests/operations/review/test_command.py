"""`understudy diff`: exit codes, and what it says where it cannot compare."""

import json
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from understudy_failover.cli import main
from understudy_failover.operations import aws

RECORD = {"Name": "a.example.com.", "Type": "A", "Failover": "PRIMARY", "SetIdentifier": "server"}


def _assembly(folder: Path, *stacks: str) -> Path:
    folder.mkdir()
    artifacts = {}
    for name in stacks:
        properties = {"stackName": name, "templateFile": f"{name}.json"}
        artifacts[name] = {"type": "aws:cloudformation:stack", "properties": properties}
        record = {"Type": "AWS::Route53::RecordSet", "Properties": {**RECORD, "Name": f"{name}.example.com."}}
        (folder / f"{name}.json").write_text(json.dumps({"Resources": {"One": record}}), encoding="utf-8")
    (folder / "manifest.json").write_text(json.dumps({"artifacts": artifacts}), encoding="utf-8")
    return folder


def _run(*words: object) -> int:
    return main(["diff", *map(str, words)])


def test_a_stack_that_only_the_other_assembly_has_is_one_that_is_left(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    new, old = (
        _assembly(tmp_path / "new", "app-failover"),
        _assembly(tmp_path / "old", "app-failover", "app-failover-b"),
    )
    assert _run(new, "--against", old) == 2
    printed = capsys.readouterr().out
    assert "stack app-failover-b is no longer in failover.toml" in printed
    assert "host removed" not in printed, "it goes on failing over"
    assert _run(new, "--against", new) == 0


@pytest.mark.parametrize(("seconds", "is_said"), [(-1, False), (1, True)])
def test_an_assembly_that_is_older_than_the_settings_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], seconds: int, *, is_said: bool
) -> None:
    assembly, settings = _assembly(tmp_path / "cdk.out", "app-failover"), tmp_path / "failover.toml"
    settings.write_text("")
    written = (assembly / "manifest.json").stat().st_mtime
    os.utime(settings, (written + seconds, written + seconds))
    assert main(["--settings", str(settings), "diff", str(assembly), "--against", str(assembly)]) == 0
    said = capsys.readouterr().err
    assert said == (
        f"diff: {assembly} is older than {settings}; `cdk synth --quiet` writes a new one\n" if is_said else ""
    )


@pytest.mark.parametrize("code", ["AccessDenied", "Throttling"])
def test_who_may_not_list_stacks_is_informed_where_it_says_what_is_needed(
    code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(operation: str) -> Any:
        raise ClientError({"Error": {"Code": code, "Message": "no"}}, operation)

    def get_template(**_: str) -> dict[str, Any]:
        return {"TemplateBody": {}}

    client = SimpleNamespace(get_paginator=refuse, get_template=get_template)
    monkeypatch.setattr(aws, "client", lambda *_: client)
    assert _run(_assembly(tmp_path / "new", "app-failover")) == 1
    said = capsys.readouterr().err
    assert said.startswith("diff: ")
    assert ("deploy roles.yaml again" in said) == (code == "AccessDenied")
