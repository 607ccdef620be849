"""EventBridge Scheduler's universal targets on S3, at emulated time.

MiniStack keeps schedules and fires those whose targets it knows, at real time; it knows no universal ones.
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

LOOK_REAL_SECONDS = 0.2
"""How often due schedules are looked for; AWS promises the minute."""
TARGET = "arn:aws:scheduler:::aws-sdk:s3:"
OPERATIONS = {"putObject": "put_object", "deleteObject": "delete_object"}


class Schedules:
    """`run()` fires one-time schedules until it is cancelled; `s3()` answers a boto3 client."""

    def __init__(self, ministack: Ministack, clock: Clock, s3: Callable[[], Any]) -> None:
        self._ministack = ministack
        self._clock = clock
        self._s3 = s3

    async def run(self) -> None:
        """Fires what is due, in the order in which it was due."""
        while True:
            now = datetime.fromtimestamp(self._clock.now(), UTC)
            due = [schedule for schedule in self._ministack.one_time_schedules() if schedule.at <= now]
            for schedule in sorted(due, key=lambda sample: sample.at):
                if schedule.target.startswith(TARGET):
                    await asyncio.to_thread(self._fire, schedule)
            await asyncio.sleep(LOOK_REAL_SECONDS)

    def _fire(self, schedule: Schedule) -> None:
        action = schedule.target.removeprefix(TARGET)
        try:
            getattr(self._s3(), OPERATIONS[action])(**json.loads(schedule.input))
        except (ClientError, KeyError):
            # AWS tries again with growing pauses, for as long as the schedule's retry policy says.
            logger.exception("schedule %s failed; it will be tried again", schedule.name)
        else:
            self._ministack.complete_schedule(schedule)
