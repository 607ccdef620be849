"""`understudy estimate`: amounts of the price lists, and times that the played outages confirm."""

import json
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from statistics import fmean
from xml.etree import ElementTree

import pytest

from benchmarks import fail_back_page
from benchmarks.candidates import OURS, Candidate
from benchmarks.failover import measure
from understudy_failover import cli as entry
from understudy_failover.operations.bounds import failback_bound, failover_bound
from understudy_failover.operations.estimate.bill import bill, prices, total
from understudy_failover.operations.estimate.candidates import choices, compare
from understudy_failover.operations.estimate.client_behavior import (
    FILE,
    Arrivals,
    Delay,
    Direction,
    Kind,
    arrivals,
    kinds,
)
from understudy_failover.operations.estimate.tables import bill_rows, bill_table, time_table
from understudy_failover.settings import HealthCheck, Settings, Timing, load

PROFILES = ("economy", "standard", "fast")
DIRECTIONS: tuple[Direction, ...] = ("page", "server")
FEW = 20_000
SIMULATING = "understudy_failover.operations.estimate.candidates.arrivals"
ORDERLY = Kind("asks DNS for each connection", Delay(0, 0, 0), Delay(0, 0, 0))


@pytest.fixture(scope="module", autouse=True)
def _each_simulation_once() -> Iterator[None]:
    """Nearly every command here simulates the same clients of the same profiles."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SIMULATING, cache(arrivals))
        yield


def _arrivals(check: HealthCheck, timing: Timing, direction: Direction, kind: Kind) -> Arrivals:
    shares = arrivals(check, timing, direction, clients=FEW, kind=kind)
    assert shares is not None
    return shares


def _timing(profile: str) -> Timing:
    return Timing.model_validate({"profile": profile})


def _server_amount(settings: Settings, profile: str) -> float:
    return bill(settings, _timing(profile), prices(), million_queries=0)[0].high_usd


def _changed(root: Path, folder: Path, *changes: tuple[str, str]) -> Settings:
    """The shipped file with other texts in it."""
    folder.mkdir(exist_ok=True)
    (folder / "certificates").symlink_to(root / "tests/sample/certificates")
    text = (root / "tests/sample/failover.toml").read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    (folder / "failover.toml").write_text(text, encoding="utf-8")
    return load(folder / "failover.toml")


@pytest.mark.parametrize(("profile", "usd"), [("economy", 2.75), ("standard", 4.75), ("fast", 4.75)])
def test_a_health_check_over_https_costs_what_the_price_list_says(settings: Settings, profile: str, usd: float) -> None:
    assert _server_amount(settings, profile) == usd


@pytest.mark.parametrize(
    ("changes", "usd"),
    [
        ("", 4.75),
        ('search_string = "x"', 6.75),
        ('search_string = "x"\nmeasure_latency = true', 8.75),
        ('type = "HTTP"', 2.75),
        ('type = "TCP"', 2.75),
        ("per_host = true", 3 * 4.75),
    ],
)
def test_every_option_of_a_check_has_its_price(root: Path, tmp_path: Path, changes: str, usd: float) -> None:
    asked = 'host_name = "example.com"   #'
    changed = _changed(root, tmp_path, (asked, f"{changes}\n{asked}"))
    assert _server_amount(changed, "standard") == usd


def test_there_is_a_switch_for_each_server_and_one_for_all(settings: Settings) -> None:
    (switches,) = (
        item
        for item in bill(settings, _timing("standard"), prices(), million_queries=0)
        if item.what == "health checks of the switches"
    )
    assert (switches.count, switches.low_usd, switches.high_usd) == (3, 0.0, 2.25)


def test_access_logs_cost_what_they_take_up_for_as_long_as_they_are_kept(root: Path, tmp_path: Path) -> None:
    def amounts(settings: Settings) -> list[tuple[float, float]]:
        items = bill(settings, _timing("standard"), prices(), million_queries=0)
        return [(item.low_usd, item.high_usd) for item in items if item.what.startswith("access logs")]

    month, many = (_changed(root, tmp_path / days, ("keep_days = 30", f"keep_days = {days}")) for days in ("30", "300"))
    ((low, high),) = amounts(month)
    # Three switches, 6 checkers every 30 s for 30 days: 1,555,200 requests of 450 to 800 bytes, at 0.023 a GB.
    assert (low, high) == pytest.approx((1.5552 * 0.45 * 0.023, 1.5552 * 0.8 * 0.023))
    assert amounts(many)[0] == pytest.approx((10 * low, 10 * high))
    without = _changed(root, tmp_path / "none", ("[access_logs]\nkeep_days = 30", ""))
    assert amounts(without) == []


def test_settings_that_save_money_are_shown_with_what_is_left(settings: Settings) -> None:
    by_setting = {choice.setting: choice for choice in choices(settings, million_queries=1)}
    low, high = total(bill(settings, settings.timing, prices(), million_queries=1))
    assert {name for name, choice in by_setting.items() if choice.chosen} == {
        '[maintenance] switches = "per-server"',
        "[monitoring] alarms = true",
        "[monitoring] dashboard = false",
        "[notifications] encrypted = false",
    }
    for choice in by_setting.values():
        if choice.chosen:
            assert (choice.low_usd, choice.high_usd) == (low, high)
    assert by_setting["[notifications] encrypted = true"].low_usd == pytest.approx(low + 1)
    assert by_setting["[monitoring] dashboard = true"].high_usd == pytest.approx(high + 3)
    switches = [by_setting[f'[maintenance] switches = "{mode}"'].high_usd for mode in ("per-server", "one", "none")]
    assert switches == sorted(switches, reverse=True)
    assert by_setting["no switches, no alarms"].high_usd <= 14


def test_the_targets_of_the_bill_are_met(settings: Settings) -> None:
    low, high = total(bill(settings, _timing("standard"), prices(), million_queries=1))
    assert low <= 18
    assert high <= 26


def test_beyond_the_free_checks_of_aws_endpoints_each_costs_something(settings: Settings) -> None:
    many = settings.model_copy(update={"servers": settings.servers * 30})
    (item,) = (
        item
        for item in bill(many, _timing("standard"), prices(), million_queries=0)
        if item.what == "health checks of the switches"
    )
    # 60 switches and the one for all, and the page's.
    assert (item.count, item.low_usd) == (61, (61 + 1 - 50) * 0.5)


def test_a_hold_of_the_file_stands_beside_profiles_that_have_none(root: Path, tmp_path: Path) -> None:
    changed = _changed(root, tmp_path, ("# failback_hold_minutes = 0 ", "failback_hold_minutes = 10 "))
    head, *rows = bill_rows(compare(changed, clients=FEW, million_queries=1))
    (holds,) = (row for row in rows if row[0].startswith("health checks of the holds"))
    assert len(holds) == len(head)
    assert holds[1:5] == ("0.00 to 1.50", "0.00", "0.00", "0.00")


def test_no_amount_is_negative_and_low_is_never_above_high(settings: Settings) -> None:
    for profile in PROFILES:
        items = bill(settings, _timing(profile), prices(), million_queries=2.5)
        assert all(0 <= item.low_usd <= item.high_usd for item in items)
        assert total(items)[1] == pytest.approx(sum(item.high_usd for item in items))


def test_every_price_has_a_source_and_the_list_a_date() -> None:
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", prices().as_of)
    assert all(price.source.startswith("https://aws.amazon.com/") for price in prices().by_name.values())


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("profile", PROFILES)
def test_users_who_go_by_the_ttl_all_come_within_the_bound(
    settings: Settings, profile: str, direction: Direction
) -> None:
    bound = failover_bound if direction == "page" else failback_bound
    for server in settings.servers:
        timing = _timing(profile)
        shares = _arrivals(server.health_check, timing, direction, ORDERLY)
        assert shares.within(1) <= shares.worst <= bound(server.health_check, timing).total_seconds


@pytest.mark.lengthy
@pytest.mark.parametrize(
    "candidate", [times for times in OURS if times.name != "economy"], ids=lambda times: times.name
)
def test_the_simulation_and_outages_that_are_played_give_the_same_means(
    settings: Settings, candidate: Candidate
) -> None:
    check = settings.servers[0].health_check
    for direction, times in zip(DIRECTIONS, measure(candidate, outages=60), strict=True):
        simulated = _arrivals(check, _timing(candidate.name), direction, ORDERLY)
        # Played ones are looked at every half second, and simulated ones rounded up to the second.
        assert sum(1 - simulated.share(second) for second in range(simulated.worst)) == pytest.approx(
            fmean(times.followed), abs=2.5
        )


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_what_clients_keep_beyond_the_ttl_makes_them_later(settings: Settings, direction: Direction) -> None:
    check, timing = settings.servers[0].health_check, _timing("standard")
    orderly = _arrivals(check, timing, direction, ORDERLY)
    for kind in kinds():
        delay = kind.page if direction == "page" else kind.server
        if delay is None:
            assert arrivals(check, timing, direction, clients=FEW, kind=kind) is None
            continue
        shares = _arrivals(check, timing, direction, kind)
        assert orderly.within(0.5) + delay.median * 0.5 <= shares.within(0.5) <= shares.within(0.95) <= shares.worst
        assert shares.worst >= orderly.worst + delay.longest - 1
        assert kind.overstays or shares.worst <= orderly.worst + delay.longest + 1


def test_a_delay_is_linear_between_what_is_known() -> None:
    delay = Delay(30, 57, 60)
    assert [round(delay.of(share), 6) for share in (0, 0.25, 0.5, 0.95, 1)] == [0, 15, 30, 57, 60]


def test_two_figures_are_assumed_and_every_kind_names_its_source() -> None:
    tables = tomllib.loads(FILE.read_text(encoding="utf-8"))["clients"]
    assert len({table["name"] for table in tables}) == len(tables)
    assert sum(not table["published"] for table in tables) == 2
    for table in tables:
        assert ("assumed" in table["source"]) is not table["published"]
        assert re.search(r"measured 20\d\d-\d\d-\d\d|https://doi.org/", table["source"])


def test_the_fail_back_of_browsers_is_that_of_the_benchmark() -> None:
    """If not: copy the seconds, the date and the number of tabs into client_kinds.toml."""
    tables = {table["name"]: table for table in tomllib.loads(FILE.read_text(encoding="utf-8"))["clients"]}
    browsers = fail_back_page.figures()
    assert set(browsers) == {"Chromium", "Firefox", "WebKitGTK"}
    for name, run in browsers.items():
        (row,) = [row for row in run["rows"] if row["page"] == "after" and not row["background"]]
        assert tables[name]["server"] == row["seconds"]
        measured = f"back, measured {run['date']}: [{row['tabs']} tabs](../benchmarks/fail_back.md)"
        assert tables[name]["source"].endswith(measured)


def test_a_timing_that_is_no_profile_stands_first_and_is_the_chosen_one(root: Path, tmp_path: Path) -> None:
    changed = _changed(root, tmp_path, ("# ttl_seconds = 30 ", "ttl_seconds = 5 "))
    candidates = compare(changed, clients=FEW, million_queries=1)
    assert [(candidate.name, candidate.chosen) for candidate in candidates] == [
        ("as declared", True),
        *((profile, False) for profile in PROFILES),
    ]


def test_the_command_prints_both_tables_and_marks_what_the_file_has(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert entry.main(["estimate", "--clients", "1000"]) == 0
    printed = capsys.readouterr().out
    assert re.search(r"^USD a month, prices of \S+ +economy +standard \* +fast$", printed, re.MULTILINE)
    assert re.search(r"^health check of web +2\.75 +4\.75 +4\.75  HTTPS, 10 s$", printed, re.MULTILINE)
    assert re.search(r"^  Chromium +\d+ / \d+ / 215 s +\d+ / \d+ / 127 s +\d+ / \d+ / 87 s$", printed, re.MULTILINE)
    assert re.search(r"^  WebKitGTK( +never while used){3}$", printed, re.MULTILINE)


def test_the_json_says_the_same_and_the_plot_is_an_svg(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plot = tmp_path / "new" / "plot.svg"
    words = [
        "estimate",
        "--clients",
        "1000",
        "--json",
        "--plot",
        str(plot),
    ]
    assert entry.main(words) == 0
    standard = json.loads(capsys.readouterr().out)["contenders"][1]
    assert standard["chosen"]
    assert standard["high_usd"] == pytest.approx(sum(item["high_usd"] for item in standard["items"]), abs=0.05)
    assert standard["bound_seconds"] == {"page": 68, "server": 98}
    assert standard["seconds"]["page"]["Chromium"]["worst"] == 67 + 60
    assert standard["seconds"]["page"]["WebKitGTK"] is None
    drawn = ElementTree.fromstring(plot.read_text(encoding="utf-8"))  # noqa: S314 (our own)
    assert len(drawn.findall(".//{http://www.w3.org/2000/svg}polyline")) == len(PROFILES)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--queries", "many"], "'many' is no number of millions; write one from 0 to 1000000, such as 2.5"),
        (["--queries", "nan"], "'nan' is no number of millions"),
        (["--clients", "10"], "'10' is no number of clients; write one from 1000 to 100000000"),
    ],
)
def test_wrong_numbers_are_refused_with_what_is_allowed(
    root: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    with pytest.raises(SystemExit):
        entry.main(["estimate", *words])
    assert said in capsys.readouterr().err


def test_a_plot_that_cannot_be_written_is_one_clear_error(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    plot = str(tmp_path / "file" / "plot.svg")
    assert entry.main(["estimate", "--clients", "1000", "--plot", plot]) == 1
    assert f"--plot {plot}: it cannot be written" in capsys.readouterr().err


@pytest.mark.parametrize("width", [66, 80])
def test_a_narrow_terminal_keeps_every_figure_in_its_column(settings: Settings, width: int) -> None:
    candidates = compare(settings, clients=FEW, million_queries=1)
    for table in (bill_table, time_table):
        wide, narrow = table(candidates).splitlines(), table(candidates, width).splitlines()
        assert max(map(len, narrow)) <= 80
        for line in wide:
            figures = [cell for cell in re.split(" {2,}", line) if re.fullmatch(r"[\d./ ]+( s)?", cell)]
            assert any(all(figure in other for figure in figures) for other in narrow), figures
