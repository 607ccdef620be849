"""What the commands of a renewal are given: each the secrets that it needs, and no other."""

import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from understudy_failover.pipeline import renew
from understudy_failover.settings import load

SECRETS = {
    "AWS_SESSION_TOKEN": "aws",
    "AWS_WEB_IDENTITY_TOKEN_FILE": "/folder/token",
    "AWS_ID_TOKEN": "gitlab's identity",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "github's identity",
    "ACTIONS_RUNTIME_TOKEN": "runtime",
    "GITHUB_TOKEN": "github",
    "GITLAB_TOKEN": "gitlab",
    "CI_JOB_TOKEN": "job",
    "CI_JOB_JWT": "jwt",
    "RENEWAL_TOKEN": "renewal",
}


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> dict[str, dict[str, str]]:
    """The environment of each command by its last part, filled when it is run."""
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    environments: dict[str, dict[str, str]] = {}

    def run(command: tuple[str, ...], *, env: dict[str, str], **_: Any) -> SimpleNamespace:
        environments[Path(command[0]).name] = env
        return SimpleNamespace(returncode=0, stdout="", stderr="")

    monkeypatch.setattr(subprocess, "run", run)
    return environments


def secrets(environment: dict[str, str]) -> set[str]:
    """Those of `SECRETS` that a command sees, by value: a copy under another name counts."""
    return {name for name, value in SECRETS.items() if value in environment.values()}


def test_certbot_gets_credentials_of_aws_and_nothing_else(root: Path, tmp_path: Path, given: Any) -> None:
    renew._issue("certbot", load(root / "tests/sample/failover.toml").certificate.public, tmp_path)
    assert secrets(given["certbot"]) == {"AWS_SESSION_TOKEN", "AWS_WEB_IDENTITY_TOKEN_FILE"}
    assert given["certbot"]["PATH"]


def test_git_gets_its_login_and_nothing_of_aws(given: Any) -> None:
    where = SimpleNamespace(git_login="user:a login")
    renew._run("git", "push", environment=renew._login(where))  # type: ignore[arg-type]
    assert secrets(given["git"]) == set()
    assert given["git"]["GIT_CONFIG_VALUE_0"].startswith("Authorization: Basic ")


def test_every_command_is_given_an_environment_of_its_own() -> None:
    """None inherits: `_run` has no default."""
    with pytest.raises(TypeError, match="environment"):
        renew._run("true")  # type: ignore[call-arg]
