"""Print the id of the AWS account of the environment, or one line that says why there is none."""

import sys

import boto3
from botocore.exceptions import BotoCoreError, ClientError


def main() -> None:
    """Print the id; exit code 1 without usable credentials."""
    try:
        print(boto3.client("sts", "us-east-1").get_caller_identity()["Account"])
    except (BotoCoreError, ClientError) as error:
        sys.exit(f"No AWS account: {error}. Give this shell credentials, as for the AWS CLI (AWS_PROFILE=…).")


if __name__ == "__main__":
    main()
