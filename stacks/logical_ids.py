"""Construct ids from the names in failover.toml."""

import hashlib
import re
from collections.abc import Collection

from constructs import Construct


def pascal_case(name: str) -> str:
    """`www.example.com` → `Www.Example.Com`, `*.example.org` → `*Any.Example.Org`, `web-1` → `Web-1`.

    The separators stay on purpose. CDK leaves them out of the readable part of a logical id
    (`WwwExampleCom…`) and in the hash behind it, so that `a-b.example.com` and `a.b.example.com`, or
    `*.example.org` and `any.example.org`, cannot meet; and an id depends on nothing but its own name.
    """
    return re.sub(r"[a-z0-9]+", lambda word: word.group().capitalize(), name).replace("*", "*Any")


def free_id(scope: Construct, id_: str, name: str, *, reserved: Collection[str] = ()) -> str:
    """Return `id_`, or where `scope` has that id already, one with a digest of `name` behind it.

    `reserved` are ids that `scope` will have.

    So only a construct that could not have been made at all gets another id, and none that is deployed moves.
    """
    if id_ not in reserved and scope.node.try_find_child(id_) is None:
        return id_
    return f"{id_}.{hashlib.sha256(name.encode()).hexdigest()[:8]}"
