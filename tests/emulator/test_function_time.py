"""Lambda functions sleep for emulated seconds."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from understudy_failover.emulator.server import FUNCTION_TIME
from understudy_failover.emulator.time_page import Page

LIMIT_SECONDS = 60


@pytest.mark.usefixtures("processes")
def test_a_sleep_of_a_function_takes_emulated_seconds(tmp_path: Path) -> None:
    page = Page(tmp_path / "clock")
    page.grant(0.0, time.monotonic(), allowance=LIMIT_SECONDS, held_seconds=0.0)
    environment = {"PYTHONPATH": str(FUNCTION_TIME), "UNDERSTUDY_CLOCK": str(tmp_path / "clock")}
    before = page.seconds(time.monotonic())
    subprocess.run(
        [sys.executable, "-c", "import time; time.sleep(600)"],
        env=environment | {"UNDERSTUDY_RATE": "1000"},
        check=True,
        timeout=LIMIT_SECONDS,
    )
    assert page.seconds(time.monotonic()) - before >= 600 / 1000
