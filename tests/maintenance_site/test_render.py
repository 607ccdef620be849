"""`understudy page`: every variant of every page is in the folder, and the index leads to each of them."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from understudy_failover.page import sites
from understudy_failover.settings import load

pytestmark = pytest.mark.usefixtures("processes")

STATES = ("unplanned", "planned", "planned-until", "planned-late")
OWN = """
[[pages]]
name = "shop"
hosts = ["shop.example.com"]
"""


@pytest.fixture
def settings_path(root: Path, tmp_path: Path) -> Path:
    (tmp_path / "certificates").symlink_to(root / "tests/sample/certificates")
    file = tmp_path / "failover.toml"
    file.write_text((root / "tests/sample/failover.toml").read_text(encoding="utf-8") + OWN, encoding="utf-8")
    return file


def _render(root: Path, folder: Path, settings_path: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "understudy_failover", "page", str(folder), "--settings", str(settings_path)]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)


def test_the_index_leads_to_every_variant_and_to_nothing_else(root: Path, tmp_path: Path, settings_path: Path) -> None:
    folder = tmp_path / "out"
    done = _render(root, folder, settings_path)
    assert done.returncode == 0, done.stderr
    expected = {
        f"{site.folder.strip('.')}/{language}-{state}.{end}"
        for site in sites(load(settings_path))
        for language in site.page.languages
        for state in STATES
        for end in ("html", "txt")
    }
    assert len(expected) == 4 * 12 * 4 * 2  # default, web, web.shop, api
    index = (folder / "index.html").read_text(encoding="utf-8")
    assert set(re.findall(r'href="([^"]+)"', index)) == expected
    written = {str(file.relative_to(folder)) for file in folder.rglob("*.*") if file.is_file()}
    assert written == expected | {"index.html"}
    assert done.stdout == f"{len(expected) // 2} pages, and as many texts: {folder / 'index.html'}\n"


def test_what_is_rendered_differs_as_it_should(root: Path, tmp_path: Path, settings_path: Path) -> None:
    folder = tmp_path / "out"
    _render(root, folder, settings_path)
    variants = {state: (folder / "web" / f"en-{state}.html").read_text(encoding="utf-8") for state in STATES}
    assert len(set(variants.values())) == len(STATES)
    with_end = [state for state, text in variants.items() if '<p class="until">' in text]
    assert with_end == ["planned-until", "planned-late"]
    assert 'lang="ar" dir="rtl"' in (folder / "web" / "ar-unplanned.html").read_text(encoding="utf-8")


def test_wrong_settings_are_reported_and_nothing_is_written(root: Path, tmp_path: Path, settings_path: Path) -> None:
    settings_path.write_text("app = 1\n", encoding="utf-8")
    done = _render(root, tmp_path / "out", settings_path)
    assert done.returncode == 1
    assert "app" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


def test_it_does_not_write_among_the_files_that_pages_are_made_from(
    root: Path, tmp_path: Path, settings_path: Path
) -> None:
    done = _render(root, tmp_path / "pages", settings_path)
    assert done.returncode == 2
    assert "name another folder" in done.stderr
    assert not (tmp_path / "pages").exists()
