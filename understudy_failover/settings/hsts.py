"""The Strict-Transport-Security header (RFC 6797, section 6.1)."""

import re

from understudy_failover.settings.aws_values import BadValueError

MAX_AGE = re.compile(r'"?[0-9]{1,10}"?')
FLAGS = {"includesubdomains", "preload"}
FIX = "copy what your server sends: curl -sI https://HOST/ | grep -i strict-transport-security"


def directives(header: str) -> dict[str, str]:
    """Return values without quotes by directive in lower case. Raise ValueError with the reason for a wrong header."""
    directives_by_name: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in header.split(";"))):
        name, separator, value = (text.strip() for text in part.partition("="))
        name = name.lower()
        if name in directives_by_name:
            raise ValueError(f"names {name} twice")
        if name == "max-age":
            if not MAX_AGE.fullmatch(value):
                raise ValueError("has a max-age that is no number of seconds")
        elif name not in FLAGS or separator:
            raise ValueError(f"has {part}, which is no directive of it")
        directives_by_name[name] = value.strip('"')
    if directives_by_name and "max-age" not in directives_by_name:
        raise ValueError("has no max-age")
    return directives_by_name


def check_hsts(value: str) -> str:
    """Return `value` if it is such a header."""
    try:
        if not value.isascii() or not value.isprintable():
            raise ValueError("holds characters that no header may hold")
        if value and not directives(value):
            raise ValueError("has no max-age")
    except ValueError as error:
        raise BadValueError(str(error), FIX) from None
    return value
