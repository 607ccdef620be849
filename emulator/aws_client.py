"""boto3 clients of the embedded AWS, whatever account the environment names."""

from typing import Any

import boto3
from botocore.config import Config

REGION = "us-east-1"
ACCESS_KEY = "test"
SECRET_KEY = "test"  # noqa: S105 (MiniStack takes any)


def client(service: str, endpoint_url: str) -> Any:
    """A boto3 client that goes straight to `endpoint_url`, past every proxy."""
    return boto3.Session().client(
        service,
        endpoint_url=endpoint_url,
        region_name=REGION,
        aws_access_key_id=ACCESS_KEY,
        aws_secret_access_key=SECRET_KEY,
        config=Config(proxies={}, retries={"total_max_attempts": 2}),
    )
