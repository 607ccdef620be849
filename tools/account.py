"""Prints the id of the AWS account that the environment names; says in one line why, if there is none."""

import sys

import boto3
from botocore.exceptions import BotoCoreError, ClientError


def main() -> None:
    """Exit code 1 without usable credentials."""
    try:
        print(boto3.client("sts", "us-east-1").get_caller_identity()["Account"])
    except (BotoCoreError, ClientError) as error:
        sys.exit(f"No AWS account: {error}. Give this shell credentials, as for the AWS CLI (AWS_PROFILE=…).")


if __name__ == "__main__":
    main()
