"""The settings of the switches are there while the rest of the file is wrong, and refused where they are wrong."""

from pathlib import Path

import pytest

from tests.stacks.templates import sample_text
from understudy_failover.settings import SettingsError, load
from understudy_failover.settings.switch_settings import SwitchSettings, switch_settings


def _read(folder: Path, text: str) -> SwitchSettings:
    file = folder / "failover.toml"
    file.write_text(text, encoding="utf-8")
    return switch_settings(file)


def test_of_a_right_file_they_are_those_of_the_settings(root: Path) -> None:
    file = root / "tests/sample/failover.toml"
    settings = load(file)
    assert switch_settings(file) == SwitchSettings.of(settings)
    assert switch_settings(file).switches == settings.switches


@pytest.mark.parametrize(("mode", "switches"), [("per-server", ("_all", "a", "b")), ("one", ("_all",)), ("none", ())])
def test_the_mode_decides_which_switches_there_are(tmp_path: Path, mode: str, switches: tuple[str, ...]) -> None:
    servers = '[[servers]]\nname = "a"\n[[servers]]\nname = "b"\nhosts = ["b.example\\u001b", 5]'
    settings = _read(tmp_path, f'app = "an-app"\n[maintenance]\nswitches = "{mode}"\n{servers}')
    assert settings.switches == switches
    assert settings.hosts == {"a": (), "b": (r"b.example\x1b",)}


def test_what_is_wrong_elsewhere_is_left_out(tmp_path: Path) -> None:
    settings = _read(
        tmp_path, 'app = "an-app"\ntiming = 5\n[[servers]]\nname = "A"\n[[servers]]\nname = "b"\nhosts = 5'
    )
    assert (settings.timing, dict(settings.hosts)) == (None, {"b": ()})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "app"),
        ('app = "An app"\n[[servers]]\nname = "a"', "app"),
        ('app = "an-app"\n[maintenance]\nswitches = "two"\n[[servers]]\nname = "a"', "maintenance.switches"),
        ('app = "an-app"', "holds no server"),
        ('app = "an-app"\nservers = 5', "holds no server"),
        ('app = "an-app"\n[[servers]]\nname = "A"', "holds no server"),
        ("app =", "is not TOML"),
    ],
)
def test_what_is_wrong_in_them_is_said(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        _read(tmp_path, text)


def test_a_private_key_is_not_repeated_with_what_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="PRIVATE KEY") as caught:
        _read(tmp_path, sample_text() + "-----BEGIN PRIVATE KEY-----\nc2VjcmV0")
    assert "c2VjcmV0" not in str(caught.value)
