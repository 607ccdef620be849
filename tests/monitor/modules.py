"""The modules of the monitor, from their files: their folder is an asset and no package."""

from functools import cache
from pathlib import Path
from typing import Any

from tests import handlers
from understudy_failover.contract import switch_end

HANDLER = Path(__file__).resolve().parents[2] / "stacks" / "monitor" / "handler"
SHARED = {"switch_end": Path(switch_end.__file__)}
"""Deployed beside them."""

IMPORTS = {
    "certificate_lifetimes": ("chains", "validity"),
    "overdue_switches": ("object_metadata", "switch_end"),
    "planned_pages": ("object_metadata", "switch_end"),
    "monitor": ("certificate_lifetimes", "overdue_switches", "planned_pages"),
}


@cache
def load(name: str) -> Any:
    """Return one module; those that it imports by their bare names are loaded first."""
    handlers.aws_client()
    for imported in IMPORTS.get(name, ()):
        load(imported)
    return handlers.load(name, SHARED.get(name, HANDLER / f"{name}.py"))
