"""boto3 clients of the embedded AWS, independent of the environment's AWS account."""

import os
import secrets
from dataclasses import dataclass
from typing import Any, Self

import boto3
from botocore.config import Config
from botocore.session import Session

REGION = "us-east-1"
NO_ACCOUNT = {
    "profile": (None, None, None, None),
    "config_file": (None, None, os.devnull, None),
    "credentials_file": (None, None, os.devnull, None),
}
"""botocore's session variables without the environment: AWS_PROFILE may name a profile that does not exist."""


@dataclass(frozen=True)
class Credentials:
    """The access key of a run of the embedded AWS."""

    access_key: str
    secret_key: str

    @classmethod
    def random(cls) -> Self:
        return cls(f"EMBEDDED{secrets.token_hex(16).upper()}", secrets.token_hex(16))

    @classmethod
    def of_environment(cls) -> Self:
        """Return the credentials of the environment; a command line would show them to other users."""
        return cls(os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"])

    def environment(self) -> dict[str, str]:
        return {"AWS_ACCESS_KEY_ID": self.access_key, "AWS_SECRET_ACCESS_KEY": self.secret_key}


def client(service: str, endpoint_url: str, credentials: Credentials) -> Any:
    """Return a boto3 client for `endpoint_url` that uses no proxy."""
    return boto3.Session(botocore_session=Session(session_vars=NO_ACCOUNT)).client(
        service,
        endpoint_url=endpoint_url,
        region_name=REGION,
        aws_access_key_id=credentials.access_key,
        aws_secret_access_key=credentials.secret_key,
        config=Config(proxies={}, retries={"total_max_attempts": 2}),
    )
