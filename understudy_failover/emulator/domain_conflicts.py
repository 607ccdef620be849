"""CloudFront's ListDomainConflicts, which MiniStack lacks.

https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_ListDomainConflicts.html
"""

import re
from collections.abc import Callable, Sequence
from xml.sax.saxutils import escape

from understudy_failover.emulator.ministack import Answer, ServiceHandler
from understudy_failover.emulator.model import Distribution

PATH = "/2020-05-31/domain-conflicts"
DOMAIN = re.compile(rb"<Domain>([^<]*)</Domain>")
NAMESPACE = "http://cloudfront.amazonaws.com/doc/2020-05-31/"
ACCOUNT = "000000000000"
ELSEWHERE = "EXAMPLE0ELSEWHERE"
"""A distribution of somebody else."""
SHOWN = 6
"""Characters of an id that are shown; AWS hides the others from everybody."""


class DomainConflicts:
    """Aliases of this account's distributions, and those that other accounts are said to have."""

    def __init__(self, distributions: Callable[[], Sequence[Distribution]]) -> None:
        self._distributions = distributions
        self._foreign: dict[str, str] = {}

    def take(self, alias: str, account: str) -> None:
        """Lets a distribution of another account have an alternate domain name; with no account none."""
        self._foreign[alias] = account

    def served(self, cloudfront: ServiceHandler) -> ServiceHandler:
        """CloudFront's API with that operation."""

        async def handle(
            method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, list[str]]
        ) -> Answer:
            wanted = DOMAIN.search(body) if (method, path) == ("POST", PATH) else None
            if wanted is None:
                return await cloudfront(method, path, headers, body, query)
            domain = wanted[1].decode().lower()
            found = [one for one in self._all() if _overlap(one[0], domain)]
            items = "".join(
                f"<DomainConflicts><Domain>{escape(alias)}</Domain><ResourceType>distribution</ResourceType>"
                f"<ResourceId>{_hidden(identifier)}</ResourceId><AccountId>{_hidden(account)}</AccountId></DomainConflicts>"
                for alias, identifier, account in found
            )
            content = (
                f'<ListDomainConflictsResult xmlns="{NAMESPACE}"><DomainConflicts>{items}</DomainConflicts>'
                "</ListDomainConflictsResult>"
            )
            return 200, {"Content-Type": "text/xml"}, content.encode()

        return handle

    def _all(self) -> list[tuple[str, str, str]]:
        own = [(alias, one.id, ACCOUNT) for one in self._distributions() for alias in one.aliases]
        return own + [(alias, ELSEWHERE, account) for alias, account in self._foreign.items() if account]


def _overlap(one: str, other: str) -> bool:
    """The same, or one is a wildcard that covers the other."""
    return one == other or _covers(one, other) or _covers(other, one)


def _covers(wildcard: str, name: str) -> bool:
    return wildcard.startswith("*.") and name.endswith(wildcard[1:])


def _hidden(identifier: str) -> str:
    return "*" * (len(identifier) - SHOWN) + identifier[-SHOWN:]
