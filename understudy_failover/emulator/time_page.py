"""The file by which processes share emulated time.

Imports little: function_time/sitecustomize.py loads it into every Lambda function.
"""

import mmap
import os
import struct
from pathlib import Path

PAUSE_SECONDS = 0.005
"""The shortest wait before a sleeper reads the time again."""
SIZE_BYTES = 256
_SEQUENCE = struct.Struct("=Q")
_STATE = struct.Struct("=dddd")
_BEAT = struct.Struct("=dd")
_STATE_OFFSET, _BEAT_OFFSET = 64, 128


class Page:
    """Numbers that two processes share; each is written by one of them."""

    def __init__(self, file: Path) -> None:
        """Open the file, and create it if it does not exist."""
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            os.ftruncate(descriptor, SIZE_BYTES)
            self._map = mmap.mmap(descriptor, SIZE_BYTES)
        finally:
            os.close(descriptor)
        self._sequence = 0

    def grant(self, granted: float, since: float, allowance: float, held_seconds: float) -> None:
        """Write the pacemaker's seconds granted until `since` (monotonic), the allowance beyond, and seconds held."""
        # Odd while the numbers are being written.
        for part, content in (
            (0, _SEQUENCE.pack(self._sequence + 1)),
            (_STATE_OFFSET, _STATE.pack(granted, since, allowance, held_seconds)),
            (0, _SEQUENCE.pack(self._sequence + 2)),
        ):
            self._map[part : part + len(content)] = content
        self._sequence += 2

    def granted(self) -> tuple[float, float, float, float]:
        """Return the numbers of the last `grant`."""
        while True:
            (before,) = _SEQUENCE.unpack_from(self._map, 0)
            state = _STATE.unpack_from(self._map, _STATE_OFFSET)
            (after,) = _SEQUENCE.unpack_from(self._map, 0)
            if before == after and before % 2 == 0:
                return state[0], state[1], state[2], state[3]

    def seconds(self, now: float) -> float:
        """Return the seconds granted until `now` (monotonic)."""
        granted, since, allowance, _ = self.granted()
        return granted + min(max(now - since, 0.0), allowance)

    def beat(self, at: float, lag: float) -> None:
        """Write the other process's heartbeat: its time (monotonic), and the seconds that it lagged so far."""
        self._map[_BEAT_OFFSET : _BEAT_OFFSET + _BEAT.size] = _BEAT.pack(at, lag)

    def last_beat(self) -> tuple[float, float] | None:
        """Return the numbers of the last `beat`; None before the first."""
        at, lag = _BEAT.unpack_from(self._map, _BEAT_OFFSET)
        return (at, lag) if at else None
