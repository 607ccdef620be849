"""The page's own words in each language: `locales/LANGUAGE.toml`."""

import tomllib
from dataclasses import dataclass
from functools import cache

from understudy_failover.page.sources import SOURCES
from understudy_failover.settings import Page, State

FOLDER = SOURCES / "locales"


@dataclass(frozen=True)
class Words:
    """Heading and message of the page in one state."""

    title: str
    message: str


@dataclass(frozen=True)
class Locale:
    """One language; plain text throughout."""

    language: str
    """Tag as HTML's `lang` takes it."""
    direction: str
    """`ltr` or `rtl`."""
    until: str
    """Before the announced end of planned work."""
    late: str
    """When that has passed."""
    unsent: str
    """After the heading of every answer to a form, or to another request that is no GET: it did not arrive."""
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
    """The words of a language of `settings.LANGUAGES`."""
    table = tomllib.loads((FOLDER / f"{language}.toml").read_text(encoding="utf-8"))
    planned, unplanned = (Words(**table.pop(state)) for state in ("planned", "unplanned"))
    return Locale(language, **table, planned=planned, unplanned=unplanned)


def page_words(page: Page, language: str, state: State) -> Words:
    """What `page` says: the words in its folder, else its title and message, else ours."""
    ours, own = locale(language).words(state), page.folder.words(language, state)
    title, message = (page.title, page.message) if language == page.language else (None, None)
    return Words(own.title or title or ours.title, (own.message or message or ours.message).strip())
