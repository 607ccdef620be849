"""What AWS charges, from one dated file."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).parent / "prices.toml"


@dataclass(frozen=True)
class Price:
    """USD for one `unit`."""

    unit: str
    usd: float
    source: str
    confirmed: bool
    """False where only a bill can tell."""


@dataclass(frozen=True)
class Prices:
    """All of the file, by name; `as_of` is its date."""

    as_of: str
    by_name: dict[str, Price]

    def usd(self, name: str) -> float:
        """Of one unit."""
        return self.by_name[name].usd


@cache
def prices() -> Prices:
    """The prices that estimates go by."""
    found = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return Prices(found.pop("as_of"), {name: Price(**table) for name, table in found.items()})
