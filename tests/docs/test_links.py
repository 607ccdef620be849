"""Every link within the repository leads somewhere."""

from pathlib import Path

import pytest

from tests.docs.markdown import ROOT, anchors, links, pages


def test_there_are_pages_and_links() -> None:
    assert ROOT / "README.md" in pages()
    assert len(links(ROOT / "README.md")) > 20


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_relative_link_leads_to_a_file_and_every_anchor_to_a_heading(page: Path) -> None:
    for link in links(page):
        name, _, anchor = link.partition("#")
        target = page if not name else page.parent / name
        assert target.exists(), link
        assert target.resolve().is_relative_to(ROOT), link
        assert not anchor or anchor in anchors(target), link
