"""AWS clients: boto3 with the credentials and the endpoint of the environment."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import boto3
import botocore.session
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError as NoConnection,
    CredentialRetrievalError,
    HTTPClientError,
    InvalidEndpointConfigurationError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOError,
    SSOTokenLoadError,
    TokenRetrievalError,
    UnauthorizedSSOTokenError,
)

from understudy_failover.contract.documentation import documentation
from understudy_failover.contract.printable import printable

REGION = "us-east-1"
"""Of all resources."""
CONFIG = Config(connect_timeout=5, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 4})

REACH_IT = "check the network, the credentials and AWS_ENDPOINT_URL"

LOG_IN = "log in as for the AWS CLI (such as AWS_PROFILE=…), or source the file that `understudy up` prints"
EXPIRED = {"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"}
"""Error codes for credentials that were good: https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html"""
REFUSED = {"InvalidClientTokenId", "InvalidAccessKeyId", "UnrecognizedClientException", "AuthFailure"}
EXPIRED_LOGINS = (UnauthorizedSSOTokenError, TokenRetrievalError)
MISSING = (
    NoCredentialsError,
    PartialCredentialsError,
    CredentialRetrievalError,
    ProfileNotFound,
    SSOTokenLoadError,
    SSOError,
)

IMPATIENT = CONFIG.merge(Config(retries={"mode": "standard", "total_max_attempts": 2}))
"""For repeated requests, and for commands that somebody waits for during an outage of AWS."""

NEWER_APIS = Path(__file__).parent / "botocore_data"
"""Parts of AWS's API models of November 2026 (botocore 1.44.8), which the boto3 that MiniStack pins lacks.

botocore merges them into its own (docstring of `botocore.loaders`). Delete the folder when boto3 >= 1.44 is the least
that pyproject.toml accepts.
"""


def client(service: str, config: Config | None = None, credentials: Mapping[str, str] | None = None) -> Any:
    """Return a boto3 client with time-outs, `CONFIG` if there is no other; `credentials` are an answer of STS."""
    if boto3.DEFAULT_SESSION is None:
        core = botocore.session.get_session()
        core.get_component("data_loader").search_paths.append(str(NEWER_APIS))
        boto3.setup_default_session(botocore_session=core)
        try:
            if found_credentials := core.get_credentials():
                found_credentials.get_frozen_credentials()
        except (OSError, ValueError) as error:  # of a file or an address that the environment names
            boto3.DEFAULT_SESSION = None
            raise CredentialRetrievalError(provider="AWS_…", error_msg=str(error)) from None
        except (BotoCoreError, ClientError):  # the first request raises it again
            pass
    keys = (
        {
            "aws_access_key_id": credentials["AccessKeyId"],
            "aws_secret_access_key": credentials["SecretAccessKey"],
            "aws_session_token": credentials["SessionToken"],
        }
        if credentials
        else {}
    )
    try:
        return boto3.client(service, region_name=REGION, config=config or CONFIG, **keys)
    except ValueError as error:  # of a URL
        raise InvalidEndpointConfigurationError(msg=str(error)) from None


def require_credentials() -> None:
    """Check the credentials once, for commands that would otherwise report each API call that fails for want of them.

    Raise BotoCoreError, ClientError: there are none, or AWS does not accept them; `in_words` has a text for each.
    """
    sts = client("sts", IMPATIENT)
    if boto3.Session().get_credentials() is None:
        raise NoCredentialsError
    try:
        sts.get_caller_identity()
    except (BotoCoreError, ClientError) as error:
        # What else STS answers, or that it does not, is for the checks: other APIs may answer.
        if credentials_fault(error):
            raise


def credentials_fault(error: Exception) -> str:
    """Return what is wrong with this shell's credentials, and what to do; empty where `error` is of another kind."""
    code = error.response.get("Error", {}).get("Code", "") if isinstance(error, ClientError) else ""
    if code in EXPIRED or isinstance(error, EXPIRED_LOGINS):
        return f"the AWS credentials of this shell have expired; {LOG_IN}"
    if code in REFUSED:
        return f"AWS does not accept the credentials of this shell; {LOG_IN}"
    if isinstance(error, MISSING):
        return f"this shell has no usable AWS credentials ({printable(str(error))}); {LOG_IN}"
    return ""


def in_words(error: Exception) -> str:
    """Return the message of AWS or boto3; for unusable credentials and unreachable APIs with what to do."""
    if fault := credentials_fault(error):
        return fault
    if isinstance(error, NoConnection | HTTPClientError):
        return printable(f"{error}; {REACH_IT}")
    return printable(str(error))


def advice(error: Exception) -> str:
    """Return a line of advice for an access error; else nothing."""
    if isinstance(error, ClientError) and error.response["Error"]["Code"] == "AccessDenied":
        return f"\nWhat it needs: {documentation('permissions')}; for a pipeline's role, deploy roles.yaml again."
    return ""


def account_number() -> str:
    return str(client("sts").get_caller_identity()["Account"])
