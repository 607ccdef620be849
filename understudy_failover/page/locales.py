"""The built-in texts of the page by language: `locales/LANGUAGE.toml`."""

import tomllib
from dataclasses import dataclass
from functools import cache

from understudy_failover.page.sources import SOURCES
from understudy_failover.settings import Page, State

FOLDER = SOURCES / "locales"


@dataclass(frozen=True)
class Words:
    """Heading and message of the page in a state."""

    title: str
    message: str


@dataclass(frozen=True)
class Locale:
    """The texts of a language, as plain text."""

    language: str
    """Tag for HTML's `lang`."""
    direction: str
    """`ltr` or `rtl`."""
    until: str
    """Text before the announced end of planned work."""
    late: str
    """Text after that end."""
    unsent: str
    """After the heading of a response to a form or another request that is no GET: it did not arrive."""
    retry: str
    status_page: str
    checking: str
    stopped: str
    stop: str
    start: str
    planned: Words
    unplanned: Words

    def words(self, state: State) -> Words:
        return self.planned if state == "planned" else self.unplanned


@cache
def locale(language: str) -> Locale:
    table = tomllib.loads((FOLDER / f"{language}.toml").read_text(encoding="utf-8"))
    planned, unplanned = (Words(**table.pop(state)) for state in ("planned", "unplanned"))
    return Locale(language, **table, planned=planned, unplanned=unplanned)


def page_words(page: Page, language: str, state: State) -> Words:
    """Return the texts of `page`: those in its folder, else its title and message, else the built-in texts."""
    built_in, own = locale(language).words(state), page.folder.words(language, state)
    title, message = (page.title, page.message) if language == page.language else (None, None)
    return Words(own.title or title or built_in.title, (own.message or message or built_in.message).strip())
