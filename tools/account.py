"""Print the id of the AWS account of the environment, or one line that says why there is none."""

import sys

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from understudy_failover.operations.aws import in_words


def main() -> None:
    try:
        print(boto3.client("sts", "us-east-1").get_caller_identity()["Account"])
    except (BotoCoreError, ClientError) as error:
        sys.exit(f"AWS: {in_words(error)}")


if __name__ == "__main__":
    main()
