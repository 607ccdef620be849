"""What CloudFormation or the CDK would put a value in the place of is refused wherever it stands."""

from pathlib import Path

import pytest

from tests.settings.samples import changed, load_from, problems_from, smallest
from tests.settings.test_any_file import PLACES
from understudy_failover.settings import SettingsError, build

REFERENCES = (
    "{{resolve:ssm:/name}}",
    "{{resolve:secretsmanager:name:SecretString:key}}",
    "before {{resolve:ssm-secure:/name:1}} behind",
    "{{ Resolve : ssm:/name }}",
    "${Token[TOKEN.123]}",
    "#{Token[TOKEN.123]}",
)


@pytest.mark.parametrize("place", PLACES)
def test_a_reference_is_refused_at_every_key(folder: Path, place: str) -> None:
    for value in (REFERENCES[0], [REFERENCES[0]], {"name": REFERENCES[0]}):
        problems = [problem.wrong for problem in problems_from(folder, changed(place, value))]
        assert any(wrong.startswith("holds a reference") for wrong in problems), value


@pytest.mark.parametrize("text", REFERENCES)
def test_a_reference_is_refused_in_a_pages_own_words(own_folder: Path, text: str) -> None:
    file = own_folder / "pages" / "default" / "en.toml"
    file.parent.mkdir(parents=True)
    file.write_text(f'[planned]\nmessage = "{text}"\n', encoding="utf-8")
    [problem] = problems_from(own_folder, smallest())
    assert (problem.place, problem.wrong[:17]) == ("pages/default/en.toml", "holds a reference")


@pytest.mark.parametrize("text", REFERENCES)
def test_a_reference_is_refused_in_settings_of_python_values(root: Path, text: str) -> None:
    document = smallest() | {"page": {"title": text}}
    with pytest.raises(SettingsError, match="holds a reference"):
        build(document, certificates={"example": root / "tests/sample/certificates/example"})


@pytest.mark.parametrize("text", ["{resolve:ssm:/name}", "{{name}}", "resolve: ssm", "${name}", "${AWS::Region}"])
def test_what_only_resembles_one_is_a_text(folder: Path, text: str) -> None:
    assert load_from(folder, smallest() | {"page": {"title": text}}).page.title == text
