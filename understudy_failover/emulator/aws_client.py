"""boto3 clients of the embedded AWS, whatever account the environment names."""

import os
from typing import Any

import boto3
from botocore.config import Config
from botocore.session import Session

REGION = "us-east-1"
ACCESS_KEY = "test"
SECRET_KEY = "test"  # noqa: S105 (MiniStack takes any)
NO_ACCOUNT = {
    "profile": (None, None, None, None),
    "config_file": (None, None, os.devnull, None),
    "credentials_file": (None, None, os.devnull, None),
}
"""botocore's session variables without their environment: AWS_PROFILE may name a profile that is not there."""


def client(service: str, endpoint_url: str) -> Any:
    """A boto3 client that goes straight to `endpoint_url`, past every proxy."""
    return boto3.Session(botocore_session=Session(session_vars=NO_ACCOUNT)).client(
        service,
        endpoint_url=endpoint_url,
        region_name=REGION,
        aws_access_key_id=ACCESS_KEY,
        aws_secret_access_key=SECRET_KEY,
        config=Config(proxies={}, retries={"total_max_attempts": 2}),
    )
