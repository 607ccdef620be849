"""Construct ids from the names in failover.toml."""

import re


def pascal_case(name: str) -> str:
    """`www.example.com` → `Www.Example.Com`, `*.example.org` → `*Any.Example.Org`, `web-1` → `Web-1`.

    The separators stay on purpose. CDK leaves them out of the readable part of a logical id
    (`WwwExampleCom…`) and in the hash behind it, so that `a-b.example.com` and `a.b.example.com`, or
    `*.example.org` and `any.example.org`, cannot meet; and an id depends on nothing but its own name.
    """
    return re.sub(r"[a-z0-9]+", lambda word: word.group().capitalize(), name).replace("*", "*Any")
