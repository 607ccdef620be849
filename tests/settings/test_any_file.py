"""Whatever the file holds, it is read or refused: no other error ends a synthesis."""

from datetime import date
from pathlib import Path

from hypothesis import assume, given, strategies as st

from tests.settings.properties import repeatable
from tests.settings.samples import changed, names, smallest, steps, toml
from understudy_failover.settings import Settings, SettingsError, load
from understudy_failover.settings.keys import described_keys
from understudy_failover.settings.problem import Problem

PLACES = sorted(
    {
        ".".join("zones.0" if part == "zones" else "servers.0" if part == "servers" else str(part) for part in place)
        for described_key in described_keys(Settings)
        for place in ((*described_key.table, described_key.name), (*described_key.table, "unknown"))
    }
)
SCALARS = st.one_of(
    st.text(),
    st.text("abz019.-*/:%ü\x00\n", max_size=70),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.booleans(),
    st.dates(date(1, 1, 1)),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["name", "type", "x"]), inner),
    max_leaves=5,
)


def _problems(folder: Path, content: bytes) -> tuple[Problem, ...]:
    """Empty if the file loads; any other error than a SettingsError fails the test."""
    (folder / "failover.toml").write_bytes(content)
    try:
        load(folder / "failover.toml")
    except SettingsError as error:
        return error.problems
    return ()


@repeatable
@given(st.sampled_from(PLACES), VALUES)
def test_any_value_is_read_or_refused_at_its_own_place(folder: Path, place: str, value: object) -> None:
    """What is right elsewhere stays out of the report."""
    # A zone with another good name leaves the host without one: that problem is the host's.
    assume(names(place) != ("zones", "name"))
    problems = _problems(folder, toml(changed(place, value)).encode())
    assert all(problem.place != "file" for problem in problems), "the test itself wrote no TOML"
    assert {problem.place[0] for problem in problems if not isinstance(problem.place, str)} <= {steps(place)[0]}


@repeatable
@given(st.dictionaries(st.sampled_from([*smallest(), "timing", "page"]), VALUES))
def test_any_document_is_read_or_refused(folder: Path, document: dict[str, object]) -> None:
    _problems(folder, toml(document).encode())


@repeatable
@given(st.binary() | st.text().map(str.encode))
def test_any_bytes_are_read_or_refused(folder: Path, content: bytes) -> None:
    _problems(folder, content)


@repeatable
@given(st.data())
def test_the_shipped_example_with_any_lines_taken_out_is_read_or_refused(
    folder: Path, root: Path, data: st.DataObject
) -> None:
    lines = (root / "tests/sample/failover.toml").read_text(encoding="utf-8").split("\n")
    taken = data.draw(st.sets(st.integers(0, len(lines) - 1), min_size=1, max_size=4))
    _problems(folder, "\n".join(line for number, line in enumerate(lines) if number not in taken).encode())
