"""Whatever a viewer sends, the edge answers a page of ours, and nothing of the request becomes markup or a path."""

import random
import string
from collections.abc import Iterator
from typing import Any

import pytest

from benchmarks.edge_work import odd_requests
from tests.maintenance_site.edge import Edge, headers, texts
from understudy_failover.page import CONTENT_TYPES, site_objects
from understudy_failover.settings import Settings

pytestmark = pytest.mark.usefixtures("processes")

REQUESTS = 6_000
SEED = 61
ODD = (
    "",
    "<script>",
    "../../",
    "%0d%0aSet-Cookie:a=b",
    "__proto__",
    "constructor",
    "https://x.example",
    "null",
    "\u2028",
)
LETTERS = string.ascii_letters + string.punctuation
MORE = ("origin", "access-control-request-method", "access-control-request-headers", "user-agent", "range", "cookie")
REFLECTED = {"access-control-allow-origin", "access-control-allow-methods", "access-control-allow-headers"}
"""Headers that say again what the request said: for the page of that origin alone, and no answer is secret."""


def _requests() -> Iterator[dict[str, Any]]:
    """Those of the benchmark, with other headers, paths and methods beside."""
    chance = random.Random(SEED)  # noqa: S311 (the same requests every time)

    def odd() -> str:
        return chance.choice(ODD) + "".join(chance.choices(LETTERS, k=chance.choice([0, 3, 300])))

    for case in odd_requests(REQUESTS):
        request = case["request"]
        chosen = chance.sample(MORE, chance.randrange(len(MORE)))
        request["headers"] |= headers({name: odd() for name in chosen})
        request["method"] = chance.choice([request["method"], "PUT", "DELETE", "PATCH", "OPTIONS"])
        request["uri"] = chance.choice([request["uri"], "/robots.txt", "/.well-known/", f"/{odd()}"])
        request["querystring"] = chance.choice([{}, {odd(): {"value": odd()}}])
        yield request


def test_6_000_odd_requests_get_pages_of_ours(node: Edge, sample_settings: Settings) -> None:
    objects = {f"/{site_object.key}" for site_object in site_objects(sample_settings)}
    bodies: set[str] = set()
    types: set[str] = set()
    names: set[str] = set()
    for request in _requests():
        method = request["method"]
        answer = node.request(sample_settings, **{**request, "headers": texts(request)})
        if "statusCode" not in answer:
            assert method in {"GET", "HEAD"}
            assert answer["uri"] in objects
            assert answer["querystring"] == {}
            continue
        assert answer["statusCode"] in ({204} if method == "OPTIONS" else set()) | {503}
        said = texts(answer)
        names |= said.keys()
        types |= {said["content-type"]} if "content-type" in said else set()
        bodies |= {answer["body"]["data"]} if "body" in answer else set()
        for name in REFLECTED & said.keys():
            asked = (
                name.replace("allow-origin", "origin").replace("-allow-", "-request-").replace("-methods", "-method")
            )
            assert said[name] in texts(request)[asked.removeprefix("access-control-") if "origin" in asked else asked]
    # As many as there are languages, forms and waiting times: none has anything of a request in it.
    assert 2 < len(bodies) < 60
    assert not [body for body in bodies if "script" in body or "example.com" in body]
    assert types <= {*CONTENT_TYPES.values(), "text/plain; charset=utf-8"}
    assert "set-cookie" not in names
    assert "location" not in names
