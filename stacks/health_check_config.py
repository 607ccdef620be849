"""A Route 53 health check, from a configuration of the contract."""

import re
from typing import Any

from aws_cdk import aws_route53 as route53
from constructs import Construct

from understudy_failover.contract.health_check_config import Config

from .purpose import declare_purpose

WORDS = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")

CfnHealthCheck = route53.CfnHealthCheck


def declare_health_check(
    scope: Construct, name: str, config: Config | CfnHealthCheck.HealthCheckConfigProperty, purpose: str
) -> CfnHealthCheck:
    """Return the health check `Resource` of `scope`; the console shows the tag Name as its name."""
    resource = CfnHealthCheck(
        scope,
        "Resource",
        health_check_config=health_check_config(config) if isinstance(config, dict) else config,
        health_check_tags=[CfnHealthCheck.HealthCheckTagProperty(key="Name", value=name)],
    )
    declare_purpose(resource, purpose)
    return resource


def health_check_config(config: Config) -> CfnHealthCheck.HealthCheckConfigProperty:
    """Return `config`, whose keys are the API's: `IPAddress` becomes `ip_address`."""
    properties: dict[str, Any] = {WORDS.sub("_", key).lower(): value for key, value in config.items()}
    return CfnHealthCheck.HealthCheckConfigProperty(**properties)
