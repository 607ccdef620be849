"""A process that is logged in to one of the tests' embedded AWSs, each of which has credentials of its own."""

from functools import cache
from typing import Any

import boto3
import pytest
from botocore.loaders import JSONFileLoader

from understudy_failover.emulator import EmbeddedAws


def log_in(patch: pytest.MonkeyPatch, aws: EmbeddedAws) -> None:
    """Let boto3 find this AWS, and forget the credentials that it found before."""
    for name, value in aws.environment().items():
        if name.startswith("AWS_"):
            patch.setenv(name, value)
    patch.setattr(boto3, "DEFAULT_SESSION", None)
    # A new session would read the models of the APIs again: a third of the time of `verify`.
    patch.setattr(JSONFileLoader, "load_file", lambda _, path: _model(path))


_load_file = JSONFileLoader.load_file


@cache
def _model(path: str) -> Any:
    return _load_file(JSONFileLoader(), path)
