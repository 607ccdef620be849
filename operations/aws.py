"""AWS as the commands reach it: boto3 with the credentials and the endpoint of the environment."""

from typing import Any

import boto3
from botocore.config import Config

REGION = "us-east-1"
"""Of everything that is deployed."""
CONFIG = Config(connect_timeout=5, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 4})

IMPATIENT = CONFIG.merge(Config(retries={"mode": "standard", "total_max_attempts": 2}))
"""For looks that are repeated anyway, or that somebody waits for while AWS has trouble."""


def client(service: str, config: Config | None = None) -> Any:
    """A boto3 client that soon says when nobody answers."""
    return boto3.client(service, region_name=REGION, config=config or CONFIG)


def account_number() -> str:
    """Of the account that the credentials belong to."""
    return str(client("sts").get_caller_identity()["Account"])
