"""A look in words, and as JSON has it."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from understudy_failover.contract.printable import printable
from understudy_failover.operations.moments import rfc3339
from understudy_failover.operations.sight import Answers, OnStage
from understudy_failover.operations.status.look import HostStatus, Look
from understudy_failover.operations.switch_command import listed, stated_end, switch_name, whose
from understudy_failover.settings import Settings

MARKS = {OnStage.SERVER: "✔", OnStage.PAGE: "▶", OnStage.NOBODY: "✘"}
DAY = timedelta(days=1)


def screen(look: Look, settings: Settings) -> str:
    """One screen."""
    return "\n".join(map(printable, _lines(look, settings)))


def document(look: Look, settings: Settings) -> dict[str, Any]:
    """For programs."""
    public = settings.certificate.public
    return {
        "at": rfc3339(look.at),
        "hosts": [
            {
                "host": one.host.name,
                "server": one.server.name,
                "on_stage": one.seen,
                "detail": one.visit.detail,
                "since": _when(one.since),
                "why": one.why or None,
                "name_servers": _answered(one.authoritative),
                "resolvers": {name: _answered(found) for name, found in one.resolvers.items()},
                "certificate": one.certificate.fingerprint if one.certificate else None,
                "certificate_not_after": _when(one.certificate.not_after if one.certificate else None),
            }
            for one in look.hosts
        ],
        "switches": None if look.positions is None else listed(look.positions),
        "windows": None
        if look.windows is None
        else [
            {"server": whose(one.server), "from": rfc3339(one.start), "to": rfc3339(one.end)} for one in look.windows
        ],
        "health": None
        if look.health is None
        else [
            {"subject": subject, "healthy": healthy, "checkers": told}
            for subject, (healthy, told) in look.health.items()
        ],
        "page_requests": None
        if look.page_requests is None
        else [
            {
                "distribution": one.subject,
                "requests": one.count,
                "by_checkers": one.by_checkers,
                "until": _when(one.until),
                "still_asked": one.still_asked,
            }
            for one in look.page_requests
        ],
        "certificate": {"fingerprint": public.fingerprint, "not_after": rfc3339(public.not_after)},
        "certificates": [
            {
                "name": one.name,
                "fingerprint": one.public.fingerprint,
                "not_after": rfc3339(one.public.not_after),
            }
            for one in (settings.certificate, *settings.certificates)
        ],
        "unseen": look.unseen,
        "local_faults": [one.text for one in look.local_faults],
    }


def _lines(look: Look, settings: Settings) -> Iterator[str]:
    width = max(len(one.host.name) for one in look.hosts)
    for fault in look.local_faults:
        yield f"? {fault.text}"
    reasons: set[tuple[str, str]] = set()
    for one in look.hosts:
        moving = ", moving" if one.moves else ""
        since = f" since {rfc3339(one.since)}" if one.since else ""
        mark = MARKS[one.visit.on_stage] if one.judged else "?"
        yield f"{mark} {one.host.name:{width}}  {one.seen} ({one.visit.detail}){moving}{since}"
        if one.why and (one.server.name, one.why) not in reasons:
            reasons.add((one.server.name, one.why))
            yield f"  {'':{width}}  why: {one.why}"
        yield f"  {'':{width}}  DNS: {_addresses(one.authoritative)}{_if_other(one)}"
    yield ""
    yield f"switches     {_switches(look)}"
    yield f"windows      {_windows(look)}"
    for subject, (healthy, told) in (look.health or {}).items():
        yield f"health       {subject}: {'no data yet' if healthy is None else told}"
    for asked in look.page_requests or []:
        if asked.still_asked:
            yield f"page         still asked: {asked.subject}: {asked}"
            yield f"             → {asked.advice}"
    for name in settings.certificate_names:
        yield f"certificate  {_certificate(look, settings, name)}"
    for text in look.unseen:
        yield f"? cannot see {text}"


def _if_other(one: HostStatus) -> str:
    """What resolvers say that differs from the name servers: mostly what they were told before."""
    now = _led_to(one.authoritative)
    return "".join(
        f"; {name} says {_addresses(found)}"
        for name, found in one.resolvers.items()
        if not found.fault and _led_to(found) != now
    )


def _led_to(answers: Answers) -> tuple[str, ...]:
    """The name that a CNAME names: resolvers go on from there, name servers of the zone do not."""
    return (answers.alias,) if answers.alias else (*answers.ipv4, *answers.ipv6)


def _answered(answers: Answers) -> list[str]:
    return [*([answers.alias] if answers.alias else []), *answers.ipv4, *answers.ipv6]


def _addresses(answers: Answers) -> str:
    """The first of each family, and how many there are more: CloudFront has four of each."""
    if answers.alias:
        return answers.alias
    first = [*answers.ipv4[:1], *answers.ipv6[:1]]
    more = len(answers.ipv4) + len(answers.ipv6) - len(first)
    return answers.fault or ", ".join(first) + (f" and {more} more" if more else "") or "no address"


def _switches(look: Look) -> str:
    if look.positions is None:
        return "cannot be seen"
    on = [
        f"{switch_name(name)} on since {rfc3339(position.since)}{stated_end(position, look.at)}"
        for name, position in look.positions.items()
        if position
    ]
    return "; ".join(on) or "all off"


def _windows(look: Look) -> str:
    if look.windows is None:
        return "cannot be seen"
    found = [
        f"{whose(one.server)} {rfc3339(one.start)} to {rfc3339(one.end)}"
        + (", which is over" if one.end < look.at else "")
        for one in look.windows
    ]
    return "; ".join(found) or "none"


def _certificate(look: Look, settings: Settings, name: str) -> str:
    declared = settings.for_certificate(name).certificate
    public = declared.public
    whose = f"{declared.name}: " if settings.certificates else ""
    days = (public.not_after - look.at) // DAY
    other = [
        one.host.name
        for one in look.hosts
        if one.host.certificate == name
        and one.visit.on_stage is OnStage.PAGE
        and one.certificate
        and one.certificate.fingerprint != public.fingerprint
    ]
    text = f"{whose}{public.fingerprint[:23]}…, until {public.not_after:%Y-%m-%d} ({days} days)"
    return text + (f"; NOT the one of {', '.join(other)}" if other else "")


def _when(at: datetime | None) -> str | None:
    return rfc3339(at) if at else None
