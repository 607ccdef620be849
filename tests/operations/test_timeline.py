"""What a drill saw becomes spans in which nothing changed."""

from understudy_failover.operations.observation import Answers, HttpsProbe, Observation, ServedBy
from understudy_failover.operations.pooled_client import MARK
from understudy_failover.operations.timeline import Timeline
from understudy_failover.settings import Settings

WEB = Answers(("203.0.113.10",), ("2001:db8::10",))
EDGE = Answers(("198.51.100.10",), ("2001:db8:cf::10",))
EDGE_TOO = Answers(("198.51.100.74",), ("2001:db8:cf::4a",))
BOTH = Answers(("203.0.113.10",), ("2001:db8:cf::10",))
NOTHING = Answers((), (), "SERVFAIL")
ANSWERS = HttpsProbe(ServedBy.SERVER, "200", status=200)
SHOWS_PAGE = HttpsProbe(ServedBy.PAGE, "503", status=503)
REFUSED = HttpsProbe(ServedBy.NOBODY, "refused")
UNTRUSTED = HttpsProbe(ServedBy.NOBODY, "TLS: expired", trusted=False)


class _Watched:
    """A timeline of example.com on a clock of the test's."""

    def __init__(self, settings: Settings) -> None:
        self.now = 0.0
        self.timeline = Timeline({"example.com": settings.servers[0]}, lambda: self.now)

    def see(self, at: float, answers: Answers, probe: HttpsProbe) -> None:
        self.now = at
        self.timeline.see({"example.com": Observation(answers, probe)})

    def rows(self) -> list[tuple[float, float, str, str, int | None]]:
        spans = self.timeline.spans()["example.com"]
        return [(span.from_seconds, span.to_seconds, span.dns, span.tls, span.status) for span in spans]


def test_a_span_lasts_until_an_observation_shows_something_else(settings: Settings) -> None:
    watched = _Watched(settings)
    for at, answers, probe in (
        (1, WEB, ANSWERS),
        (2, WEB, ANSWERS),
        (3, WEB, REFUSED),
        (4, WEB, REFUSED),
        (5, EDGE, SHOWS_PAGE),
        (9, EDGE, SHOWS_PAGE),
    ):
        watched.see(at, answers, probe)
    assert watched.rows() == [
        (1, 3, "server", "trusted", 200),
        (3, 5, "server", "none", None),
        (5, 9, "maintenance page", "trusted", 503),
    ]


def test_addresses_of_both_or_of_nobody_and_refused_sessions_are_distinguished(settings: Settings) -> None:
    watched = _Watched(settings)
    watched.see(1, BOTH, UNTRUSTED)
    watched.see(2, NOTHING, REFUSED)
    assert watched.rows() == [(1, 2, "mixed", "refused", None), (2, 2, "none", "none", None)]


def test_another_address_of_the_edge_is_no_change(settings: Settings) -> None:
    watched = _Watched(settings)
    watched.see(1, EDGE, SHOWS_PAGE)
    watched.see(2, EDGE_TOO, SHOWS_PAGE)
    assert len(watched.rows()) == 1


def test_a_kept_connection_has_a_row_that_ends_where_it_is_not_looked_at(settings: Settings) -> None:
    watched = _Watched(settings)
    kept = f"example.com{MARK}"
    for at, observations in (
        (1, {kept: Observation(WEB, SHOWS_PAGE)}),
        (2, {kept: Observation(WEB, SHOWS_PAGE)}),
        (3, {}),
        (9, {kept: Observation(WEB, SHOWS_PAGE)}),
    ):
        watched.now = at
        watched.timeline.see(observations)
    spans = watched.timeline.spans()[kept]
    assert [(span.from_seconds, span.to_seconds, span.dns, span.status) for span in spans] == [
        (1, 2, "server", 503),
        (9, 9, "server", 503),
    ]
