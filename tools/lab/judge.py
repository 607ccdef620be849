"""The outcome of a client's observations, and its comparison with the table."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil

from docs.who_notices import NEVER, NEVER_AWAY, FollowTime, Row
from tools.lab.phases import Phases

SLACK_SECONDS = 5
"""Clients send a request each second, and a busy machine is late."""
STILL_SECONDS = 5
"""A client on the old side so shortly before the end of a phase has not followed."""


@dataclass(frozen=True)
class Observation:
    """Where a client was at a moment."""

    at: float
    on_page: bool


@dataclass(frozen=True)
class Outcome:
    """The measurements of a client; see the head of docs/who_notices.toml."""

    away: FollowTime
    refused: FollowTime
    back: FollowTime


def outcome(observations: Iterable[Observation], phases: Phases) -> Outcome | None:
    """Return the outcome of a client, or None if it did not reach the server before the first change."""
    ordered = sorted(observations, key=lambda observation: observation.at)
    if not any(observation.at < phases.away and not observation.on_page for observation in ordered):
        return None
    away = _followed(ordered, phases.away, phases.refused, to_page=True)
    refused = _refused(ordered, phases)
    if refused == NEVER:
        return Outcome(away, refused, NEVER_AWAY)
    return Outcome(away, refused, _followed(ordered, phases.back, phases.end, to_page=False))


def _followed(observations: Sequence[Observation], since: float, until: float, *, to_page: bool) -> FollowTime:
    """Return the seconds from `since` to the first observation on the new side after the last one on the old."""
    within = [observation for observation in observations if since <= observation.at < until]
    last_old = max((observation.at for observation in within if observation.on_page != to_page), default=since)
    new = [observation.at for observation in within if observation.on_page == to_page and observation.at >= last_old]
    if not new or (last_old > since and until - last_old < STILL_SECONDS):
        return NEVER
    return ceil(new[0] - since)


def _refused(observations: Sequence[Observation], phases: Phases) -> FollowTime:
    """Return the seconds until the first answer of the page; 0 for a client that is there already."""
    if [observation.on_page for observation in observations if observation.at < phases.refused][-1]:
        return 0
    within = [observation for observation in observations if phases.refused <= observation.at < phases.back]
    on_page = [observation.at for observation in within if observation.on_page]
    return ceil(on_page[0] - phases.refused) if on_page else NEVER


def differences(row: Row, measured: Outcome) -> list[str]:
    """Return the contradictions to the table; a field of the row without a bound or a "never" has none."""
    contradictions = []
    for name in ("away", "refused", "back"):
        expected, was = getattr(row, name), getattr(measured, name)
        if expected is None or not (isinstance(expected, int) or expected in {NEVER, NEVER_AWAY}):
            continue
        is_within = isinstance(expected, int) and isinstance(was, int) and was <= expected + SLACK_SECONDS
        if not is_within and expected != was:
            contradictions.append(f"{name} {_words(was)}, not {_words(expected, bound=True)}")
    return contradictions


def _words(follow_time: FollowTime, *, bound: bool = False) -> str:
    if not isinstance(follow_time, int):
        return follow_time
    return f"within {follow_time} s" if bound else f"after {follow_time} s"
