"""Construct ids and physical names from the names in failover.toml."""

import hashlib
import re
from collections.abc import Collection

from constructs import Construct


def pascal_case(name: str) -> str:
    """Return `Www.Example.Com` for `www.example.com`, `*Any.Example.Org` for `*.example.org`, `Web-1` for `web-1`.

    The separators stay on purpose. The CDK omits them from the readable part of a logical id (`WwwExampleCom…`) but not
    from its hash. So `a-b.example.com` and `a.b.example.com` do not collide, and an id depends only on its own name.
    """
    return re.sub(r"[a-z0-9]+", lambda word: word.group().capitalize(), name).replace("*", "*Any")


def free_id(scope: Construct, id_: str, name: str, *, reserved: Collection[str] = ()) -> str:
    """Return `id_`, or `id_` and a digest of `name` where `scope` has that id or `reserved` holds it.

    A deployed construct keeps its id: only a construct that could not exist at all gets another id.
    """
    if id_ not in reserved and scope.node.try_find_child(id_) is None:
        return id_
    return f"{id_}.{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def shorten(name: str, limit: int, separator: str) -> str:
    """Return `name`, or where it is longer than `limit` characters its beginning, the separator and its digest."""
    if len(name) <= limit:
        return name
    return f"{name[: limit - 9]}{separator}{hashlib.sha256(name.encode()).hexdigest()[:8]}"
