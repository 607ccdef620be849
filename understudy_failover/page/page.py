"""One page as HTML and as plain text."""

import base64
import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from html import escape
from string import Template

from understudy_failover.page.locales import locale, page_words
from understudy_failover.page.sources import SOURCES
from understudy_failover.settings import Page, State


@dataclass(frozen=True)
class Window:
    """Planned work, as `maintenance on` declares it."""

    ends_at: datetime | None = None
    """With a time zone; None without an announced end."""

    @property
    def ends_at_text(self) -> str:
        """RFC 3339 in UTC, to the second; empty without an end."""
        return self.ends_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if self.ends_at else ""

    @property
    def ends_at_in_words(self) -> str:
        """The end in UTC as pages show it; empty without an end."""
        return self.ends_at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC") if self.ends_at else ""


_BLANKS = re.compile(
    r"(?P<text>'[^'\n]*'|`[^`]*`)|\s*(?P<close>})| *(?P<open>{)\s*| *(?P<mark>=>|[-+*/%<>=!&|?:;,()\[\]]) *"
)


@cache
def html(page: Page, language: str, window: Window | None = None) -> str:
    """Return the page in a language: HTML that loads nothing else. `window` None is an outage."""
    state: State = "planned" if window else "unplanned"
    own, words = locale(language), page_words(page, language, state)
    return Template(_read("page.html")).substitute(
        language=language,
        direction=own.direction,
        title=escape(words.title),
        message=escape(words.message),
        head=_head(page),
        until=_until(window, own.until, own.late),
        contact=f'<p class="contact">{escape(page.contact)}</p>\n' if page.contact else "",
        status_page=f'<a href="{escape(page.status_page)}">{escape(own.status_page)}</a>' if page.status_page else "",
        retry=escape(own.retry),
        checking=escape(own.checking),
        stopped=escape(own.stopped),
        stop=escape(own.stop),
        start=escape(own.start),
        colours=colours(page),
        style=style(),
        script=script(),
    )


@cache
def plain(page: Page, language: str, window: Window | None = None) -> str:
    own, words = locale(language), page_words(page, language, "planned" if window else "unplanned")
    until = f"{own.until} {window.ends_at_in_words}" if window and window.ends_at else ""
    status_page = f"{own.status_page}: {page.status_page}" if page.status_page else ""
    parts = (words.title, words.message, until, page.contact, status_page)
    return "\n\n".join(part for part in parts if part) + "\n"


@cache
def style() -> str:
    return _smaller(_read("page.css"))


@cache
def colours(page: Page) -> str:
    """Return the style sheet of the page's colors."""
    return _smaller(Template(_read("colours.css")).substitute(accent=page.accent, accent_dark=page.accent_dark))


@cache
def script() -> str:
    return re.sub(r"(?<=[{};,])\n", "", smaller_javascript(_read("page.js")))


def smaller_javascript(code: str) -> str:
    """Return JavaScript without comment lines, indentation, and blanks beside punctuation.

    No text may hold its own quotation mark, and no template another template.
    """
    lines = (line.strip() for line in code.splitlines())
    whole = "\n".join(line for line in lines if line and not line.startswith("//"))
    return _BLANKS.sub(lambda match: next(filter(None, match.groups())), whole)


def digest(text: str) -> str:
    """Return the source expression of Content-Security-Policy for a style sheet or script."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _head(page: Page) -> str:
    if page.folder.logo:
        # For screen readers: the name of the service, or nothing.
        spoken = f'role="img" aria-label="{escape(page.service)}"' if page.service else 'aria-hidden="true"'
        return page.folder.logo.replace("<svg", f"<svg {spoken}", 1) + "\n"
    service = f'<p class="service">{escape(page.service)}</p>\n' if page.service else ""
    return _read("drawing.svg") + service


def _until(window: Window | None, until: str, late: str) -> str:
    if not window or not window.ends_at:
        return ""
    time = f'<time datetime="{window.ends_at_text}">{window.ends_at_in_words}</time>'
    return f'<p class="until">{escape(until)} {time}</p>\n<p class="late" hidden>{escape(late)}</p>\n'


def _smaller(css: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"\s*([{}:;,])\s*", r"\1", css)).replace(";}", "}").strip()


@cache
def _read(name: str) -> str:
    return (SOURCES / name).read_text(encoding="utf-8")
