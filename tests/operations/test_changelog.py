"""The version is the newest heading of CHANGELOG.md, and is printed unchanged."""

from pathlib import Path

import pytest

from understudy_failover import cli as entry
from understudy_failover.operations import changelog

TEXT = """# Changelog

## Unreleased
{unreleased}
## 0.2.0 - 2026-12-24

### Added

- Something.

## 0.1.0 - 2026-11-25
"""


@pytest.mark.parametrize(
    ("text", "reported"),
    [
        (TEXT.format(unreleased=""), "0.2.0"),
        (TEXT.format(unreleased="\n### Fixed\n\n- This,\n  and more.\n- That.\n"), "0.2.0, and 2 changes since"),
        ("# Changelog\n\n## Unreleased\n\n- First.\n- Second.\n", "before the first release, and 2 changes since"),
    ],
)
def test_the_version_is_the_newest_heading_and_what_came_since(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], text: str, reported: str
) -> None:
    (tmp_path / "CHANGELOG.md").write_text(text, encoding="utf-8")
    monkeypatch.setattr(changelog, "CHANGELOG", tmp_path / "CHANGELOG.md")
    with pytest.raises(SystemExit) as ended:
        entry.main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"understudy {reported}\n"


def test_the_repositorys_own_changelog_has_a_version_and_a_place_for_what_comes() -> None:
    text = changelog.CHANGELOG.read_text(encoding="utf-8")
    assert changelog.releases(text)
    assert text.count(changelog.UNRELEASED) == 1
    assert text.index(changelog.UNRELEASED) < text.index(f"## {changelog.releases(text)[0]}")
