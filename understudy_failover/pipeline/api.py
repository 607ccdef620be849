"""The REST APIs of GitHub and GitLab, as a job of theirs may ask them."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from typing import Any

TIMEOUT_SECONDS = 30
PAGE_SIZE = 100
"""The most that both give at once."""


class ForgeError(Exception):
    """It could not be asked; the text says what and how to mend it."""


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
                return json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                raise ForgeError(f"{method} {url}: {error.code} {error.reason}. {self._mend}") from None
        except (OSError, ValueError) as error:
            raise ForgeError(f"{method} {url}: {error}. Run the job again.") from None

    def every(self, path: str) -> Iterator[Any]:
        """All items of a list, page by page."""
        page = 1
        joint = "&" if "?" in path else "?"
        while items := self.call("GET", f"{path}{joint}per_page={PAGE_SIZE}&page={page}"):
            yield from items
            if len(items) < PAGE_SIZE:
                return
            page += 1


def github_api(environment: Mapping[str, str]) -> Api:
    """Of the job's repository. https://docs.github.com/en/rest"""
    return Api(
        f"{environment['GITHUB_API_URL']}/repos/{environment['GITHUB_REPOSITORY']}",
        {"Authorization": f"Bearer {given(environment, 'GITHUB_TOKEN')}", "X-GitHub-Api-Version": "2022-11-28"},
        mend="Does the job have the `permissions` that the workflow here gives it (docs/pipelines.md)?",
    )


def gitlab_api(environment: Mapping[str, str], path: str = "") -> Api:
    """All of it, or what is below `path`. https://docs.gitlab.com/api/rest/"""
    return Api(
        f"{environment['CI_API_V4_URL']}{path}",
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
