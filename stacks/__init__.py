"""The CloudFormation stacks: `failover.py` adds them all to an app, every other module holds one construct of them."""

from .failover import Failover
from .stage import FailoverStage

__all__ = ["Failover", "FailoverStage"]
