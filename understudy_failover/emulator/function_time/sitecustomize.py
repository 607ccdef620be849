"""Let `time.sleep` of Lambda functions take emulated seconds; Python imports this module when it starts.

Otherwise a function that polls every 2 s would wait 50 emulated seconds between two polls.
"""

import importlib.util
import os
import time
from pathlib import Path
from typing import SupportsIndex

spec = importlib.util.spec_from_file_location("time_page", Path(__file__).parent.parent / "time_page.py")
assert spec is not None
assert spec.loader is not None
time_page = importlib.util.module_from_spec(spec)
spec.loader.exec_module(time_page)

PAGE = time_page.Page(Path(os.environ["UNDERSTUDY_CLOCK"]))
RATE = float(os.environ["UNDERSTUDY_RATE"])
real_sleep = time.sleep


def sleep(seconds: float | SupportsIndex) -> None:
    """Wait until `seconds` emulated seconds have passed."""
    end = PAGE.seconds(time.monotonic()) + float(seconds) / RATE
    while (left := end - PAGE.seconds(time.monotonic())) > 0:
        real_sleep(max(left, time_page.PAUSE_SECONDS))


time.sleep = sleep
