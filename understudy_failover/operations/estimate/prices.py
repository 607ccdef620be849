"""The prices of AWS, from a dated file."""

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
    """False where only a bill can show it."""


@dataclass(frozen=True)
class Prices:
    """The prices by name; `as_of` is their date."""

    as_of: str
    by_name: dict[str, Price]

    def usd(self, name: str) -> float:
        """Return the price of one unit."""
        return self.by_name[name].usd


@cache
def prices() -> Prices:
    tables = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return Prices(tables.pop("as_of"), {name: Price(**table) for name, table in tables.items()})
