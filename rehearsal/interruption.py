"""Ctrl-C and its relatives: the drill's own, which a rehearsal shares."""

from operations.interruption import SIGNALS, Interrupted, InterruptibleClock, Interruption

__all__ = ["SIGNALS", "Interrupted", "InterruptibleClock", "Interruption"]
