"""The REST APIs of GitHub and GitLab, for their jobs."""

import http.client
import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from typing import Any

from understudy_failover.contract.documentation import documentation
from understudy_failover.contract.printable import printable

TIMEOUT_SECONDS = 30
CHUNK_BYTES = 64 * 1024
PAGE_SIZE = 100
"""The limit of both."""

LIMIT_BYTES = 32 * 1024 * 1024
"""Limit of an answer; 100 comments of 65,536 characters are a fifth of it."""


class ForgeError(Exception):
    """A request failed; the text says why and how to fix it, and is printable."""

    def __init__(self, text: str) -> None:
        super().__init__(printable(text))


class Api:
    """A REST API with JSON."""

    def __init__(self, root: str, headers: Mapping[str, str], *, fix: str) -> None:
        """`fix` is the advice if the API refuses."""
        self._root = root.rstrip("/")
        self._headers = {"Content-Type": "application/json", "Accept": "application/json", **headers}
        self._fix = fix

    def call(self, method: str, path: str, document: Any = None) -> Any:
        """Return the answer. Raise ForgeError if the API refuses or cannot be reached."""
        data = None if document is None else json.dumps(document).encode()
        url = f"{self._root}/{path}"
        request = urllib.request.Request(url, data, dict(self._headers), method=method)  # noqa: S310 (the forge's own)
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310 (likewise)
                return json.loads(_read(answer))
        except urllib.error.HTTPError as error:
            with error:
                raise ForgeError(f"{method} {url}: {error.code} {error.reason}. {self._fix}") from None
        except (OSError, http.client.HTTPException, ValueError, RecursionError) as error:
            raise ForgeError(f"{method} {url}: {error}. Run the job again.") from None

    def field(self, path: str, name: str) -> Any:
        """Return the field `name` of an object. Raise ForgeError as `call`, or without the field."""
        answer = self.call("GET", path)
        if not isinstance(answer, dict) or name not in answer:
            raise ForgeError(f"GET {self._root}/{path}: the answer has no {name}. Run the job again.")
        return answer[name]

    def every(self, path: str) -> Iterator[Any]:
        """Yield all items of a list."""
        page = 1
        joint = "&" if "?" in path else "?"
        while True:
            items = self.call("GET", f"{path}{joint}per_page={PAGE_SIZE}&page={page}")
            if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
                raise ForgeError(f"{path}: the answer is not a list of objects. Run the job again.")
            yield from items
            if len(items) < PAGE_SIZE:
                return
            page += 1


def _read(answer: http.client.HTTPResponse) -> bytes:
    """Return the whole body. Raise ValueError beyond the size limit, TimeoutError after the deadline."""
    end = time.monotonic() + TIMEOUT_SECONDS
    body = bytearray()
    while piece := answer.read1(CHUNK_BYTES):
        body += piece
        if len(body) > LIMIT_BYTES:
            raise ValueError(f"the answer is longer than {LIMIT_BYTES:,} bytes")
        if time.monotonic() > end:
            raise TimeoutError(f"no complete answer within {TIMEOUT_SECONDS} s")
    return bytes(body)


def github_api(environment: Mapping[str, str]) -> Api:
    """Return the API of the job's repository. https://docs.github.com/en/rest"""
    return Api(
        f"{required(environment, 'GITHUB_API_URL')}/repos/{required(environment, 'GITHUB_REPOSITORY')}",
        {"Authorization": f"Bearer {required(environment, 'GITHUB_TOKEN')}", "X-GitHub-Api-Version": "2022-11-28"},
        fix=f"Give the job the `permissions` of the workflow in this repository ({documentation('pipelines')}).",
    )


def gitlab_api(environment: Mapping[str, str], path: str = "") -> Api:
    """Return the API below `path`. https://docs.gitlab.com/api/rest/"""
    return Api(
        f"{required(environment, 'CI_API_V4_URL')}{path}",
        {"PRIVATE-TOKEN": required(environment, "GITLAB_TOKEN")},
        fix="GITLAB_TOKEN needs the scopes `api` and `write_repository`, and the role Developer in this project.",
    )


def required(environment: Mapping[str, str], name: str) -> str:
    """Return a variable that must be set. Raise ForgeError without it."""
    value = environment.get(name, "")
    if not value:
        raise ForgeError(f"{name} is not set ({documentation('pipelines')})")
    return value
