"""Host names that a distribution or distribution tenant has, in any account."""

from typing import Any


def domain_conflicts(cloudfront: Any, distribution_id: str, domain: str) -> list[dict[str, str]]:
    """Return `Domain`, `ResourceId` (partly hidden, as `*******A1B2C3`) and `AccountId` of each that overlaps.

    `domain` may be a wildcard. Needs cloudfront:ListDomainConflicts, and a distribution of one's own.
    https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_ListDomainConflicts.html
    """
    pages = cloudfront.get_paginator("list_domain_conflicts").paginate(
        Domain=domain, DomainControlValidationResource={"DistributionId": distribution_id}
    )
    return [conflict for page in pages for conflict in page.get("DomainConflicts", [])]
