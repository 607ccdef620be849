"""Proposing a request on GitHub and GitLab, and asking whether it is open."""

from pathlib import Path

import pytest

from tests.pipeline.forge import TOKEN, Forge
from understudy_failover.contract.documentation import documentation
from understudy_failover.pipeline.api import ForgeError
from understudy_failover.pipeline.project import project


def _environments(here: Forge, folder: Path) -> list[tuple[dict[str, str], dict[str, str]]]:
    """Of a job on the main branch, and the names that the request has there."""
    gitlab = here.on_gitlab(merged="abc") | {
        "CI_COMMIT_BRANCH": "main",
        "CI_SERVER_URL": "https://gitlab.example",
        "CI_PROJECT_PATH": "group/understudy",
    }
    return [
        (here.on_github(folder, merged="abc"), {"head": "a-branch", "base": "main", "body": "why"}),
        (gitlab, {"source_branch": "a-branch", "target_branch": "main", "description": "why"}),
    ]


def test_a_request_is_opened_with_what_each_forge_calls_it_and_then_found(here: Forge, tmp_path: Path) -> None:
    for environment, named in _environments(here, tmp_path):
        here.opened.clear()
        where = project(environment)
        assert where.proposed("a-branch") == ""
        assert where.propose("a-branch", "A title", "why") == "request 8"
        assert named.items() <= here.opened[0].items()
        assert here.opened[0]["title"] == "A title"
        assert (where.proposed("a-branch"), where.proposed("another")) == ("request 8", "")
    assert [query for query in here.asked if "state=open&head=owner:a-branch&" in query]
    assert [query for query in here.asked if "state=opened&source_branch=a-branch&" in query]


@pytest.mark.parametrize("forge", [0, 1], ids=["GitHub", "GitLab"])
def test_a_job_without_a_variable_says_which(here: Forge, tmp_path: Path, forge: int) -> None:
    environment, _ = _environments(here, tmp_path)[forge]
    project(environment)
    needed = [
        name
        for name in environment
        if _refusal({**environment, name: ""}) == f"{name} is not set ({documentation('pipelines')})"
    ]
    assert len(needed) >= 5
    for name in needed:
        assert _refusal({key: value for key, value in environment.items() if key != name}).startswith(f"{name} is not")


def _refusal(environment: dict[str, str]) -> str:
    try:
        project(environment)
    except ForgeError as error:
        return str(error)
    return ""


def test_git_pushes_to_the_jobs_own_repository(here: Forge, tmp_path: Path) -> None:
    (github, _), (gitlab, _) = _environments(here, tmp_path)
    assert project(github).git_url == f"{tmp_path.as_uri()}/owner/understudy.git"
    assert project(github).git_login == f"x-access-token:{TOKEN}"
    assert project(gitlab).git_url == "https://gitlab.example/group/understudy.git"
    assert project(gitlab).git_login == f"oauth2:{TOKEN}"


def test_a_laptop_proposes_nothing() -> None:
    with pytest.raises(ForgeError, match="certificate push"):
        project({})
