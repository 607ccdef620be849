"""Clients of AWS for every Lambda function: a policy that was written a moment ago does not fail a call."""

from pathlib import Path

HANDLER = Path(__file__).parent / "handler"
