"""A run goes on after an error, stops at an interruption, and removes everything in both cases."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from botocore.exceptions import EndpointConnectionError

from understudy_failover.operations.confirm.context import Answer, Context, Question
from understudy_failover.operations.confirm.ledger import Ledger
from understudy_failover.operations.confirm.play import Played, play
from understudy_failover.operations.interruption import Interrupted

ACCOUNT = "111122223333"


class Buckets:
    """An account with buckets alone."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def __call__(self, _service: str) -> "Buckets":
        return self

    def get_caller_identity(self) -> dict[str, str]:
        return {"Account": ACCOUNT}

    def get_paginator(self, _operation: str) -> Any:
        return SimpleNamespace(paginate=lambda **_: [{}])

    def create_bucket(self, *, Bucket: str) -> None:  # noqa: N803 (boto3's name)
        self.names.add(Bucket)

    def delete_bucket(self, *, Bucket: str) -> None:  # noqa: N803
        self.names.remove(Bucket)


class Clock:
    """Interrupts at a sleep."""

    def __init__(self, sleeps: int = 1000) -> None:
        self._sleeps = sleeps

    def now(self) -> float:
        return 0.0

    def sleep(self, _seconds: float) -> None:
        self._sleeps -= 1
        if self._sleeps < 0:
            raise Interrupted


def _created(name: str, *, then: Exception | None = None, evidence: str = "seen") -> Question:
    def ask(context: Context) -> Answer:
        context.create("bucket", name, lambda: context.client("s3").create_bucket(Bucket=name))
        if then:
            raise then
        return Answer("yes", evidence)

    return Question(name, f"Is there {name}?", ask, 1)


def _played(tmp_path: Path, buckets: Buckets, *questions: Question, sleeps: int = 1000) -> Played:
    context = Context(
        client=buckets,
        internet=cast(Any, None),
        clock=Clock(sleeps),
        ledger=Ledger(tmp_path / "ledger.json"),
        zone="example.com",
        token="understudy-confirm-0c0ffee0",
    )
    return play(context, questions, pause=lambda _: None, say=lambda _: None, report=lambda *_: None)


def test_an_error_leaves_its_question_open_and_the_next_one_is_asked(tmp_path: Path) -> None:
    buckets = Buckets()
    fault = EndpointConnectionError(endpoint_url="https://elsewhere")
    played = _played(tmp_path, buckets, _created("a", then=fault), _created("b"))
    assert [answer.verdict for answer in played.answers.values()] == ["open", "yes"]
    assert "elsewhere" in played.answers["a"].evidence
    assert (buckets.names, played.left, played.interrupted) == (set(), [], False)


@pytest.mark.parametrize("sleeps", [0, 1, 2])
def test_an_interruption_ends_it_before_the_next_creation_and_everything_is_removed(
    tmp_path: Path, sleeps: int
) -> None:
    buckets = Buckets()
    played = _played(tmp_path, buckets, _created("a"), _created("b"), _created("c"), sleeps=sleeps)
    assert (len(played.answers), played.interrupted) == (sleeps, True)
    assert (buckets.names, played.left) == (set(), [])
    assert not (tmp_path / "ledger.json").exists()


def test_a_fault_of_our_own_is_raised_and_everything_is_removed(tmp_path: Path) -> None:
    buckets = Buckets()
    with pytest.raises(ZeroDivisionError):
        _played(tmp_path, buckets, _created("a", then=ZeroDivisionError()))
    assert buckets.names == set()


def test_no_answer_names_the_account(tmp_path: Path) -> None:
    played = _played(tmp_path, Buckets(), _created("a", evidence=f"arn:aws:iam::{ACCOUNT}:role/x"))
    assert played.answers["a"].evidence == "arn:aws:iam::ACCOUNT:role/x"
