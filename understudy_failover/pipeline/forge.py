"""The pull request of GitHub, or merge request of GitLab, of a job: its labels and its comment."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from understudy_failover.pipeline.api import Api, github_api, gitlab_api, required

ACTIONS = "github-actions[bot]"
"""The author of comments with a job's GITHUB_TOKEN.

https://docs.github.com/en/actions/concepts/security/github_token
"""


@dataclass(frozen=True)
class Comment:
    """A comment that this pipeline may edit."""

    id: int
    body: str


class Request(Protocol):
    name: str
    """As on the forge: `#7`, `!7`."""

    def labels(self) -> frozenset[str]:
        """Return the current labels, not those at the creation of the job."""
        ...

    def comments(self) -> Iterator[Comment]: ...

    def write(self, body: str, comment: Comment | None) -> None:
        """Write `body` into the comment, or into a new comment."""
        ...


class PullRequest:
    """On GitHub. https://docs.github.com/en/rest/issues/comments"""

    def __init__(self, api: Api, number: int) -> None:
        self._api = api
        self._number = number
        self.name = f"#{number}"

    def labels(self) -> frozenset[str]:
        return frozenset(label["name"] for label in self._api.every(f"issues/{self._number}/labels"))

    def comments(self) -> Iterator[Comment]:
        for comment in self._api.every(f"issues/{self._number}/comments"):
            # The author's account may be deleted.
            author = comment["user"] or {}
            if (author.get("type"), author.get("login")) == ("Bot", ACTIONS):
                yield Comment(comment["id"], comment["body"] or "")

    def write(self, body: str, comment: Comment | None) -> None:
        if comment:
            self._api.call("PATCH", f"issues/comments/{comment.id}", {"body": body})
        else:
            self._api.call("POST", f"issues/{self._number}/comments", {"body": body})


class MergeRequest:
    """On GitLab. https://docs.gitlab.com/api/notes/#merge-requests"""

    def __init__(self, user: Api, project: Api, number: int) -> None:
        self._user = user
        self._project = project
        self._path = f"merge_requests/{number}"
        self.name = f"!{number}"

    def labels(self) -> frozenset[str]:
        return frozenset(self._project.field(self._path, "labels"))

    def comments(self) -> Iterator[Comment]:
        own = self._user.field("user", "id")
        for note in reversed(list(self._project.every(f"{self._path}/notes"))):
            if note["author"]["id"] == own:
                yield Comment(note["id"], note["body"])

    def write(self, body: str, comment: Comment | None) -> None:
        if comment:
            self._project.call("PUT", f"{self._path}/notes/{comment.id}", {"body": body})
        else:
            self._project.call("POST", f"{self._path}/notes", {"body": body})


@dataclass(frozen=True)
class Job:
    """The commit and request of a job; in a deploy, the request that merged the commit into the branch of the run."""

    commit: str
    request: Request | None
    proposed: bool
    """Not merged yet."""
    missing: str = ""
    """Why there is no request."""


def job(environment: Mapping[str, str]) -> Job | None:
    """Return the job of the CI's variables; None outside GitHub and GitLab. Raise ForgeError if its API fails."""
    if environment.get("GITHUB_ACTIONS") == "true":
        return _on_github(environment)
    if environment.get("GITLAB_CI") == "true":
        return _on_gitlab(environment)
    return None


def _on_github(environment: Mapping[str, str]) -> Job:
    """https://docs.github.com/en/actions/reference/workflows-and-actions/variables"""
    api = github_api(environment)
    commit = required(environment, "GITHUB_SHA")
    event = json.loads(Path(required(environment, "GITHUB_EVENT_PATH")).read_text(encoding="utf-8"))
    if proposed := event.get("pull_request"):
        return Job(proposed["head"]["sha"], PullRequest(api, proposed["number"]), proposed=True)
    merged = [
        PullRequest(api, pull["number"])
        for pull in api.every(f"commits/{commit}/pulls")
        # A tag can have the name of a branch; GITHUB_REF is unambiguous.
        if pull["merged_at"] and f"refs/heads/{pull['base']['ref']}" == required(environment, "GITHUB_REF")
    ]
    return _deployed(commit, required(environment, "GITHUB_REF_NAME"), merged)


def _on_gitlab(environment: Mapping[str, str]) -> Job:
    """https://docs.gitlab.com/ci/variables/predefined_variables/"""
    user = gitlab_api(environment)
    project = gitlab_api(environment, f"/projects/{required(environment, 'CI_PROJECT_ID')}")
    commit = required(environment, "CI_COMMIT_SHA")
    if number := environment.get("CI_MERGE_REQUEST_IID"):
        return Job(commit, MergeRequest(user, project, int(number)), proposed=True)
    # GitLab sets no CI_COMMIT_BRANCH for a tag.
    branch = environment.get("CI_COMMIT_BRANCH", "")
    merged = [
        MergeRequest(user, project, request["iid"])
        for request in project.every(f"repository/commits/{commit}/merge_requests")
        if request["state"] == "merged" and branch and request["target_branch"] == branch
    ]
    return _deployed(commit, branch or "a branch", merged)


def _deployed(commit: str, branch: str, merged: Sequence[Request]) -> Job:
    """Return the job of a deploy; with several requests, a label would accept the changes of another request."""
    if len(merged) == 1:
        return Job(commit, merged[0], proposed=False)
    names = ", ".join(request.name for request in merged)
    several = f"{names} were merged into {branch} with commit {commit}: not one, but {len(merged)} requests"
    none = f"no request that was merged into {branch} has commit {commit}"
    return Job(commit, None, proposed=False, missing=several if merged else none)
