"""The repository of a job that proposes a change."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from understudy_failover.contract.documentation import documentation
from understudy_failover.pipeline.api import Api, ForgeError, github_api, gitlab_api, required


@dataclass(frozen=True)
class Project:
    """The requests of a repository, and git's remote."""

    api: Api
    requests: str
    """Path of the list of requests."""
    open_from: str
    """Query for the open requests from a branch, without the branch."""
    names: Mapping[str, str]
    """The forge's names of `branch`, `base`, `body` and `number` of a request."""
    base: str
    git_url: str
    git_login: str
    """`USER:TOKEN`"""

    def proposed(self, branch: str) -> str:
        """Return the open request from a branch; empty without one."""
        return next(
            (self._name(request) for request in self.api.every(f"{self.requests}?{self.open_from}{branch}")), ""
        )

    def propose(self, branch: str, title: str, body: str) -> str:
        fields = {"branch": branch, "base": self.base, "body": body}
        document = {self.names[key]: value for key, value in fields.items()} | {"title": title}
        return self._name(self.api.call("POST", self.requests, document))

    def _name(self, request: Mapping[str, Any]) -> str:
        return f"request {request[self.names['number']]}"


def project(environment: Mapping[str, str]) -> Project:
    """Return the repository of this job. Raise ForgeError outside GitHub and GitLab, or without a token."""
    if environment.get("GITHUB_ACTIONS") == "true":
        repository = required(environment, "GITHUB_REPOSITORY")
        return Project(
            github_api(environment),
            "pulls",
            f"state=open&head={repository.partition('/')[0]}:",
            {"branch": "head", "base": "base", "body": "body", "number": "number"},
            base=required(environment, "GITHUB_REF_NAME"),
            git_url=f"{required(environment, 'GITHUB_SERVER_URL')}/{repository}.git",
            git_login=f"x-access-token:{required(environment, 'GITHUB_TOKEN')}",
        )
    if environment.get("GITLAB_CI") == "true":
        return Project(
            gitlab_api(environment, f"/projects/{required(environment, 'CI_PROJECT_ID')}"),
            "merge_requests",
            "state=opened&source_branch=",
            {"branch": "source_branch", "base": "target_branch", "body": "description", "number": "iid"},
            base=required(environment, "CI_COMMIT_BRANCH"),
            git_url=f"{required(environment, 'CI_SERVER_URL')}/{required(environment, 'CI_PROJECT_PATH')}.git",
            git_login=f"oauth2:{required(environment, 'GITLAB_TOKEN')}",
        )
    raise ForgeError(
        f"this is not a job of GitHub or GitLab; by hand: understudy certificate push ({documentation('certificates')})"
    )
