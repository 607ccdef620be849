"""Visits beside each other."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

from understudy_failover.operations.observation import HttpsProbe, ServedBy
from understudy_failover.operations.poller import Poller, TimedProbe
from understudy_failover.settings import Host, Settings

SERVED = HttpsProbe(ServedBy.SERVER, "200")


def test_a_visit_that_hangs_holds_up_no_other(settings: Settings) -> None:
    hanging, quick = settings.servers[0].hosts[:2]
    release = Event()

    def probe_https(host: Host) -> HttpsProbe:
        if host is hanging:
            release.wait(30)
        return SERVED

    probes: list[TimedProbe] = []
    with ThreadPoolExecutor(4) as workers:
        poller = Poller((hanging, quick), probe_https, lambda: 7.0, workers)
        while len(probes) < 3:
            probes += poller.ended()
        assert {probe.host for probe in probes} == {quick}
        release.set()
        while not any(probe.host is hanging for probe in probes):
            probes += poller.ended()
    assert probes[0] == TimedProbe(quick, SERVED, 7.0, 7.0)
