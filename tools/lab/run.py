"""A run of the lab: all installed programs, through one failover and fail-back."""

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import dns.asyncquery
import dns.exception
import dns.message
import dns.rdatatype

from tools.lab.authority import Authority
from tools.lab.judge import Observation, Outcome, outcome
from tools.lab.network import NAME, SERVER
from tools.lab.origin import HTTP_PORT, Origin
from tools.lab.phases import AWAY_SECONDS, BACK_SECONDS, REFUSED_SECONDS, WARM_UP_SECONDS, Phases
from tools.lab.programs import Bench, Subject, end, start
from tools.lab.proxies import PROXIES
from tools.lab.requesters import REQUESTERS
from tools.lab.resolvers import BEHIND, RESOLVERS
from understudy_failover.emulator.network import EDGE_IPV4

SUBJECTS: tuple[Subject, ...] = (*RESOLVERS, *PROXIES, *REQUESTERS)
REQUEST_SECONDS = 1.0
TIMEOUT_SECONDS = 5.0
SHOWN_BYTES = 300


@dataclass(frozen=True)
class Measured:
    """The result of a subject; `outcome` is None if it never reached the server."""

    subject: Subject
    outcome: Outcome | None
    output: str
    """The end of its output."""


def addresses() -> list[str]:
    """Return all addresses of the network except the authority's."""
    return [SERVER, *EDGE_IPV4, BEHIND, *(subject.address for subject in SUBJECTS if subject.address)]


async def play(
    subjects: Sequence[Subject],
    *,
    server: Origin,
    page: Origin,
    benches: Mapping[str, Bench],
    say: Callable[[str], None],
) -> list[Measured]:
    """Start `subjects`, play the phases, and end the subjects in any case."""
    authority = Authority()
    answers: dict[str, list[Observation]] = {subject.name: [] for subject in subjects}
    async with AsyncExitStack() as stack:
        await authority.start()
        stack.push_async_callback(authority.stop)
        for origin in (server, page):
            await origin.start()
            stack.callback(origin.stop)
        for subject in subjects:
            processes = await start(benches[subject.name])
            stack.push_async_callback(end, processes)
        for subject in subjects:
            if subject in RESOLVERS and not subject.sends_requests:
                _run_until_end(stack, _query_resolver(subject, answers[subject.name]))
            elif not subject.sends_requests:
                _run_until_end(stack, _request_proxy(subject))

        def observations(subject: Subject) -> list[Observation]:
            name = subject.name
            printed = _printed(benches[name].folder) if subject in RESOLVERS and subject.sends_requests else []
            return [*answers[name], *printed, *server.observations[name], *page.observations[name]]

        say("starting all programs …")
        for _ in range(WARM_UP_SECONDS):
            await asyncio.sleep(1)
            if all(observations(subject) for subject in subjects):
                break
        phases = await _play_phases(authority, server, say)
        return [
            Measured(subject, outcome(observations(subject), phases), _tail(benches[subject.name].folder))
            for subject in subjects
        ]


async def _play_phases(authority: Authority, server: Origin, say: Callable[[str], None]) -> Phases:
    away = time.monotonic()
    authority.healthy = False
    say(f"DNS answers the page, the server works: {AWAY_SECONDS} s")
    await asyncio.sleep(AWAY_SECONDS)
    refused = time.monotonic()
    server.stop()
    say(f"the server refuses connections: {REFUSED_SECONDS} s")
    await asyncio.sleep(REFUSED_SECONDS)
    back = time.monotonic()
    await server.start()
    authority.healthy = True
    say(f"the server works, DNS answers the server, the page works: {BACK_SECONDS} s")
    await asyncio.sleep(BACK_SECONDS)
    return Phases(away, refused, back, time.monotonic())


def _run_until_end(stack: AsyncExitStack, asking: Coroutine[None, None, None]) -> None:
    task = asyncio.create_task(asking)
    stack.callback(task.cancel)


async def _query_resolver(subject: Subject, observations: list[Observation]) -> None:
    while True:
        query = dns.message.make_query(f"{NAME}.", "A")
        try:
            reply = await dns.asyncquery.udp(query, subject.address, TIMEOUT_SECONDS)
        except (dns.exception.DNSException, OSError):
            await asyncio.sleep(REQUEST_SECONDS)
            continue
        addresses = [str(record) for rrset in reply.answer if rrset.rdtype == dns.rdatatype.A for record in rrset]
        if addresses:
            observations.append(Observation(time.monotonic(), SERVER not in addresses))
        await asyncio.sleep(REQUEST_SECONDS)


async def _request_proxy(subject: Subject) -> None:
    """Send each request on a new connection: only the connections of the proxy are tested."""
    request = f"GET /{subject.name}/ HTTP/1.1\r\nHost: {NAME}\r\nConnection: close\r\n\r\n".encode("ascii")
    while True:
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                reader, writer = await asyncio.open_connection(subject.address, HTTP_PORT)
                writer.write(request)
                await reader.read(-1)
                writer.close()
        except OSError:  # includes TimeoutError
            pass
        await asyncio.sleep(REQUEST_SECONDS)


def _printed(folder: Path) -> list[Observation]:
    """Return the observations in lines `SECONDS ADDRESS` of a client that only resolves."""
    lines = (line.split() for line in _output(folder).splitlines())
    return [
        Observation(float(line[0]), line[1] != SERVER) for line in lines if len(line) == 2 and line[1].count(".") == 3
    ]


def _output(folder: Path) -> str:
    return "".join(path.read_text(encoding="utf-8", errors="replace") for path in _files(folder))


def _files(folder: Path) -> Iterable[Path]:
    return sorted(folder.glob("output-*.txt"))


def _tail(folder: Path) -> str:
    return " ".join(_output(folder).split())[-SHOWN_BYTES:]
