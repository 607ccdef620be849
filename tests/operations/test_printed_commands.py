"""Whatever a name holds, it is one word of the command that is printed with it."""

import json
import shlex
from pathlib import Path, PurePath
from types import SimpleNamespace
from typing import cast

import pytest
from hypothesis import example, given, strategies as st

from understudy_failover import cli
from understudy_failover.operations.certificate import private_key
from understudy_failover.rehearsal.bed import RehearsalBed
from understudy_failover.rehearsal.play import write_environment
from understudy_failover.settings import certificate_pem
from understudy_failover.settings.certificate_pem import CERTIFICATE_BEGIN, ESCAPED, Form, conversion, json_form

FORMS = {
    f"{module.__name__}.{name}": form
    for module in (certificate_pem, private_key)
    for name, form in vars(module).items()
    if isinstance(form, Form) and form is not ESCAPED
}
SPECIAL = ("{target}", "{source}", "{fields}", "{}", "'", '"', " ", "$(x)", "`x`", ";", "\\", "-", "..", "\n")
PARTS = st.sampled_from(SPECIAL)
NAMES = st.lists(PARTS | st.text(st.characters(exclude_characters="\0", codec="utf-8")), min_size=1).map("".join)
ODD = "a b;$(x) '{target}' `y`"


def _words(name: str) -> tuple[str, str]:
    """The names of the file and of what is written, where neither can be taken for an option."""
    source = f"./{name}" if name.startswith("-") else name
    target = f"{PurePath(source).stem}-converted.pem"
    return source, f"./{target}" if target.startswith("-") else target


def _command(name: str, form: Form) -> str:
    begin = f"convert it and use {shlex.quote(_words(name)[1])}: "
    advice = conversion(name, form)
    assert advice.startswith(begin)
    return advice.removeprefix(begin)


@pytest.mark.parametrize("form", FORMS)
@given(name=NAMES)
@example(name="{target}")
@example(name="x{target}; y #")
@example(name="-x")
def test_a_file_s_name_is_one_word_of_the_command_that_converts_it(form: str, name: str) -> None:
    places = dict(zip(("{source}", "{target}"), _words(name), strict=True))
    expected = [places.get(word, word) for word in shlex.split(FORMS[form].command)]
    assert shlex.split(_command(name, FORMS[form])) == expected


@given(name=NAMES)
@example(name="{target}")
def test_it_is_one_word_of_a_command_in_a_command(name: str) -> None:
    source, target = map(shlex.quote, _words(name))
    assert _command(name, ESCAPED) == f"""printf '%b\\n' "$(tr -d '"' < {source})" > {target}"""


@given(name=NAMES, field=NAMES)
@example(name="cert.json", field="{source}")
@example(name="{fields}", field="{target}")
def test_a_field_s_name_in_a_document_is_of_one_word_too(name: str, field: str) -> None:
    form = json_form(json.dumps({"x": {f"{field}-": "-----BEGIN CERTIFICATE-----"}}), CERTIFICATE_BEGIN)
    assert form
    source, target = _words(name)
    expected = ["jq", "-r", f".x[{json.dumps(f'{field}-')}]", source, ">", target]
    assert shlex.split(_command(name, form)) == expected


def test_a_zone_is_one_word_of_the_command_that_asks_aws(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["confirm", "--zone", ODD, "--ledger", str(tmp_path / "none.json")]) == 0
    command = capsys.readouterr().err.partition("to ask AWS: ")[2]
    assert shlex.split(command) == ["understudy", "confirm", "--zone", ODD, "--apply"]


def test_a_folder_is_one_word_of_what_another_terminal_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / ODD
    folder.mkdir()
    monkeypatch.chdir(folder)
    options = ("--name-server", "127.0.0.1:5300", "--ca", str(folder / "ca.pem"))
    aws = SimpleNamespace(endpoint_url="http://127.0.0.1", credentials=SimpleNamespace(access_key="x", secret_key="y"))
    bed = SimpleNamespace(settings_path=folder / "failover.toml", options=lambda: options, aws=aws)
    lines = [shlex.split(line) for line in write_environment(cast(RehearsalBed, bed)).read_text("utf-8").splitlines()]
    assert len(lines[0]) == 2
    assert lines[0][1].endswith(f":$PATH:{folder}/node_modules/.bin")
    assert ["export", f"UNDERSTUDY_SETTINGS={folder}/failover.toml"] in lines
    assert ["export", f"WORLD={' '.join(options)}"] in lines
