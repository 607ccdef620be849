"""A snapshot as text and as JSON."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from understudy_failover.contract.printable import printable
from understudy_failover.operations.observation import Answers, ServedBy
from understudy_failover.operations.status.snapshot import HostStatus, Snapshot
from understudy_failover.operations.switch_command import listed, stated_end, switch_name, whose
from understudy_failover.operations.timestamps import rfc3339
from understudy_failover.settings import Settings

MARKS = {ServedBy.SERVER: "✔", ServedBy.PAGE: "▶", ServedBy.NOBODY: "✘"}
DAY = timedelta(days=1)


def screen(snapshot: Snapshot, settings: Settings) -> str:
    return "\n".join(map(printable, _lines(snapshot, settings)))


def document(snapshot: Snapshot, settings: Settings) -> dict[str, Any]:
    public = settings.certificate.public
    return {
        "at": rfc3339(snapshot.at),
        "hosts": [
            {
                "host": host.host.name,
                "server": host.server.name,
                "on_stage": host.served_by,
                "detail": host.probe.detail,
                "since": _when(host.since),
                "why": host.why or None,
                "name_servers": _answered(host.authoritative),
                "resolvers": {name: _answered(answers) for name, answers in host.resolvers.items()},
                "certificate": host.certificate.fingerprint if host.certificate else None,
                "certificate_not_after": _when(host.certificate.not_after if host.certificate else None),
            }
            for host in snapshot.hosts
        ],
        "switches": None if snapshot.positions is None else listed(snapshot.positions),
        "windows": None
        if snapshot.windows is None
        else [
            {"server": whose(window.server), "from": rfc3339(window.start), "to": rfc3339(window.end)}
            for window in snapshot.windows
        ],
        "health": None
        if snapshot.health is None
        else [
            {"subject": subject, "healthy": healthy, "checkers": text}
            for subject, (healthy, text) in snapshot.health.items()
        ],
        "page_requests": None
        if snapshot.page_requests is None
        else [
            {
                "distribution": requests.subject,
                "requests": requests.count,
                "by_checkers": requests.by_checkers,
                "until": _when(requests.until),
                "still_asked": requests.still_asked,
            }
            for requests in snapshot.page_requests
        ],
        "certificate": {"fingerprint": public.fingerprint, "not_after": rfc3339(public.not_after)},
        "certificates": [
            {
                "name": certificate.name,
                "fingerprint": certificate.public.fingerprint,
                "not_after": rfc3339(certificate.public.not_after),
            }
            for certificate in (settings.certificate, *settings.certificates)
        ],
        "unseen": snapshot.unseen,
        "local_faults": [fault.text for fault in snapshot.local_faults],
    }


def _lines(snapshot: Snapshot, settings: Settings) -> Iterator[str]:
    width = max(len(host.host.name) for host in snapshot.hosts)
    for fault in snapshot.local_faults:
        yield f"? {fault.text}"
    reasons: set[tuple[str, str]] = set()
    for host in snapshot.hosts:
        moving = ", moving" if host.moves else ""
        since = f" since {rfc3339(host.since)}" if host.since else ""
        mark = MARKS[host.probe.served_by] if host.judged else "?"
        yield f"{mark} {host.host.name:{width}}  {host.served_by} ({host.probe.detail}){moving}{since}"
        if host.why and (host.server.name, host.why) not in reasons:
            reasons.add((host.server.name, host.why))
            yield f"  {'':{width}}  why: {host.why}"
        yield f"  {'':{width}}  DNS: {_addresses(host.authoritative)}{_if_other(host)}"
    yield ""
    yield f"switches     {_switches(snapshot)}"
    yield f"windows      {_windows(snapshot)}"
    for subject, (healthy, text) in (snapshot.health or {}).items():
        yield f"health       {subject}: {'no data yet' if healthy is None else text}"
    for asked in snapshot.page_requests or []:
        if asked.still_asked:
            yield f"page         still asked: {asked.subject}: {asked}"
            yield f"             → {asked.advice}"
    for name in settings.certificate_names:
        yield f"certificate  {_certificate(snapshot, settings, name)}"
    for text in snapshot.unseen:
        yield f"? cannot see {text}"


def _if_other(host: HostStatus) -> str:
    """Return the resolvers' answers that differ from the name servers: mostly older ones."""
    now = _led_to(host.authoritative)
    return "".join(
        f"; {name} says {_addresses(answers)}"
        for name, answers in host.resolvers.items()
        if not answers.fault and _led_to(answers) != now
    )


def _led_to(answers: Answers) -> tuple[str, ...]:
    """Return the target of a CNAME, which only resolvers follow, or the addresses."""
    return (answers.alias,) if answers.alias else (*answers.ipv4, *answers.ipv6)


def _answered(answers: Answers) -> list[str]:
    return [*([answers.alias] if answers.alias else []), *answers.ipv4, *answers.ipv6]


def _addresses(answers: Answers) -> str:
    """Return the first address of each family, and the number of the others: CloudFront has four of each."""
    if answers.alias:
        return answers.alias
    first = [*answers.ipv4[:1], *answers.ipv6[:1]]
    more = len(answers.ipv4) + len(answers.ipv6) - len(first)
    return answers.fault or ", ".join(first) + (f" and {more} more" if more else "") or "no address"


def _switches(snapshot: Snapshot) -> str:
    if snapshot.positions is None:
        return "cannot be seen"
    on = [
        f"{switch_name(name)} on since {rfc3339(position.since)}{stated_end(position, snapshot.at)}"
        for name, position in snapshot.positions.items()
        if position
    ]
    return "; ".join(on) or "all off"


def _windows(snapshot: Snapshot) -> str:
    if snapshot.windows is None:
        return "cannot be seen"
    texts = [
        f"{whose(window.server)} {rfc3339(window.start)} to {rfc3339(window.end)}"
        + (", which is over" if window.end < snapshot.at else "")
        for window in snapshot.windows
    ]
    return "; ".join(texts) or "none"


def _certificate(snapshot: Snapshot, settings: Settings, name: str) -> str:
    declared = settings.for_certificate(name).certificate
    public = declared.public
    whose = f"{declared.name}: " if settings.certificates else ""
    days = (public.not_after - snapshot.at) // DAY
    other = [
        host.host.name
        for host in snapshot.hosts
        if host.host.certificate == name
        and host.probe.served_by is ServedBy.PAGE
        and host.certificate
        and host.certificate.fingerprint != public.fingerprint
    ]
    text = f"{whose}{public.fingerprint[:23]}…, until {public.not_after:%Y-%m-%d} ({days} days)"
    return text + (f"; NOT the one of {', '.join(other)}" if other else "")


def _when(at: datetime | None) -> str | None:
    return rfc3339(at) if at else None
