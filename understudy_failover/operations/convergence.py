"""The time at which a set of hosts has changed over, from repeated probes."""

from collections.abc import Iterable

from understudy_failover.operations.journal import Measurement


class Convergence:
    """The change-over of `names`; times are seconds of one clock."""

    def __init__(self, names: Iterable[str], since: float) -> None:
        self._since = since
        self._not_before = dict.fromkeys(names, since)
        self._reached_at: dict[str, float] = {}

    def note(self, name: str, *, reached: bool, began_at: float, ended_at: float) -> None:
        if not reached:
            # The change came after this probe began.
            self._not_before[name] = began_at
            self._reached_at.pop(name, None)
        else:
            self._reached_at.setdefault(name, ended_at)

    @property
    def missing(self) -> list[str]:
        return [name for name in self._not_before if name not in self._reached_at]

    def is_late(self, bound_seconds: float) -> bool:
        """Return whether a name had certainly not changed over at the bound."""
        return any(self._not_before[name] - self._since > bound_seconds for name in self.missing)

    def measurement(self, what: str, bound_seconds: int) -> Measurement:
        """Return the duration until the last name changed over; valid only when none is missing."""
        return Measurement(
            what,
            after_seconds=max(self._not_before.values()) - self._since,
            within_seconds=max(self._reached_at.values()) - self._since,
            bound_seconds=bound_seconds,
        )
