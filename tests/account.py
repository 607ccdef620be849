"""A process that is logged in to one of the tests' embedded AWSs, each of which has credentials of its own."""

import boto3
import pytest

from understudy_failover.emulator import EmbeddedAws


def log_in(patch: pytest.MonkeyPatch, aws: EmbeddedAws) -> None:
    """Let boto3 find this AWS, and forget the credentials that it found before."""
    for name, value in aws.environment().items():
        if name.startswith("AWS_"):
            patch.setenv(name, value)
    patch.setattr(boto3, "DEFAULT_SESSION", None)
