"""A viewer chooses the headers, and no headers make the edge functions work much more than others."""

import statistics
from pathlib import Path

import pytest

from benchmarks import edge_work
from tests.maintenance_site.edge import Edge
from understudy_failover.settings import Settings, load

pytestmark = pytest.mark.usefixtures("processes")


@pytest.fixture(scope="module")
def work(root: Path) -> list[int]:
    return edge_work.steps(load(root / "tests/sample/failover.toml"), list(edge_work.odd_requests()))


def test_the_worst_of_1_000_odd_requests_is_three_times_the_median_at_most(work: list[int]) -> None:
    assert len(work) == 1_000
    assert max(work) <= 3 * statistics.median(work)


def test_the_page_on_it_has_these_figures(work: list[int], root: Path) -> None:
    text = (root / "benchmarks" / "edge_work.md").read_text(encoding="utf-8")
    assert f"| {statistics.median(work):g} |" in text
    assert f"| {max(work)} (" in text


def test_the_work_for_a_text_grows_with_its_length(root: Path) -> None:
    """The benchmark counts: else any function would pass."""
    settings = load(root / "tests/sample/failover.toml")
    few, many = edge_work.steps(
        settings, [edge_work.event({"host": "www.example.com", "accept": "a/b," * count}) for count in (1, 12)]
    )
    assert few < many


def _language(edge: Edge, settings: Settings, wishes: str) -> str:
    answer = edge.request(settings, headers={"accept": "text/html", "accept-language": wishes})
    return str(answer["uri"]).rpartition("/")[2].removesuffix(".html")


@pytest.mark.parametrize(
    ("wishes", "language"),
    [
        ("zh", "zh-Hans"),
        ("zh-Hans-CN-x-private", "zh-Hans"),
        ("constructor,__proto__,toString,ja", "ja"),
        ("hasOwnProperty", "en"),
        (",".join(["x"] * 15 + ["ja"]), "ja"),
        (",".join(["x"] * 16 + ["ja"]), "en"),
        ("x" * 252 + ",ja", "ja"),
        # Cut off after the 256th character: not German.
        ("x" * 253 + ",de-AT", "en"),
    ],
)
def test_the_first_16_languages_within_256_characters_count(
    node: Edge, sample_settings: Settings, wishes: str, language: str
) -> None:
    assert _language(node, sample_settings, wishes) == language
