"""A health check's configuration of the contract, as the CDK has it."""

import re
from typing import Any

from aws_cdk import aws_route53 as route53

from understudy_failover.contract.health_check_config import Config

WORDS = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def health_check_config(config: Config) -> route53.CfnHealthCheck.HealthCheckConfigProperty:
    """Return `config`, whose keys are the API's: `IPAddress` becomes `ip_address`."""
    named: dict[str, Any] = {WORDS.sub("_", key).lower(): value for key, value in config.items()}
    return route53.CfnHealthCheck.HealthCheckConfigProperty(**named)
