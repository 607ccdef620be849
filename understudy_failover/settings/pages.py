"""The tables of failover.toml about the maintenance page: [page] for all hosts, [[pages]] for some of them."""

import re
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from understudy_failover.settings.aws_values import BadValueError, check_host_name
from understudy_failover.settings.hsts import check_hsts
from understudy_failover.settings.keys import Key
from understudy_failover.settings.page_folder import PageFolder
from understudy_failover.settings.tables import Table, surroundings

Language = Literal["en", "ja", "de", "fr", "es", "it", "pt", "nl", "pl", "zh-Hans", "ko", "ar"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
"""Those that the page knows: one file each in maintenance_site/locales."""

DEFAULT = "default"
"""Name of the folder with texts and logo of [page]."""

LIGHT_CARD, DARK_CARD = "#ffffff", "#1d2026"
"""What the accent colours stand on: --card of maintenance_site/page.css."""
LEAST_CONTRAST = 4.5
"""https://www.w3.org/TR/WCAG22/#contrast-minimum"""


TLS_POLICIES = ("TLSv1.2_2021", "TLSv1.2_2025")
"""https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/secure-connections-supported-viewer-protocols-ciphers.html"""


def _check_tls_policy(value: str) -> str:
    if value == "TLSv1.3_2025":
        raise BadValueError(
            "turns away clients without TLS 1.3; your servers accept them, as Route 53's health checkers speak "
            "TLS 1.2 at most",
            f"use {TLS_POLICIES[-1]}, which agrees on TLS 1.3 where a client can",
        )
    if value not in TLS_POLICIES:
        raise BadValueError("is no security policy that the page can have", f"use {' or '.join(TLS_POLICIES)}")
    return value


def contrast(first: str, other: str) -> float:
    """Contrast ratio, 1 to 21, of two colours `#rrggbb`. https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio"""

    def luminance(colour: str) -> float:
        parts = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    dark, light = sorted((luminance(first), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _accent(card: str, fix: str) -> AfterValidator:
    def check(value: str) -> str:
        colour = value.lower()
        if not re.fullmatch(r"#[0-9a-f]{6}", colour):
            raise BadValueError("is not a colour", 'write it like "#b45309"')
        if (ratio := contrast(colour, card)) < LEAST_CONTRAST:
            raise BadValueError(
                f"has a contrast of {ratio:.1f}:1 on the page's {card}, too little for many people", fix
            )
        return colour

    return AfterValidator(check)


def _status_page(value: str) -> str:
    match = re.fullmatch(r"https://([^/:?#]+)(:\d+)?([/?#][!-~]*)?", value)
    if not match or not value.isascii() or re.search(r"[\s\"<>]", value):
        raise BadValueError("is not an https:// address", 'write it like "https://status.example.net/"')
    check_host_name(match[1])
    return value


LANGUAGE_KEY = Key(
    "Language of `title` and `message`, and of the page for browsers that name none of `languages`.",
    allowed=", ".join(LANGUAGES),
    example='"en"',
)
LanguageOfTexts = Annotated[Language, LANGUAGE_KEY]
SERVICE_KEY = Key(
    "Name of the service, above the heading; alternative text of a logo.",
    allowed="up to 60 characters in one line",
    example='"Example Shop"',
)
Service = Annotated[str, Field(max_length=60, pattern=r"^\P{Cc}*$"), SERVICE_KEY]
Title = Annotated[
    str | None,
    Field(min_length=1, max_length=80, pattern=r"^\P{Cc}*$"),
    Key(
        "Heading and window title in `language`; other languages keep the default, or that of the page's folder.",
        allowed="1 to 80 characters in one line",
        example='"Down for maintenance"',
        default="ours, for planned work and for an outage",
    ),
]
Message = Annotated[
    str | None,
    Field(min_length=1, max_length=600, pattern=r"^[\P{Cc}\n]*$"),
    Key(
        "Text below it, likewise, for planned work and for an outage.",
        allowed="1 to 600 characters; line ends are kept",
        example='"We will be back shortly."',
        default="ours, for planned work and for an outage",
    ),
]
CONTACT_KEY = Key(
    "Where to ask, as plain text; empty leaves it out.",
    allowed="up to 200 characters in one line",
    example='"Questions: help@example.com"',
)
Contact = Annotated[str, Field(max_length=200, pattern=r"^\P{Cc}*$"), CONTACT_KEY]
STATUS_PAGE_KEY = Key(
    "Address of your status page, linked from the page; empty leaves it out.",
    allowed="an https:// address on a host that does not fail over",
    example='"https://status.example.net/"',
)
StatusPage = Annotated[
    str, Field(max_length=200), AfterValidator(lambda value: _status_page(value) if value else value), STATUS_PAGE_KEY
]
ACCENT_KEY = Key(
    "Colour of drawing and links in the light scheme.", allowed='"#rrggbb", dark enough', example='"#b45309"'
)
Accent = Annotated[str, _accent(LIGHT_CARD, "choose a darker one: 4.5:1 or more"), ACCENT_KEY]
ACCENT_DARK_KEY = Key("The same in the dark scheme.", allowed='"#rrggbb", light enough', example='"#f0b35a"')
AccentDark = Annotated[str, _accent(DARK_CARD, "choose a lighter one: 4.5:1 or more"), ACCENT_DARK_KEY]


RETRY_AFTER_FLOOR_SECONDS = 120
"""libcurl keeps a connection for 118 s (CURLOPT_MAXAGE_CONN): whoever comes back sooner meets the page on it.

https://curl.se/libcurl/c/CURLOPT_MAXAGE_CONN.html
"""


class Page(Table):
    """The maintenance page. Texts of other languages and a logo lie in `pages/default/` beside this file."""

    language: LanguageOfTexts = "en"
    languages: Annotated[
        tuple[Language, ...],
        Field(min_length=1),
        Key("Languages offered.", allowed="a list of these", example='["en", "ja"]', default="all twelve"),
    ] = LANGUAGES
    service: Service = ""
    title: Title = None
    message: Message = None
    contact: Contact = ""
    status_page: StatusPage = ""
    accent: Accent = "#b45309"
    accent_dark: AccentDark = "#f0b35a"
    retry_after_seconds: Annotated[
        int,
        Field(strict=True, ge=10, le=86_400),
        Key(
            "Seconds after which clients should retry (Retry-After), if no end of the work is known. Below 120, "
            "with a warning, `curl --retry` returns to the page: libcurl keeps a connection for 118 s. Programs "
            "other than browsers and crawlers get 600 at most: pip, got and others wait in silence.",
            allowed="a whole number from 10 to 86400 (a day)",
            example="120",
        ),
    ] = 120
    strict_transport_security: Annotated[
        str,
        AfterValidator(check_hsts),
        Key(
            "The Strict-Transport-Security header of your servers, word for word. Browsers obey the last one they "
            "saw, so never set more; empty sends none.",
            allowed="max-age, and if your servers send them includeSubDomains and preload, in any order",
            example='"max-age=31536000"',
        ),
    ] = ""
    tls_policy: Annotated[
        str,
        AfterValidator(_check_tls_policy),
        Key(
            "CloudFront's security policy: TLS versions and ciphers. Each policy uses TLS 1.3 with clients that "
            "can, and post-quantum key exchange.",
            allowed=" or ".join(TLS_POLICIES),
            example='"TLSv1.2_2025"',
        ),
    ] = TLS_POLICIES[0]
    folder: PageFolder = Field(default=PageFolder(), validate_default=True)  # set below

    @field_validator("folder", mode="before")
    @classmethod
    def _from_folder(cls, value: object, info: ValidationInfo) -> object:
        return _folder(value, DEFAULT, info)


class HostPage(Table):
    """A page of their own for some hosts; what it leaves out is as in [page]. Its folder is `pages/<name>/`."""

    name: Annotated[
        str,
        Field(pattern=r"^[a-z]([a-z0-9-]{0,30}[a-z0-9])?$"),
        Key(
            "Name of the page, and of its folder with texts and logo.",
            allowed='1 to 32 of a–z, 0–9 and -, beginning with a letter, not ending in -; not "default"',
            example='"shop"',
        ),
    ]
    hosts: Annotated[
        tuple[str, ...],
        Field(min_length=1),
        Key(
            "Host names that show it.",
            allowed="host names from [[servers]], written the same, each in one page",
            example='["shop.example.com"]',
        ),
    ]
    language: Annotated[LanguageOfTexts | None, LANGUAGE_KEY] = None
    service: Annotated[Service | None, SERVICE_KEY] = None
    title: Title = None
    message: Message = None
    contact: Annotated[Contact | None, CONTACT_KEY] = None
    status_page: Annotated[StatusPage | None, STATUS_PAGE_KEY] = None
    accent: Annotated[Accent | None, ACCENT_KEY] = None
    accent_dark: Annotated[AccentDark | None, ACCENT_DARK_KEY] = None
    folder: PageFolder = Field(default=PageFolder(), validate_default=True)  # set below

    @field_validator("name")
    @classmethod
    def _not_default(cls, value: str) -> str:
        if value == DEFAULT:
            raise BadValueError("is the name of [page]", "choose another one")
        return value

    @field_validator("folder", mode="before")
    @classmethod
    def _from_folder(cls, value: object, info: ValidationInfo) -> object:
        return _folder(value, info.data.get("name", ""), info)

    def over(self, page: Page) -> Page:
        """`page` with what this one says in its place."""
        own = {name: getattr(self, name) for name in type(self).model_fields if name not in {"name", "hosts", "folder"}}
        changes: dict[str, Any] = {name: value for name, value in own.items() if value is not None}
        # Words in one language do not answer for another one.
        if changes.get("language", page.language) != page.language:
            changes = {"title": None, "message": None} | changes
        return page.model_copy(update=changes | {"folder": self.folder.over(page.folder)})


def _folder(value: object, name: str, info: ValidationInfo) -> object:
    if isinstance(value, PageFolder) and value != PageFolder():
        return value
    if value is not None and not isinstance(value, PageFolder):
        raise BadValueError("is not a key", "remove it")
    return surroundings(info).page_folders.get(name, PageFolder()) if info.context else PageFolder()
