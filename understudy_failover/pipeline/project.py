"""The repository of a job, where something is proposed that nobody asked for."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from understudy_failover.pipeline.api import Api, ForgeError, github_api, gitlab_api, given


@dataclass(frozen=True)
class Project:
    """Its requests, and where git pushes to."""

    api: Api
    requests: str
    """Path of its list of requests."""
    open_from: str
    """Of the query for the open ones from a branch, which follows."""
    names: Mapping[str, str]
    """What this forge calls `branch`, `base`, `body` and the `number` of a request."""
    base: str
    git_url: str
    git_login: str
    """`USER:TOKEN`"""

    def proposed(self, branch: str) -> str:
        """The open request from this branch; empty if there is none."""
        return next((self._name(one) for one in self.api.every(f"{self.requests}?{self.open_from}{branch}")), "")

    def propose(self, branch: str, title: str, body: str) -> str:
        """Opens a request and answers its name."""
        said = {"branch": branch, "base": self.base, "body": body}
        document = {self.names[key]: value for key, value in said.items()} | {"title": title}
        return self._name(self.api.call("POST", self.requests, document))

    def _name(self, request: Mapping[str, Any]) -> str:
        return f"request {request[self.names['number']]}"


def project(environment: Mapping[str, str]) -> Project:
    """The repository of this job.

    Raises:
        ForgeError: this is no job of GitHub or GitLab, or it has no token.
    """
    if environment.get("GITHUB_ACTIONS") == "true":
        repository = given(environment, "GITHUB_REPOSITORY")
        return Project(
            github_api(environment),
            "pulls",
            f"state=open&head={repository.partition('/')[0]}:",
            {"branch": "head", "base": "base", "body": "body", "number": "number"},
            base=given(environment, "GITHUB_REF_NAME"),
            git_url=f"{given(environment, 'GITHUB_SERVER_URL')}/{repository}.git",
            git_login=f"x-access-token:{given(environment, 'GITHUB_TOKEN')}",
        )
    if environment.get("GITLAB_CI") == "true":
        return Project(
            gitlab_api(environment, f"/projects/{given(environment, 'CI_PROJECT_ID')}"),
            "merge_requests",
            "state=opened&source_branch=",
            {"branch": "source_branch", "base": "target_branch", "body": "description", "number": "iid"},
            base=given(environment, "CI_COMMIT_BRANCH"),
            git_url=f"{given(environment, 'CI_SERVER_URL')}/{given(environment, 'CI_PROJECT_PATH')}.git",
            git_login=f"oauth2:{given(environment, 'GITLAB_TOKEN')}",
        )
    raise ForgeError("this is no job of GitHub or GitLab; by hand: understudy certificate push (docs/certificates.md)")
