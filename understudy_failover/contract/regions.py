"""The regions of Route 53's health checkers.

https://docs.aws.amazon.com/Route53/latest/APIReference/API_HealthCheckConfig.html (Regions)
"""

from typing import Literal, get_args

CheckerRegion = Literal[
    "us-east-1",
    "us-west-1",
    "us-west-2",
    "eu-west-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-northeast-1",
    "sa-east-1",
]
CHECKER_REGIONS: tuple[CheckerRegion, ...] = get_args(CheckerRegion)
"""All regions, which a health check without regions uses."""
MINIMUM = 3
"""Route 53 accepts no fewer."""
