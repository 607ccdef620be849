"""CloudFront's ListDomainConflicts, which MiniStack lacks.

https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_ListDomainConflicts.html
"""

import re
from collections.abc import Callable, Sequence
from xml.sax.saxutils import escape

from understudy_failover.emulator.aws_calls import CLOUDFRONT, Answer, Call, ServiceHandler, intercept, xml
from understudy_failover.emulator.model import Distribution

DOMAIN = re.compile(rb"<Domain>([^<]*)</Domain>")
ACCOUNT = "000000000000"
FOREIGN_ID = "EXAMPLE0ELSEWHERE"
"""The id of another account's distribution."""
SHOWN_CHARACTERS = 6
"""Of an id; AWS hides the others."""


class DomainConflicts:
    """The aliases of this account's distributions, and those that other accounts have."""

    def __init__(self, distributions: Callable[[], Sequence[Distribution]]) -> None:
        self._distributions = distributions
        self._foreign: dict[str, str] = {}

    def take(self, alias: str, account: str) -> None:
        """Give an alternate domain name to a distribution of another account; with no account to none."""
        self._foreign[alias] = account

    def add_to(self, cloudfront: ServiceHandler) -> ServiceHandler:
        """Return CloudFront's API with that operation."""

        async def answer(call: Call) -> Answer:
            match = DOMAIN.search(call.body)
            domain = match[1].decode().lower() if match else ""
            items = "".join(
                f"<DomainConflicts><Domain>{escape(alias)}</Domain><ResourceType>distribution</ResourceType>"
                f"<ResourceId>{_mask(identifier)}</ResourceId><AccountId>{_mask(account)}</AccountId></DomainConflicts>"
                for alias, identifier, account in self._all()
                if alias == domain or _covers(alias, domain) or _covers(domain, alias)
            )
            return xml(CLOUDFRONT, "ListDomainConflictsResult", f"<DomainConflicts>{items}</DomainConflicts>")

        return intercept(cloudfront, "POST", "/2020-05-31/domain-conflicts", answer)

    def _all(self) -> list[tuple[str, str, str]]:
        own = [(alias, owner.id, ACCOUNT) for owner in self._distributions() for alias in owner.aliases]
        return own + [(alias, FOREIGN_ID, account) for alias, account in self._foreign.items() if account]


def _covers(wildcard: str, name: str) -> bool:
    return wildcard.startswith("*.") and name.endswith(wildcard[1:])


def _mask(identifier: str) -> str:
    return "*" * (len(identifier) - SHOWN_CHARACTERS) + identifier[-SHOWN_CHARACTERS:]
