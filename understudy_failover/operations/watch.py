"""When a set of things has changed over, from looks that come one after another."""

from collections.abc import Iterable

from understudy_failover.operations.journal import Measurement


class Watch:
    """Waits for every one of `names` to have changed over; times are seconds of one clock."""

    def __init__(self, names: Iterable[str], since: float) -> None:
        self._since = since
        self._not_before = dict.fromkeys(names, since)
        self._reached_at: dict[str, float] = {}

    def note(self, name: str, *, reached: bool, began_at: float, ended_at: float) -> None:
        """What a look showed that lasted from `began_at` to `ended_at`. Whoever falls back is awaited anew."""
        if not reached:
            # The change came after this look began, for all that is known of it.
            self._not_before[name] = began_at
            self._reached_at.pop(name, None)
        else:
            self._reached_at.setdefault(name, ended_at)

    @property
    def missing(self) -> list[str]:
        """Who has not changed over, or fell back."""
        return [name for name in self._not_before if name not in self._reached_at]

    def is_late(self, bound_seconds: float) -> bool:
        """Whether somebody had certainly not changed over when the bound had passed."""
        return any(self._not_before[name] - self._since > bound_seconds for name in self.missing)

    def measurement(self, what: str, bound_seconds: int) -> Measurement:
        """How long the last one took; only when nobody is missing."""
        return Measurement(
            what,
            after_seconds=max(self._not_before.values()) - self._since,
            within_seconds=max(self._reached_at.values()) - self._since,
            bound_seconds=bound_seconds,
        )
