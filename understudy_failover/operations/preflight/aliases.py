"""Alternate domain names that another distribution has already: CloudFront allows each name once in all accounts."""

from collections.abc import Iterator

from understudy_failover.operations.finding import Finding, failed, passed, warning
from understudy_failover.operations.lookups import domain_conflicts
from understudy_failover.operations.preflight.subject import Subject


def aliases(subject: Subject) -> Iterator[Finding]:
    """Every host name; needs cloudfront:ListDistributions, and after a deploy ListDomainConflicts.

    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/alternate-domain-names-move.html
    """
    own = subject.outputs.get("DistributionId")
    elsewhere = {
        alias.lower(): f"{distribution['Id']} ({distribution['DomainName']})"
        for distribution in subject.distributions
        if distribution["Id"] != own
        for alias in distribution["Aliases"].get("Items", [])
    }
    wanted = subject.settings.host_names
    for name in wanted:
        if name in elsewhere:
            yield failed(
                "alias-taken",
                name,
                f"is an alternate domain name of distribution {elsewhere[name]}",
                "remove it there first; while users still need it there, see `aws cloudfront associate-alias`",
            )
        elif stealing := sorted(
            alias for alias in elsewhere if name == f"*.{alias.partition('.')[2]}" and alias not in wanted
        ):
            yield warning(
                "alias-more-specific-elsewhere",
                name,
                f"CloudFront answers {', '.join(stealing)} from {elsewhere[stealing[0]]}, wherever DNS points",
                "list these names as hosts and remove them there, or leave them and know that they show no page",
            )
        elif own and (accounts := _in_other_accounts(subject, own, name)):
            yield failed(
                "alias-in-other-account",
                name,
                f"is an alternate domain name in the account {', '.join(accounts)}",
                "remove it there; if that account is not yours, see alternate-domain-names-move in CloudFront's guide",
            )
        else:
            text = "no other distribution has it" if own else "no distribution of this account has it"
            yield passed(name, text)


def _in_other_accounts(subject: Subject, own: str, name: str) -> list[str]:
    """Return the accounts of conflicting names. CloudFront lists them for a distribution of this account."""
    conflicts = domain_conflicts(subject.client("cloudfront"), own, name)
    # A wildcard elsewhere that covers the name is no conflict: the more specific name wins.
    return sorted(
        {
            conflict["AccountId"]
            for conflict in conflicts
            if conflict["Domain"] == name and not own.endswith(conflict["ResourceId"].lstrip("*"))
        }
    )
