"""A shell that is logged in nowhere is told so once, with what to do."""

import os

import boto3
import pytest

from understudy_failover.cli import main
from understudy_failover.contract.identity import Identity
from understudy_failover.operations.review import command as review

TOLD = "this shell has no credentials; log in as for the AWS CLI (AWS_PROFILE=…), or take those of `understudy up`\n"


@pytest.fixture(autouse=True)
def _logged_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever account other tests of this process are still logged in to."""
    for name in [name for name in os.environ if name.startswith(("AWS_ACCESS", "AWS_SECRET", "AWS_SESSION"))]:
        monkeypatch.delenv(name)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    # Made at the first call, with the credentials of that moment.
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)


@pytest.mark.parametrize("command", ["verify", "preflight", "adopt", "release"])
def test_a_command_says_it_once_and_exits_1(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command]) == 1
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == ("", f"AWS: {TOLD}")


def test_so_does_make_diff(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(review, "synthesised", lambda _: {})
    monkeypatch.setattr(review, "identities", lambda _: {"stack": Identity("", "", "")})
    assert main(["diff"]) == 1
    assert capsys.readouterr().err == f"diff: {TOLD}"
