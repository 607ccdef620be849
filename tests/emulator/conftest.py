"""One embedded AWS for all tests that only use it; those that end it, or need it another way, start their own."""

from collections.abc import Iterator

import hypothesis
import pytest

from tests.emulator.support import RATE, Authority
from understudy_failover.emulator import EmbeddedAws

# Two busy cores make single examples slow; the code is not the reason.
hypothesis.settings.register_profile("emulator", deadline=None)
hypothesis.settings.load_profile("emulator")


@pytest.fixture(scope="session")
def aws(processes: None) -> Iterator[EmbeddedAws]:
    """A running AWS. What a test makes in it has names of its own, and is deleted where a count is asserted."""
    with EmbeddedAws(rate=RATE) as running:
        yield running


@pytest.fixture(scope="session")
def authority() -> Authority:
    """A throwaway certificate authority."""
    return Authority()
