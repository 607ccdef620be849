"""CloudFront's ListConflictingAliases, which MiniStack lacks, over the one account that there is here.

https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_ListConflictingAliases.html
"""

from collections.abc import Callable, Sequence
from xml.sax.saxutils import escape

from emulator.ministack import Answer, ServiceHandler
from emulator.model import Distribution

PATH = "/2020-05-31/conflicting-alias"
NAMESPACE = "http://cloudfront.amazonaws.com/doc/2020-05-31/"
ACCOUNT = "000000000000"
SHOWN = 6
"""Characters of an id that are shown; AWS hides the others from everybody."""


def with_conflicting_aliases(
    cloudfront: ServiceHandler, distributions: Callable[[], Sequence[Distribution]]
) -> ServiceHandler:
    """CloudFront's API with that operation."""

    async def handle(
        method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, list[str]]
    ) -> Answer:
        if method != "GET" or path != PATH:
            return await cloudfront(method, path, headers, body, query)
        wanted = query["Alias"][0].lower()
        found = [(alias, one.id) for one in distributions() for alias in one.aliases if _overlap(alias, wanted)]
        items = "".join(
            f"<ConflictingAlias><Alias>{escape(alias)}</Alias><DistributionId>{_hidden(identifier)}</DistributionId>"
            f"<AccountId>{_hidden(ACCOUNT)}</AccountId></ConflictingAlias>"
            for alias, identifier in found
        )
        content = (
            f'<ConflictingAliasesList xmlns="{NAMESPACE}"><MaxItems>100</MaxItems><Quantity>{len(found)}</Quantity>'
            f"<Items>{items}</Items></ConflictingAliasesList>"
        )
        return 200, {"Content-Type": "text/xml"}, content.encode()

    return handle


def _overlap(one: str, other: str) -> bool:
    """The same, or one is a wildcard that covers the other."""
    return one == other or _covers(one, other) or _covers(other, one)


def _covers(wildcard: str, name: str) -> bool:
    return wildcard.startswith("*.") and name.endswith(wildcard[1:])


def _hidden(identifier: str) -> str:
    return "*" * (len(identifier) - SHOWN) + identifier[-SHOWN:]
