"""Visits beside each other."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

from understudy_failover.operations.lookout import Lookout, TimedVisit
from understudy_failover.operations.sight import OnStage, Visit
from understudy_failover.settings import Host, Settings

SEEN = Visit(OnStage.SERVER, "200")


def test_a_visit_that_hangs_holds_up_no_other(settings: Settings) -> None:
    hanging, quick = settings.servers[0].hosts[:2]
    release = Event()

    def visit(host: Host) -> Visit:
        if host is hanging:
            release.wait(30)
        return SEEN

    found: list[TimedVisit] = []
    with ThreadPoolExecutor(4) as workers:
        lookout = Lookout((hanging, quick), visit, lambda: 7.0, workers)
        while len(found) < 3:
            found += lookout.ended()
        assert {visit.host for visit in found} == {quick}
        release.set()
        while not any(visit.host is hanging for visit in found):
            found += lookout.ended()
    assert found[0] == TimedVisit(quick, SEEN, 7.0, 7.0)
