"""`understudy confirm` on the embedded AWS: every question is answered, both ways, and nothing is left."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.account import log_in
from tests.certificates.authority import Authority, pem, rsa_key, traditional
from tests.operations.confirm.stand_ins import OtherWay, StandInClient, StandInInternet, Way
from understudy_failover import cli
from understudy_failover.emulator import EmbeddedAws
from understudy_failover.operations import aws as product_aws
from understudy_failover.operations.certificate.source import Source, read
from understudy_failover.operations.confirm import command, stack_questions
from understudy_failover.operations.confirm.context import FAULTS, Answer, Context
from understudy_failover.operations.confirm.ledger import Entry, Ledger
from understudy_failover.operations.confirm.play import QUESTIONS, Played, play
from understudy_failover.operations.confirm.removal import REMOVERS, remove_all
from understudy_failover.operations.confirm.shared import site_of, zone_of
from understudy_failover.operations.interruption import Interrupted

pytestmark = pytest.mark.timeout(900)
ZONE, TOKEN = "confirm.test", "understudy-confirm-0c0ffee0"
PATIENCE = 0.7
"""Of the longest wait: the embedded AWS is quicker than the questions allow."""
Resources = Callable[[], dict[str, list[str]]]


@pytest.fixture(scope="module")
def aws(processes: None) -> Iterator[EmbeddedAws]:
    with EmbeddedAws(rate=50) as running, pytest.MonkeyPatch.context() as patch:
        log_in(patch, running)
        yield running


@pytest.fixture
def everything(aws: EmbeddedAws) -> Resources:
    def names() -> dict[str, list[str]]:
        zones = aws.client("route53").list_hosted_zones()["HostedZones"]
        return {**aws.resources(), "hosted zones": [zone["Name"] for zone in zones]}

    return names


@pytest.fixture
def certificate(tmp_path: Path) -> list[str]:
    """A certificate as a user gives one."""
    authority, key = Authority.make("confirm test"), rsa_key()
    leaf = authority.leaf(key, [f"*.{ZONE}"])
    files = {"leaf.pem": pem(leaf), "chain.pem": pem(authority.certificate), "key.pem": traditional(key)}
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="ascii")
    return [str(tmp_path / name) for name in files]


def _answers(
    patch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    way: Way,
    tmp_path: Path,
    *words: str,
) -> tuple[int, dict[str, Any]]:
    """Return the exit code and the report of the command."""
    client, overrides = product_aws.client, way.overrides()
    plan = SimpleNamespace(actions=way.differences, lost=(), unseen=())
    with patch.context() as inner:
        inner.setattr(
            product_aws,
            "client",
            lambda service, *config, **options: StandInClient(client(service, *config, **options), service, overrides),
        )
        inner.setattr(command, "Internet", lambda _: StandInInternet(way.aws, way))
        inner.setattr(command, "SystemClock", lambda: way.aws.clock)
        inner.setattr(command, "time", SimpleNamespace(sleep=way.aws.clock.sleep))
        inner.setattr(command, "Context", partial(Context, patience=PATIENCE))
        inner.setattr(stack_questions, "load", lambda _: None)
        inner.setattr(stack_questions, "Deployment", lambda *_: SimpleNamespace(repairs=lambda **_: plan))
        ledger = ("--ledger", str(tmp_path / "ledger.json"))
        name_server = ("--name-server", "{}:{}".format(*way.aws.nameserver))
        code = cli.main(["confirm", "--zone", ZONE, "--apply", "--json", *ledger, *name_server, *words])
    printed = capsys.readouterr()
    assert printed.out, printed.err
    report: dict[str, Any] = json.loads(printed.out)
    return code, report


def test_every_question_is_answered_both_ways_and_nothing_is_left(  # noqa: PLR0917 (fixtures)
    aws: EmbeddedAws,
    everything: Resources,
    certificate: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = everything()
    reports: list[dict[str, tuple[str, str]]] = []
    for way in (Way(aws), OtherWay(aws)):
        code, report = _answers(monkeypatch, capsys, way, tmp_path, "--certificate", *certificate)
        reports.append({answer["id"]: (answer["answer"], answer["evidence"]) for answer in report["answers"]})
        assert not [answer for answer in report["answers"] if answer["answer"] == "open"]
        assert (code, report["left"]) == (0, [])
        assert everything() == before
        assert not (tmp_path / "ledger.json").exists()
        assert "000000000000" not in json.dumps(report)
    one_way, other_way = reports
    assert one_way.keys() == other_way.keys() == QUESTIONS.keys()
    for id_ in QUESTIONS:
        assert one_way[id_][1] != other_way[id_][1], id_
        if one_way[id_][0] != "measured":
            assert {one_way[id_][0], other_way[id_][0]} == {"yes", "no"}, (id_, one_way[id_], other_way[id_])


class StopAt:
    """A clock that raises Interrupted at one of its sleeps; waits take no time."""

    def __init__(self, aws: EmbeddedAws, stop_at: int) -> None:
        self.now = aws.clock.now
        self._left = stop_at

    def sleep(self, _seconds: float) -> None:
        if self._left == 0:
            raise Interrupted
        self._left -= 1


def _context(
    aws: EmbeddedAws,
    ledger: Ledger,
    stop_at: int,
    after_call: Callable[[str], None],
    certificates: Sequence[Source] = (),
) -> Context:
    way = Way(aws)
    return Context(
        client=lambda service: StandInClient(aws.client(service), service, way.overrides(), after_call),
        internet=StandInInternet(aws, way),
        clock=StopAt(aws, stop_at),
        ledger=ledger,
        zone=ZONE,
        token=TOKEN,
        certificates=certificates,
        patience=0,
    )


def _pause(_seconds: float) -> None:
    time.sleep(0.05)  # CloudFormation deletes beside us


def _play(context: Context, id_: str) -> Played:
    return play(context, [QUESTIONS[id_]], pause=_pause, say=lambda _: None, report=lambda *_: None)


CREATING = sorted(QUESTIONS.keys() - {"repair", "cdk-roles", "fill"})


@pytest.fixture
def source(certificate: list[str]) -> Source:
    source = read(list(map(Path, certificate)))
    assert isinstance(source, Source)
    return source


def test_interrupted_before_any_creation_it_leaves_nothing(
    aws: EmbeddedAws, everything: Resources, source: Source, tmp_path: Path
) -> None:
    before, reached = everything(), set()
    for id_ in CREATING:
        for stop_at in range(100):
            ledger = Ledger(tmp_path / "ledger.json")
            entries: set[Entry] = set()
            context = _context(aws, ledger, stop_at, lambda _: entries.update(ledger.entries), [source])  # noqa: B023
            played = _play(context, id_)
            assert not played.left
            assert not (tmp_path / "ledger.json").exists()
            assert everything() == before, (id_, stop_at)
            reached |= entries
            if not played.interrupted:
                break
        else:
            pytest.fail(f"{id_} sleeps more often than it is interrupted")
    assert {entry.kind for entry in reached} == REMOVERS.keys()


class Killed(BaseException):
    """The process ends at once, and no clean-up runs."""


def _create_shared(context: Context) -> Answer:
    zone_of(context)
    site_of(context)
    return Answer("yes", "")


def test_killed_after_any_change_the_next_run_removes_everything(
    aws: EmbeddedAws, everything: Resources, source: Source, tmp_path: Path
) -> None:
    """After each kind of call that changes something, with what each question has created until then."""
    before, killed_at = everything(), set()
    asks = {"shared": _create_shared, **{id_: QUESTIONS[id_].ask for id_ in CREATING}}
    for id_, ask in asks.items():
        while True:
            ledger = Ledger(tmp_path / "ledger.json")
            is_late = id_.startswith("certificate")
            armed, killed = not is_late, False

            def kill(operation: str) -> None:
                nonlocal killed
                verb = operation.partition(".")[2].partition("_")[0]
                point = (operation, ledger.entries[-1].kind if ledger.entries else "")  # noqa: B023
                if armed and point not in killed_at and verb not in {"get", "list", "describe", "simulate", "assume"}:  # noqa: B023
                    killed_at.add(point)
                    killed = True
                    raise Killed

            context = _context(aws, ledger, 1000, kill, [source])
            try:
                if is_late:  # as in a whole run, where the certificates come after the distribution
                    _create_shared(context)
                    armed = True
                ask(context)
            except Killed:
                pass
            except FAULTS:
                assert not killed
            reread = Ledger(tmp_path / "ledger.json")
            assert remove_all(reread, aws.client, _pause, lambda _: None) == [], (id_, killed_at)
            assert everything() == before, (id_, killed_at)
            if not killed:
                break
    assert {operation for operation, _ in killed_at} >= {
        "cloudformation.update_stack",
        "cloudfront.publish_function",
        "cloudfront.update_distribution",
        "cloudwatch.put_metric_alarm",
        "iam.upload_server_certificate",
        "route53.change_resource_record_sets",
        "route53.create_health_check",
        "s3.put_object",
    }


def test_the_next_run_removes_what_a_killed_run_left_before_it_asks(
    aws: EmbeddedAws,
    everything: Resources,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = everything()
    aws.client("route53").create_hosted_zone(Name=f"{TOKEN}.{ZONE}", CallerReference=TOKEN)
    Ledger(tmp_path / "ledger.json").add("hosted zone", TOKEN)
    code, _ = _answers(monkeypatch, capsys, Way(aws), tmp_path, "--only", "cdk-roles")
    assert code == 0
    assert everything() == before
