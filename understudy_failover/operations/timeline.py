"""The observations of a drill, host by host, as spans without a change."""

from collections.abc import Callable, Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict

from understudy_failover.operations.observation import Answers, HttpsProbe, Observation, ServedBy
from understudy_failover.operations.pooled_client import MARK
from understudy_failover.settings import Server

Dns = Literal["server", "maintenance page", "mixed", "none"]
Tls = Literal["trusted", "refused", "none"]


class Span(BaseModel):
    """From the first probe that showed this state to the first that showed another, or to the end."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    from_seconds: float
    to_seconds: float
    dns: Dns
    """Whose addresses the zone's name server answers; `mixed` for those of neither alone, `none` for no answer."""
    addresses: tuple[str, ...]
    on_stage: ServedBy
    """What answers HTTPS."""
    tls: Tls
    """Whether a client trusts the session; `none` where there was no session."""
    status: int | None
    """Of the HTTP answer."""
    detail: str
    """The status, or why there is no answer."""


class Timeline:
    """The observations by host; `elapsed_seconds` is the drill's clock."""

    def __init__(self, servers: Mapping[str, Server], elapsed_seconds: Callable[[], float]) -> None:
        """`servers` are those of all host names."""
        self._servers = servers
        self._elapsed_seconds = elapsed_seconds
        self._spans: dict[str, list[Span]] = {}
        self._shown: set[str] = set()
        """By the last observation; a host that it lacked begins a new span."""

    def see(self, observations: Mapping[str, Observation]) -> None:
        now = self._elapsed_seconds()
        for host, observation in observations.items():
            spans = self._spans.setdefault(host, [])
            span = _span(observation, self._servers[host.removesuffix(MARK)], now)
            goes_on = host in self._shown
            if goes_on:
                # The state lasted until now at most: the change came after the last observation.
                spans[-1] = spans[-1].model_copy(update={"to_seconds": now})
            if not goes_on or _state(spans[-1]) != _state(span):
                spans.append(span)
        self._shown = {*observations}

    def spans(self) -> dict[str, tuple[Span, ...]]:
        return {host: tuple(spans) for host, spans in self._spans.items()}


def _span(observation: Observation, server: Server, now: float) -> Span:
    answers, probe = observation.answers, observation.probe
    return Span(
        from_seconds=now,
        to_seconds=now,
        dns=_dns(answers, server),
        addresses=(*answers.ipv4, *answers.ipv6),
        on_stage=probe.served_by,
        tls=_tls(probe),
        status=probe.status,
        detail=probe.detail,
    )


def _state(span: Span) -> tuple[object, ...]:
    # CloudFront's addresses change all the time, without a meaning.
    addresses = () if span.dns == "maintenance page" else span.addresses
    return (span.dns, addresses, span.on_stage, span.tls, span.status, span.detail)


def _dns(answers: Answers, server: Server) -> Dns:
    if answers.are_of_server(server):
        return "server"
    if answers.are_of_page(server):
        return "maintenance page"
    return "mixed" if answers.ipv4 or answers.ipv6 else "none"


def _tls(probe: HttpsProbe) -> Tls:
    if not probe.trusted:
        return "refused"
    return "trusted" if probe.status is not None else "none"
