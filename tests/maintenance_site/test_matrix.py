"""The deployed functions, in a real JavaScript runtime behind real TLS: every combination gets its 503."""

import itertools
import random
from collections.abc import Iterator

from tests.maintenance_site.deployment import Deployment
from tests.maintenance_site.expected import Wanted, faults

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
PATHS = {
    "/": "",
    "/index.html": "",
    "/error.html": "",
    "/web/ja.html": "",
    "/a/deep/path/without/end.php?with=a&query=b&with=c": "",
    "/caf%C3%A9/%2e%2e/a%20b;c=d": "",
    "/%E2%82%AC/%00/%ff": "",
    "/../../a//b/./c": "",
    "//": "",
    "/" + "x" * 8_000: "",
    "/?" + "q=1&" * 2_000: "",
    "/robots.txt": "small",
    "/favicon.ico?v=2": "small",
    "/sitemap.xml": "small",
    "/apple-touch-icon-precomposed.png": "small",
    "/.well-known/acme-challenge/token": "small",
    "/x/robots.txt": "",
}
"""Path → the form that it forces."""
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
ACCEPT = {
    "": "txt",
    "*/*": "txt",
    BROWSER: "html",
    "TEXT/HTML": "html",
    "application/json": "json",
    "application/json, text/plain, */*": "json",
    "application/vnd.api+json": "json",
    "application/problem+json;q=0.5, text/html;q=0.4": "json",
    "application/json;q=0.1, text/html;q=0.9": "html",
    "text/html;q=0, */*": "txt",
    "text/plain": "txt",
    "text/*": "txt",
    "image/avif,image/webp,*/*;q=0.8": "txt",
    "text/event-stream": "txt",
    ";;q=x,,/,=": "txt",
}
"""Accept → form; empty sends none."""
LANGUAGES = {
    "": "",
    "ja": "ja",
    "JA-jp": "ja",
    "de-AT,de;q=0.9,en;q=0.8": "de",
    "pt-BR": "pt",
    "zh-TW,zh;q=0.9": "zh-Hans",
    "zh-Hans-CN": "zh-Hans",
    "ar-EG": "ar",
    "sv, fr;q=0.3": "fr",
    "sv": "",
    "en;q=0.1, ko;q=0.9": "ko",
    "*": "",
    "ja;q=0, pl": "pl",
    "x" * 200 + ",,;q=": "",
}
"""Accept-Language → language; empty is the page's own."""
CONDITIONS: tuple[dict[str, str], ...] = (
    {},
    {"If-None-Match": "*"},
    {"If-None-Match": '"x"', "If-Modified-Since": "Thu, 01 Jan 2099 00:00:00 GMT"},
    {"If-Match": '"x"', "If-Unmodified-Since": "Sat, 01 Jan 2000 00:00:00 GMT"},
    {"Range": "bytes=0-3"},
    {"Range": "bytes=9999999-", "If-Range": '"x"'},
)
HOSTS = {"www.example.com": "en", "shop.example.com": "ja", "any.example.org": "ar"}
"""Host → the language of its page."""


def combinations() -> Iterator[Wanted]:
    """Yield all methods × Accept × Accept-Language and all methods × paths × conditions, the other axes in turn."""
    paths, conditions, hosts = itertools.cycle(PATHS), itertools.cycle(CONDITIONS), itertools.cycle(HOSTS)
    for method, accept, language in itertools.product(METHODS, ACCEPT, LANGUAGES):
        yield _wanted((next(hosts), method, next(paths), accept, language), next(conditions))
    accepts, languages = itertools.cycle(ACCEPT), itertools.cycle(LANGUAGES)
    for method, path, condition in itertools.product(METHODS, PATHS, CONDITIONS):
        yield _wanted((next(hosts), method, path, next(accepts), next(languages)), condition)


def _wanted(axes: tuple[str, str, str, str, str], condition: dict[str, str]) -> Wanted:
    host, method, path, accept, language = axes
    named = {"Accept": accept, "Accept-Language": language}
    headers = {name: value for name, value in named.items() if value} | condition
    form = PATHS[path] or ACCEPT[accept]
    return Wanted(host, method, path, headers, form, LANGUAGES[language] or HOSTS[host])


def _faults_of(deployed: Deployment, wanted: Wanted) -> list[str]:
    response = deployed.ask(wanted.host, wanted.method, wanted.path, wanted.headers)
    asked = f"{wanted.host} {wanted.method} {wanted.path[:60]} {wanted.headers}"
    return [f"{asked}: {fault}" for fault in faults(wanted, response, deployed.settings)]


def test_every_combination_gets_a_503_in_the_form_and_language_that_was_asked_for(deployed: Deployment) -> None:
    every = list(combinations())
    assert len({str(wanted) for wanted in every}) >= 1_000
    assert [fault for wanted in every for fault in _faults_of(deployed, wanted)] == []


def test_fuzzed_requests_get_nothing_but_a_well_formed_503(deployed: Deployment) -> None:
    """Form and language are not foretold here, but nothing may come that no rule allows."""
    chance = random.Random(503)  # noqa: S311 (the same requests on every run)
    pieces = [
        "text/html",
        "*/*",
        "application/",
        "json",
        ";q=",
        "0",
        "1e9",
        "-1",
        ",",
        " ",
        "en",
        "zh-",
        "*",
        "é",
        "\\",
        '"',
    ]
    unreserved = [chr(code) for code in range(33, 127)]
    wrong = []
    for _ in range(300):
        method = chance.choice(METHODS)
        path = "/" + "".join(chance.choices(unreserved, k=chance.randrange(40))).replace("#", "%23")
        names = chance.sample(["Accept", "Accept-Language", "Origin", "Range", "Cookie", "Content-Type"], 3)
        headers = {name: "".join(chance.choices(pieces, k=chance.randrange(12))).strip() for name in names}
        latin = {name: value.encode().decode("latin-1") for name, value in headers.items()}
        response = deployed.ask("www.example.com", method, path, latin)
        body = response.body.decode("utf-8")
        kind = response.headers.get("content-type", "")
        whole = {"text/html": body.endswith("</html>\n"), "text/plain": body.endswith("\n")}
        ends = whole.get(kind.partition(";")[0], body.endswith("}\n")) or (method == "HEAD" and not body)
        if response.status != 503 or response.headers.get("x-maintenance") != "1" or not ends:
            wrong.append((method, path, headers, response.status, body[:80]))
    assert wrong == []
