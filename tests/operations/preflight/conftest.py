"""An account that is ready for the sample, and `preflight` run against it; each test breaks one thing."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.account import log_in
from tests.stacks.templates import sample_text, synthesise, with_sample_certificate
from understudy_failover.cli import main
from understudy_failover.operations.finding import Verdict
from understudy_failover.operations.interruption import Interruption
from understudy_failover.operations.preflight import command
from understudy_failover.rehearsal.bed import RehearsalBed

RATE = 10
BOOTSTRAP = "/cdk-bootstrap/hnb659fds/version"


@dataclass
class Account:
    """The test bed, and what preflight says about it."""

    bed: RehearsalBed
    assembly: Path
    capsys: pytest.CaptureFixture[str] | None = None

    def preflight(self, *words: str, only: str = "", assembly: Path | None = None) -> tuple[int, list[dict[str, Any]]]:
        """Exit code and findings; `only` one of the checks, or all."""
        assert self.capsys
        with pytest.MonkeyPatch.context() as patch:
            if only:
                patch.setattr(command, "CHECKS", {only: command.CHECKS[only]})
            self.capsys.readouterr()
            code = main(
                [
                    "preflight",
                    *("--settings", str(self.bed.settings_path)),
                    *("--assembly", str(assembly or self.assembly)),
                    *self.bed.options(),
                    "--json",
                    *words,
                ]
            )
        printed = self.capsys.readouterr()
        assert printed.out, printed.err
        findings: list[dict[str, Any]] = json.loads(printed.out)["findings"]
        return code, findings

    def only(self, verdict: Verdict, check: str) -> dict[str, Any]:
        """The one finding of a check that did not pass, which has this verdict and advice."""
        code, findings = self.preflight(only=check)
        (finding,) = (candidate for candidate in findings if candidate["verdict"] != "passed")
        assert finding["verdict"] == verdict, finding
        assert finding["advice"]
        assert code == {Verdict.WARNING: 0, Verdict.UNKNOWN: 3, Verdict.FAILED: 1}[verdict]
        return finding

    def client(self, service: str) -> Any:
        """A boto3 client of the account."""
        return self.bed.aws.client(service)

    def change(self, zone: str, action: str, record: dict[str, Any]) -> None:
        """One change of a record set."""
        self.client("route53").change_resource_record_sets(
            HostedZoneId=zone, ChangeBatch={"Changes": [{"Action": action, "ResourceRecordSet": record}]}
        )


@pytest.fixture(scope="module")
def _account(tmp_path_factory: pytest.TempPathFactory, processes: None) -> Iterator[Account]:
    folder = with_sample_certificate(tmp_path_factory.mktemp("preflight"))
    settings = folder / "failover.toml"
    settings.write_text(sample_text(), encoding="utf-8")
    assembly = folder / "cdk.out"
    synthesise(settings, assembly)
    with (
        pytest.MonkeyPatch.context() as patch,
        Interruption() as interruption,
        RehearsalBed(settings, rate=RATE, interruption=interruption) as bed,
    ):
        log_in(patch, bed.aws)
        account = Account(bed, assembly)
        bootstrapped(account, 30)
        yield account


@pytest.fixture
def account(_account: Account, capsys: pytest.CaptureFixture[str]) -> Account:
    """The account; a test puts back what it changes."""
    _account.capsys = capsys
    return _account


@pytest.fixture
def simple(account: Account) -> Iterator[Callable[..., None]]:
    """Puts a record set into a zone for the length of a test."""
    calls: list[tuple[str, dict[str, Any]]] = []

    def put(name: str, kind: str, *values: str, zone: str = "Z0EXAMPLECOM00000001", **more: Any) -> None:
        record: dict[str, Any] = {"Name": name, "Type": kind, **more}
        if values:
            record |= {"TTL": 300, "ResourceRecords": [{"Value": value} for value in values]}
        account.change(zone, "CREATE", record)
        calls.append((zone, record))

    yield put
    for zone, record in calls:
        account.change(zone, "DELETE", record)


def bootstrapped(account: Account, version: int) -> None:
    """What `cdk bootstrap` leaves to be seen."""
    account.client("ssm").put_parameter(Name=BOOTSTRAP, Value=str(version), Type="String", Overwrite=True)
