"""Host names that another distribution or distribution tenant has, in whatever account."""

from typing import Any


def domain_conflicts(cloudfront: Any, distribution_id: str, domain: str) -> list[dict[str, str]]:
    """Return `Domain`, `ResourceId` (partly hidden, as `*******A1B2C3`) and `AccountId` of each that overlaps.

    A wildcard may be asked for. Needs cloudfront:ListDomainConflicts, and a distribution of one's own.
    https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_ListDomainConflicts.html
    """
    pages = cloudfront.get_paginator("list_domain_conflicts").paginate(
        Domain=domain, DomainControlValidationResource={"DistributionId": distribution_id}
    )
    return [one for page in pages for one in page.get("DomainConflicts", [])]
