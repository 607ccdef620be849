"""Test beds of a module's own."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.rehearsal.quick_cdk import QuickCdk, SynthesizedCdk, bootstrap
from understudy_failover.operations.interruption import Interruption
from understudy_failover.rehearsal.bed import RehearsalBed
from understudy_failover.rehearsal.certificates import Authority, CertificateAuthority

RATE = 25


@contextmanager
def bootstrapped(
    settings: Path, *, command_line: bool = False, rate: float = RATE, authority: Authority | None = None
) -> Iterator[RehearsalBed]:
    """A test bed on which nothing is deployed.

    `command_line`: its `cdk` is the real command line, for tests of what that does or prints.
    """
    with (
        Interruption() as interruption,
        RehearsalBed(settings, rate=rate, interruption=interruption, authority=authority) as bed,
    ):
        bootstrap(bed)
        bed.cdk = SynthesizedCdk(bed) if command_line else QuickCdk(bed)
        yield bed


@contextmanager
def deployed(folder: Path, settings: str, certified: Mapping[str, tuple[str, ...]]) -> Iterator[RehearsalBed]:
    """`settings` in an empty `folder`, beside certificates: host names by the name of each."""
    authority = CertificateAuthority()
    for name, names in certified.items():
        authority.issue(names, days=90).write_public_files(folder / "certificates" / name)
    file = folder / "failover.toml"
    file.write_text(settings, encoding="utf-8")
    with bootstrapped(file) as bed:
        bed.cdk.deploy(print)
        yield bed
