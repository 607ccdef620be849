"""Every key with every odd value, one at a time: each file is read, or refused in words that can be printed."""

from pathlib import Path

import pytest

from tests.settings.samples import changed, toml
from tests.settings.test_any_file import PLACES
from tests.settings.test_fuzz import refusal
from tests.settings.toml_texts import ODD_NUMBERS, ODD_TEXTS, OTHERS, quoted

MARK = "the-odd-value"
VALUES = (
    *map(quoted, ODD_TEXTS),
    *(odd_number for odd_number in (*ODD_NUMBERS, *OTHERS) if odd_number),
    "[]",
    "{}",
    "[[]]",
    '[""]',
    "[{}]",
)


@pytest.mark.lengthy
@pytest.mark.parametrize("place", PLACES)
def test_every_odd_value_of_a_key_is_read_or_refused(folder: Path, place: str) -> None:
    text = toml(changed(place, MARK))
    assert text.count(f'"{MARK}"') == 1
    reports = [refusal(folder, text.replace(f'"{MARK}"', value).encode()) for value in VALUES]
    print(f"{len(reports)} files")
    assert any(reports)
