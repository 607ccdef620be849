"""A Retry-After that keeps `curl --retry` on the maintenance page: synthesis warns of it, and goes on."""

from pathlib import Path

import pytest

from tests.stacks.conftest import Write
from tests.stacks.templates import Synthesis, issue_certificate, replaced, sample_text
from tests.stacks.test_unconfirmed_keys import annotations

NAMES = ("example.com", "*.example.com", "*.example.org")


def _written(folder: Path, write: Write, seconds: int) -> Synthesis:
    text = replaced(sample_text(), "retry_after_seconds = 120", f"retry_after_seconds = {seconds}")
    return write(issue_certificate(folder, *NAMES), text)


@pytest.mark.parametrize("seconds", [30, 119])
def test_below_120_seconds_synthesis_warns_and_says_what_to_set(tmp_path: Path, write: Write, seconds: int) -> None:
    [(kind, text)] = annotations(_written(tmp_path, write, seconds).folder)
    assert kind == "aws:cdk:warning"
    assert text.startswith(f"page.retry_after_seconds = {seconds}: libcurl keeps")
    assert "Set it to 120 or more." in text


def test_from_120_seconds_on_there_is_no_warning(tmp_path: Path, write: Write) -> None:
    assert annotations(_written(tmp_path, write, 120).folder) == []
