"""Modules of Lambda functions, from their files: their folders are assets and no packages."""

import importlib.util
import sys
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
STACKS = ROOT / "stacks"


@cache
def aws_client() -> Any:
    """Return the module that lies beside every handler, which imports it by its bare name."""
    return load("aws_client", STACKS / "aws_client" / "handler" / "aws_client.py")


def load(name: str, file: Path) -> ModuleType:
    """Return the module of a file, which others import by `name` from then on.

    Its own name is the full one, as `stacks.monitor.handler.chains`: mutation testing finds it by that.
    """
    full_name = ".".join(file.resolve().relative_to(ROOT).with_suffix("").parts)
    spec = importlib.util.spec_from_file_location(full_name, file)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
