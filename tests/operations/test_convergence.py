"""When the last of several has changed over."""

from hypothesis import given, strategies as st

from understudy_failover.operations.convergence import Convergence


def test_the_last_one_counts() -> None:
    convergence = Convergence(["a", "b"], since=100)
    convergence.note("a", reached=True, began_at=110, ended_at=111)
    convergence.note("b", reached=False, began_at=110, ended_at=111)
    convergence.note("b", reached=True, began_at=120, ended_at=122)
    measurement = convergence.measurement("moves", 30)
    assert (measurement.after_seconds, measurement.within_seconds) == (10, 22)


def test_whoever_falls_back_is_awaited_anew() -> None:
    convergence = Convergence(["a"], since=0)
    convergence.note("a", reached=True, began_at=1, ended_at=2)
    assert convergence.missing == []
    convergence.note("a", reached=False, began_at=3, ended_at=4)
    assert convergence.missing == ["a"]
    convergence.note("a", reached=True, began_at=5, ended_at=6)
    assert convergence.measurement("moves", 30).within_seconds == 6


def test_nobody_has_changed_over_at_first() -> None:
    assert Convergence(["a", "b"], since=0).missing == ["a", "b"]


def test_late_is_only_who_had_certainly_not_changed_over_in_time() -> None:
    convergence = Convergence(["a"], since=100)
    convergence.note("a", reached=False, began_at=129, ended_at=150)
    assert not convergence.is_late(30)
    convergence.note("a", reached=False, began_at=131, ended_at=132)
    assert convergence.is_late(30)
    convergence.note("a", reached=True, began_at=140, ended_at=141)
    assert not convergence.is_late(30)


@given(
    true_time=st.floats(0, 1_000),
    probes=st.lists(st.tuples(st.floats(0, 50), st.floats(0, 50)), min_size=1, max_size=50),
)
def test_the_true_time_lies_between_the_two_that_are_reported(
    true_time: float, probes: list[tuple[float, float]]
) -> None:
    convergence, now = Convergence(["a"], since=0), 0.0
    for pause, length in [*probes, (2_000.0, 1.0)]:
        began_at = now + pause
        now = began_at + length
        convergence.note("a", reached=began_at >= true_time, began_at=began_at, ended_at=now)
    measurement = convergence.measurement("moves", 30)
    assert measurement.after_seconds <= true_time <= measurement.within_seconds
