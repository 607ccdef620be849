"""The gate at pull requests of GitHub and merge requests of GitLab: who is let through, and what is written."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.pipeline.forge import ANOTHER_BOT, GONE, NUMBER, REPOSITORY, SOMEBODY, TOKEN, US, Forge
from understudy_failover.cli import main
from understudy_failover.pipeline import api
from understudy_failover.pipeline.api import ForgeError
from understudy_failover.pipeline.comment import LABEL
from understudy_failover.pipeline.forge import job
from understudy_failover.pipeline.gate import BLOCKED, Review, verdict

HARMLESS = Review("## 1 change", (), "Stack Understudy")
DESTRUCTIVE = Review("## 1 destructive change", ("- host removed: shop.example.com",), "Stack Understudy")
WORSE = Review("## 2 destructive changes", (*DESTRUCTIVE.destructive, "- host removed: a"), "Stack Understudy")

Run = Callable[..., int]


@pytest.fixture(params=["GitHub", "GitLab"])
def run(request: pytest.FixtureRequest, here: Forge, tmp_path: Path) -> Run:
    """The gate as a job of either runs it; `merged` is the commit of a push to the main branch."""

    def running(review: Review, merged: str = "") -> int:
        on_github = request.param == "GitHub"
        environment = here.on_github(tmp_path, merged=merged) if on_github else here.on_gitlab(merged=merged)
        return verdict(review, job(environment))

    return running


def test_what_is_harmless_passes_and_is_shown_in_one_comment(here: Forge, run: Run) -> None:
    assert [run(HARMLESS), run(HARMLESS)] == [0, 0]
    assert len(here.notes) == 1
    assert here.changes[0].startswith("POST ")
    assert len(here.changes) == 2, "the second edits"


def test_what_is_destructive_waits_for_the_label(here: Forge, run: Run) -> None:
    assert run(DESTRUCTIVE) == BLOCKED
    here.labels = {"other", LABEL}
    assert run(DESTRUCTIVE) == 0
    here.labels = {"other"}
    assert run(DESTRUCTIVE) == BLOCKED
    assert len(here.notes) == 1


def test_a_label_does_not_count_for_what_comes_after_it(here: Forge, run: Run) -> None:
    run(DESTRUCTIVE)
    here.labels = {LABEL}
    assert run(DESTRUCTIVE) == 0
    assert [run(WORSE), run(WORSE)] == [BLOCKED, BLOCKED]
    assert "take the label off" in here.notes[0].body
    here.labels = set()
    assert run(WORSE) == BLOCKED
    here.labels = {LABEL}
    assert run(WORSE) == 0


@pytest.mark.parametrize("author", [SOMEBODY, ANOTHER_BOT, GONE])
def test_what_another_user_or_bot_writes_accepts_nothing(here: Forge, run: Run, author: int) -> None:
    run(DESTRUCTIVE)
    forged = here.notes.pop().body
    here.say(author, forged)
    here.labels = {LABEL}
    assert run(DESTRUCTIVE) == BLOCKED
    here.merged_with = {"abc123": True}
    here.notes = here.notes[:1]
    assert run(DESTRUCTIVE, merged="abc123") == BLOCKED
    assert here.notes[0].body == forged


def test_comments_of_others_and_other_comments_of_ours_stay_as_they_are(here: Forge, run: Run) -> None:
    run(DESTRUCTIVE)
    # Somebody who would accept it without being allowed to put on labels.
    forged = here.notes.pop().body.replace("absent", "counts")
    here.say(US, "Coverage: 98 %")
    here.say(SOMEBODY, forged)
    # More than fit on a page.
    for number in range(250):
        here.say(US, f"{number}")
    here.labels = {LABEL}
    assert run(DESTRUCTIVE) == BLOCKED
    assert len(here.notes) == 253
    here.say(US, "the last one")
    run(HARMLESS)
    assert [here.notes[0].body, here.notes[1].body, here.notes[-1].body] == ["Coverage: 98 %", forged, "the last one"]
    assert "## 1 change" in here.notes[252].body


def test_a_deploy_goes_by_the_label_of_what_was_merged(here: Forge, run: Run) -> None:
    here.merged_with = {"abc123": True}
    assert run(DESTRUCTIVE, merged="abc123") == BLOCKED
    assert run(HARMLESS, merged="abc123") == 0
    here.labels = {LABEL}
    assert run(DESTRUCTIVE, merged="abc123") == BLOCKED
    assert here.changes == []


def test_a_deploy_goes_by_what_was_shown_at_the_request(
    here: Forge, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    here.merged_with = {"abc123": True}
    run(DESTRUCTIVE)
    here.labels = {LABEL}
    assert run(DESTRUCTIVE) == 0
    here.changes.clear()
    capsys.readouterr()
    assert run(WORSE, merged="abc123") == BLOCKED
    said = capsys.readouterr().err
    assert "- host removed: a" in said
    assert "shop.example.com" not in said, "that one was shown"
    assert "another request" in said
    assert run(DESTRUCTIVE, merged="abc123") == 0
    here.labels = set()
    assert run(DESTRUCTIVE, merged="abc123") == BLOCKED
    assert here.changes == []


def test_another_request_that_shows_it_lets_the_deploy_go_on(here: Forge, run: Run) -> None:
    """What the gate advises after a deploy that it stopped."""
    here.merged_with, here.labels = {"abc123": True}, {LABEL}
    assert run(DESTRUCTIVE, merged="abc123") == BLOCKED
    here.labels = set()
    assert run(DESTRUCTIVE) == BLOCKED
    here.labels = {LABEL}
    assert [run(DESTRUCTIVE), run(DESTRUCTIVE, merged="abc123")] == [0, 0]


def test_a_label_that_came_after_the_merge_counts_for_what_was_shown(
    here: Forge, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    here.merged_with = {"abc123": True}
    run(DESTRUCTIVE)
    capsys.readouterr()
    assert run(DESTRUCTIVE, merged="abc123") == BLOCKED
    assert f"put the label {LABEL} on the request" in capsys.readouterr().err
    here.labels = {LABEL}
    assert run(DESTRUCTIVE, merged="abc123") == 0


def test_a_label_that_came_too_early_accepts_nothing_in_a_deploy(here: Forge, run: Run) -> None:
    here.merged_with, here.labels = {"abc123": True}, {LABEL}
    assert run(DESTRUCTIVE) == BLOCKED
    assert run(DESTRUCTIVE, merged="abc123") == BLOCKED


@pytest.mark.parametrize("answer", ["5", "{}", "[5]", "[" * 50_000, "nothing", '{"a": 1}', '"\x1b"'])
def test_an_answer_of_another_shape_is_said(here: Forge, monkeypatch: pytest.MonkeyPatch, answer: str) -> None:
    client = api.Api(f"{here.root}/repos/{REPOSITORY}", {"Authorization": f"Bearer {TOKEN}"}, fix="")
    monkeypatch.setattr(api, "_read", lambda _: answer)
    for ask in (
        lambda: list(client.every(f"issues/{NUMBER}/labels")),
        lambda: client.field(f"issues/{NUMBER}/labels", "x"),
    ):
        with pytest.raises(ForgeError, match="Run the job again") as caught:
            ask()
        assert str(caught.value).isprintable()


def test_an_answer_that_never_ends_is_said(here: Forge, monkeypatch: pytest.MonkeyPatch) -> None:
    here.say(US, "x" * 5_000)
    monkeypatch.setattr(api, "LIMIT_BYTES", 1_000)
    with pytest.raises(ForgeError, match="longer than 1,000 bytes"):
        verdict(HARMLESS, job(here.on_gitlab()))


@pytest.mark.parametrize("merged_with", [{}, {"abc123": False}])
def test_a_push_without_a_merged_request_deploys_nothing_destructive(
    here: Forge, run: Run, merged_with: dict[str, bool], capsys: pytest.CaptureFixture[str]
) -> None:
    here.merged_with, here.labels = merged_with, {LABEL}
    assert run(HARMLESS, merged="abc123") == 0
    assert run(DESTRUCTIVE, merged="abc123") == BLOCKED
    said = capsys.readouterr().err
    assert "no request that was merged into main has commit abc123" in said
    assert "- host removed: shop.example.com" in said
    assert "open a request into the branch that is deployed" in said


def test_a_request_into_another_branch_accepts_nothing(
    here: Forge, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    here.merged_with, here.targets = {"abc123": True}, {NUMBER: "a-branch"}
    run(DESTRUCTIVE)
    here.labels = {LABEL}
    assert run(DESTRUCTIVE) == 0
    capsys.readouterr()
    assert run(DESTRUCTIVE, merged="abc123") == BLOCKED
    assert "no request that was merged into main has commit abc123" in capsys.readouterr().err
    # The request that then brought the same commit into main counts, wherever it stands in the list.
    here.targets = {8: "a-branch", NUMBER: "main", 9: "main-2"}
    assert run(DESTRUCTIVE, merged="abc123") == 0


def test_several_requests_into_the_branch_accept_nothing(
    here: Forge, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    here.merged_with, here.targets = {"abc123": True}, {NUMBER: "main", 8: "main"}
    run(DESTRUCTIVE)
    here.labels = {LABEL}
    assert run(DESTRUCTIVE) == 0
    capsys.readouterr()
    assert run(DESTRUCTIVE, merged="abc123") == BLOCKED
    assert "were merged into main with commit abc123: not one, but 2 requests" in capsys.readouterr().err
    assert run(HARMLESS, merged="abc123") == 0


def test_a_run_for_a_tag_has_no_request(here: Forge, tmp_path: Path) -> None:
    here.merged_with, here.labels = {"abc123": True}, {LABEL}
    on_github = here.on_github(tmp_path, merged="abc123") | {"GITHUB_REF": "refs/tags/main"}
    on_gitlab = here.on_gitlab(merged="abc123")
    del on_gitlab["CI_COMMIT_BRANCH"]
    for environment in (on_github, on_gitlab):
        answer = job(environment)
        assert answer is not None
        assert answer.request is None
        assert "has commit abc123" in answer.missing


def test_outside_of_a_pipeline_it_only_reports(capsys: pytest.CaptureFixture[str]) -> None:
    assert [verdict(HARMLESS, job({})), verdict(DESTRUCTIVE, job({}))] == [0, BLOCKED]
    assert "outside of GitHub and GitLab" in capsys.readouterr().err


def test_a_token_that_is_missing_or_refused_is_said_with_what_it_needs(here: Forge, tmp_path: Path) -> None:
    for name, environment, needs in (
        ("GITHUB_TOKEN", here.on_github(tmp_path), "`permissions`"),
        ("GITLAB_TOKEN", here.on_gitlab(), "`api`"),
    ):
        with pytest.raises(ForgeError, match=f"{name} is not set"):
            job(environment | {name: ""})
        with pytest.raises(ForgeError, match=f"403 .*{needs}"):
            verdict(HARMLESS, job(environment | {name: "another"}))


@pytest.mark.usefixtures("processes")
def test_a_diff_that_cannot_be_had_lets_nothing_pass(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["gate", str(tmp_path / "none")]) == 1
    assert "is no cloud assembly" in capsys.readouterr().err


def test_a_forge_that_does_not_answer_is_said(here: Forge) -> None:
    nowhere = here.on_gitlab() | {"CI_API_V4_URL": "http://127.0.0.1:9"}
    with pytest.raises(ForgeError, match="Run the job again"):
        verdict(HARMLESS, job(nowhere))
