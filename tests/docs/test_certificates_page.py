"""docs/certificates.md, where no other test plays it."""

import re
from pathlib import Path


def test_the_page_names_the_version_of_the_list_that_is_locked(root: Path) -> None:
    locked = re.findall(r"^certifi==(\S+)", (root / "requirements.txt").read_text(encoding="utf-8"), re.MULTILINE)
    page = (root / "docs" / "certificates.md").read_text(encoding="utf-8")
    assert [version.partition(".post")[0] for version in locked] == re.findall(r"\(version ([\d.]+), the list of", page)
