"""What `verify` expects of the stacks, which it may not import, is what they make."""

from stacks.distribution import REPLACED_STATUS_CODES
from stacks.failover_records import CLOUDFRONT_HOSTED_ZONE_ID
from understudy_failover.operations.verify import distribution, records


def test_the_same_error_responses() -> None:
    assert frozenset(REPLACED_STATUS_CODES) == distribution.REPLACED_STATUS_CODES


def test_the_same_hosted_zone_of_cloudfront() -> None:
    assert records.CLOUDFRONT_HOSTED_ZONE_ID == CLOUDFRONT_HOSTED_ZONE_ID
