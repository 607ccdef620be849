"""The REST APIs of GitHub and GitLab, as a job of theirs may ask them."""

import http.client
import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from typing import Any

from understudy_failover.contract.printable import printable

TIMEOUT_SECONDS = 30
CHUNK_BYTES = 64 * 1024
PAGE_SIZE = 100
"""The most that both give at once."""


LIMIT_BYTES = 32 * 1024 * 1024
"""Of an answer: 100 comments of 65,536 characters are a fifth of it."""


class ForgeError(Exception):
    """It could not be asked; the text says what and how to mend it, and is printable."""

    def __init__(self, text: str) -> None:
        super().__init__(printable(text))


class Api:
    """One REST API that speaks JSON."""

    def __init__(self, root: str, headers: Mapping[str, str], *, mend: str) -> None:
        """`mend` is what to do when it refuses."""
        self._root = root.rstrip("/")
        self._headers = {"Content-Type": "application/json", "Accept": "application/json", **headers}
        self._mend = mend

    def call(self, method: str, path: str, document: Any = None) -> Any:
        """What it answers.

        Raises:
            ForgeError: it refuses, or cannot be reached.
        """
        data = None if document is None else json.dumps(document).encode()
        url = f"{self._root}/{path}"
        request = urllib.request.Request(url, data, dict(self._headers), method=method)  # noqa: S310 (the forge's own)
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310 (likewise)
                return json.loads(_read(answer))
        except urllib.error.HTTPError as error:
            with error:
                raise ForgeError(f"{method} {url}: {error.code} {error.reason}. {self._mend}") from None
        except (OSError, http.client.HTTPException, ValueError, RecursionError) as error:
            raise ForgeError(f"{method} {url}: {error}. Run the job again.") from None

    def field(self, path: str, name: str) -> Any:
        """What an object has under `name`.

        Raises:
            ForgeError: as `call`, or it has none.
        """
        found = self.call("GET", path)
        if not isinstance(found, dict) or name not in found:
            raise ForgeError(f"GET {self._root}/{path}: the answer has no {name}. Run the job again.")
        return found[name]

    def every(self, path: str) -> Iterator[Any]:
        """All items of a list, page by page."""
        page = 1
        joint = "&" if "?" in path else "?"
        while True:
            items = self.call("GET", f"{path}{joint}per_page={PAGE_SIZE}&page={page}")
            if not isinstance(items, list) or not all(isinstance(one, dict) for one in items):
                raise ForgeError(f"{path}: the answer is no list of objects. Run the job again.")
            yield from items
            if len(items) < PAGE_SIZE:
                return
            page += 1


def _read(answer: http.client.HTTPResponse) -> bytes:
    """The whole body, within one deadline and one limit."""
    end = time.monotonic() + TIMEOUT_SECONDS
    body = bytearray()
    while piece := answer.read1(CHUNK_BYTES):
        body += piece
        if len(body) > LIMIT_BYTES:
            raise ValueError(f"the answer is longer than {LIMIT_BYTES:,} bytes")
        if time.monotonic() > end:
            raise TimeoutError(f"no whole answer within {TIMEOUT_SECONDS} s")
    return bytes(body)


def github_api(environment: Mapping[str, str]) -> Api:
    """Of the job's repository. https://docs.github.com/en/rest"""
    return Api(
        f"{given(environment, 'GITHUB_API_URL')}/repos/{given(environment, 'GITHUB_REPOSITORY')}",
        {"Authorization": f"Bearer {given(environment, 'GITHUB_TOKEN')}", "X-GitHub-Api-Version": "2022-11-28"},
        mend="Does the job have the `permissions` that the workflow here gives it (docs/pipelines.md)?",
    )


def gitlab_api(environment: Mapping[str, str], path: str = "") -> Api:
    """All of it, or what is below `path`. https://docs.gitlab.com/api/rest/"""
    return Api(
        f"{given(environment, 'CI_API_V4_URL')}{path}",
        {"PRIVATE-TOKEN": given(environment, "GITLAB_TOKEN")},
        mend="GITLAB_TOKEN wants the scopes `api` and `write_repository`, and the role Developer in this project.",
    )


def given(environment: Mapping[str, str], name: str) -> str:
    """A variable that somebody has to set.

    Raises:
        ForgeError: nobody has.
    """
    value = environment.get(name, "")
    if not value:
        raise ForgeError(f"{name} is not set (docs/pipelines.md)")
    return value
