"""The boto3 clients of every Lambda function."""

from pathlib import Path

HANDLER = Path(__file__).parent / "handler"
