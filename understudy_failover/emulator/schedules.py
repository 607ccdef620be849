"""EventBridge Scheduler's universal targets on S3, at emulated time.

MiniStack stores schedules and runs those with targets that it supports, at real time; universal ones it does not.
https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-universal.html
"""

import asyncio
import json
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from understudy_failover.emulator.clock import Clock
from understudy_failover.emulator.ministack import Ministack
from understudy_failover.emulator.model import Schedule

logger = logging.getLogger(__name__)

POLL_REAL_SECONDS = 0.2
"""Between two polls for due schedules; on AWS they run within a minute."""
TARGET = "arn:aws:scheduler:::aws-sdk:s3:"
OPERATIONS = {"putObject": "put_object", "deleteObject": "delete_object"}


class Schedules:
    """`run()` runs one-time schedules until it is cancelled; `s3()` returns a boto3 client."""

    def __init__(self, ministack: Ministack, clock: Clock, s3: Callable[[], Any]) -> None:
        self._ministack = ministack
        self._clock = clock
        self._s3 = s3

    async def run(self) -> None:
        """Run due schedules, the earliest first."""
        while True:
            now = datetime.fromtimestamp(self._clock.now(), UTC)
            due = [schedule for schedule in self._ministack.one_time_schedules() if schedule.at <= now]
            for schedule in sorted(due, key=lambda sample: sample.at):
                if schedule.target.startswith(TARGET):
                    await asyncio.to_thread(self._run_one, schedule)
            await asyncio.sleep(POLL_REAL_SECONDS)

    def _run_one(self, schedule: Schedule) -> None:
        action = schedule.target.removeprefix(TARGET)
        try:
            getattr(self._s3(), OPERATIONS[action])(**json.loads(schedule.input))
        except (ClientError, KeyError):
            # AWS retries with growing pauses, as the schedule's retry policy allows.
            logger.exception("schedule %s failed; it will be retried", schedule.name)
        else:
            self._ministack.complete_schedule(schedule)
