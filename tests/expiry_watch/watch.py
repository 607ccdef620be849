"""The modules of the watch, from their files: their folder is an asset and no package."""

import importlib.util
import sys
from functools import cache
from pathlib import Path
from typing import Any

HANDLER = Path(__file__).resolve().parents[2] / "stacks" / "expiry_watch" / "handler"


@cache
def load_watch(name: str) -> Any:
    """One module; those that it imports by their bare names are loaded first."""
    if name != "validity":
        load_watch("validity")
    spec = importlib.util.spec_from_file_location(f"stacks.expiry_watch.handler.{name}", HANDLER / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
