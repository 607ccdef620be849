"""AWS clients: boto3 with the credentials and the endpoint of the environment."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import boto3
import botocore.session
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionError as NoConnection, HTTPClientError, NoCredentialsError

from understudy_failover.contract.printable import printable

REGION = "us-east-1"
"""Of all resources."""
CONFIG = Config(connect_timeout=5, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 4})

REACH_IT = "check the network, the credentials and AWS_ENDPOINT_URL"

IMPATIENT = CONFIG.merge(Config(retries={"mode": "standard", "total_max_attempts": 2}))
"""For repeated requests, and for commands that somebody waits for during an outage of AWS."""

NEWER_APIS = Path(__file__).parent / "botocore_data"
"""Parts of AWS's API models of November 2026 (botocore 1.44.8), which the boto3 that MiniStack pins lacks.

botocore merges them into its own (docstring of `botocore.loaders`). Delete the folder when boto3 >= 1.44 is the least
that pyproject.toml accepts.
"""


def client(service: str, config: Config = CONFIG, credentials: Mapping[str, str] | None = None) -> Any:
    """Return a boto3 client with time-outs; `credentials` are those of an answer of STS."""
    if boto3.DEFAULT_SESSION is None:
        core = botocore.session.get_session()
        core.get_component("data_loader").search_paths.append(str(NEWER_APIS))
        boto3.setup_default_session(botocore_session=core)
    keys = (
        {
            "aws_access_key_id": credentials["AccessKeyId"],
            "aws_secret_access_key": credentials["SecretAccessKey"],
            "aws_session_token": credentials["SessionToken"],
        }
        if credentials
        else {}
    )
    return boto3.client(service, region_name=REGION, config=config, **keys)


def require_credentials() -> None:
    """Raise NoCredentialsError where this shell has none, before a command reports every item as unknown."""
    if boto3.Session().get_credentials() is None:
        raise NoCredentialsError


def in_words(error: Exception) -> str:
    """Return the message of AWS or boto3; for missing credentials and unreachable APIs with what to do."""
    if isinstance(error, NoCredentialsError):
        return (
            "this shell has no credentials; log in as for the AWS CLI (AWS_PROFILE=…), or take those of `understudy up`"
        )
    if isinstance(error, NoConnection | HTTPClientError):
        return printable(f"{error}; {REACH_IT}")
    return printable(str(error))


def advice(error: Exception) -> str:
    """Return a line of advice for an access error; else nothing."""
    if isinstance(error, ClientError) and error.response["Error"]["Code"] == "AccessDenied":
        return "\nWhat it needs: docs/permissions.md; for a pipeline's role, deploy roles.yaml again."
    return ""


def account_number() -> str:
    return str(client("sts").get_caller_identity()["Account"])
