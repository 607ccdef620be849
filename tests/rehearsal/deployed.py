"""A stage with settings of a test's own, deployed by the real CDK."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.rehearsal.conftest import RATE
from understudy_failover.operations.interruption import Interruption
from understudy_failover.rehearsal.certificates import CertificateAuthority
from understudy_failover.rehearsal.stage import Stage


@contextmanager
def deployed(folder: Path, settings: str, certified: Mapping[str, tuple[str, ...]]) -> Iterator[Stage]:
    """`settings` in an empty `folder`, beside certificates: host names by the name of each."""
    authority = CertificateAuthority()
    for name, names in certified.items():
        authority.issue(names, days=90).write_public_half(folder / "certificates" / name)
    file = folder / "failover.toml"
    file.write_text(settings, encoding="utf-8")
    with Interruption() as interruption, Stage(file, rate=RATE, interruption=interruption) as stage:
        stage.cdk.bootstrap(print)
        stage.cdk.deploy(print)
        yield stage
