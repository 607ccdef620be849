"""A forge of one's own for every test."""

from collections.abc import Iterator

import pytest

from tests.pipeline.forge import Forge, forge


@pytest.fixture
def here() -> Iterator[Forge]:
    with forge() as running:
        yield running
