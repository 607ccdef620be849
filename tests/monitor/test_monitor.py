"""What the monitor's function does for each of the rules that start it."""

import pytest

from tests.monitor.modules import load

MONITOR = load("monitor")


@pytest.mark.parametrize(
    ("duty", "done"),
    [
        ("certificates", ["certificate_lifetimes.check"]),
        ("switches", ["overdue_switches.check", "planned_pages.refresh"]),
        ("pages", ["planned_pages.refresh"]),
    ],
)
def test_each_duty_is_done_and_no_other(monkeypatch: pytest.MonkeyPatch, duty: str, done: list[str]) -> None:
    names: list[str] = []
    for name in ("certificate_lifetimes.check", "overdue_switches.check", "planned_pages.refresh"):
        module, function = name.split(".")
        monkeypatch.setattr(getattr(MONITOR, module), function, lambda name=name: names.append(name))
    MONITOR.handler({"duty": duty}, None)
    assert names == done
