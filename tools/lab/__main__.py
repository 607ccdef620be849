"""Measure which clients follow a failover, and when: `make lab`, in a network namespace, in about six minutes.

Real resolvers, proxies and clients from Debian's packages use the emulator's name server, and a server and a page of
the lab. Exit code: 0 all measurements agree with docs/who_notices.toml; 1 some do not, or failed; 2 nothing could be
measured.
"""

import argparse
import asyncio
import os
import shutil
import ssl
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import trustme

from docs.who_notices import Row, rows
from tools.lab.judge import differences
from tools.lab.network import AUTHORITY, INSIDE, NAME, SERVER, reenter, refusal, set_up
from tools.lab.origin import Origin
from tools.lab.programs import Bench, Subject, missing, version
from tools.lab.run import SUBJECTS, Measured, addresses, play
from understudy_failover.emulator.network import EDGE_IPV4

CLIENTS = Path(__file__).parent / "clients"
NOT_FOR_APT = "systemd-resolved"
"""Its installation changes /etc/resolv.conf."""
INTERRUPTED = 130


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.lab", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these clients (default: all)")
    parser.add_argument("--list", action="store_true", help="list what would be measured, and what is not installed")
    parser.add_argument(
        "--unpacked", type=Path, metavar="FOLDER", help="another folder of programs: where `dpkg -x` has unpacked"
    )
    parser.add_argument(INSIDE, type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    unpacked = arguments.unpacked.resolve() if arguments.unpacked else None
    wanted = [subject for subject in SUBJECTS if not arguments.names or subject.name in arguments.names]
    if unknown := set(arguments.names) - {subject.name for subject in SUBJECTS}:
        parser.error(f"no such client: {', '.join(sorted(unknown))}")
    for tool in ("unshare", "ip", "mount"):
        if shutil.which(tool) is None:
            print(f"{tool} is not installed: apt-get install util-linux iproute2", file=sys.stderr)
            return 2
    present = [subject for subject in wanted if not missing(subject, unpacked)]
    if not arguments.inside:
        print(_absent(wanted, unpacked), end="")
        if refused := [subject.name for subject in present if subject.needs_root and os.geteuid() != 0]:
            print(f"not measured without root: {', '.join(refused)}")
            present = [subject for subject in present if subject.name not in refused]
    if arguments.list or not present:
        print("\n".join(subject.name for subject in present))
        return 0 if present else 2
    if not arguments.inside:
        if text := refusal():
            print(text, file=sys.stderr)
            return 2
        return _reenter([subject.name for subject in present], unpacked)
    return _measure(present, unpacked, arguments.inside)


def _reenter(names: Sequence[str], unpacked: Path | None) -> int:
    options = ["--unpacked", str(unpacked)] if unpacked else []
    with tempfile.TemporaryDirectory(prefix="lab-") as folder:
        try:
            return reenter(Path(folder), [*options, *names])
        except TimeoutError as error:
            print(error, file=sys.stderr)
            return 1
        except KeyboardInterrupt:
            return INTERRUPTED


def _absent(wanted: Sequence[Subject], unpacked: Path | None) -> str:
    """Return which clients are not installed, and how to install them."""
    absent = {subject.name: missing(subject, unpacked) for subject in wanted}
    packages = sorted({package for needs in absent.values() for need in needs for package in need.package.split()})
    names = [name for name, needs in absent.items() if needs]
    if not names:
        return ""
    text = f"not installed, so not measured: {', '.join(names)}\n"
    if NOT_FOR_APT in packages:
        packages.remove(NOT_FOR_APT)
        text += (
            f"  to unpack, as its installation changes /etc/resolv.conf: apt-get download {NOT_FOR_APT} && "
            f"dpkg -x {NOT_FOR_APT}_*.deb FOLDER, then make lab ARGS='--unpacked FOLDER'\n"
        )
    if packages:
        text += f"  to install: apt-get install --no-install-recommends {' '.join(packages)}\n"
    return text


def _measure(subjects: Sequence[Subject], unpacked: Path | None, folder: Path) -> int:
    """Measure inside the namespaces, with all files in `folder`; return the exit code."""
    began_at = time.monotonic()

    def say(text: str) -> None:
        print(f"{time.monotonic() - began_at:5.0f} s  {text}", flush=True)

    folder.chmod(0o755)  # some programs drop root
    authority = trustme.CA()
    pem = authority.cert_pem.bytes().decode("ascii")
    set_up(folder, [AUTHORITY, *addresses()], pem)
    authorities = folder / "authorities.pem"
    authorities.write_text(pem, encoding="ascii")
    # This machine's settings may name a proxy.
    for variable in [name for name in os.environ if name.lower().endswith("_proxy")]:
        del os.environ[variable]
    environment = {
        "CLIENTS": str(CLIENTS),
        "AUTHORITIES": str(authorities),
        "NODE_EXTRA_CA_CERTS": str(authorities),
        "SSL_CERT_FILE": str(authorities),
        "GIT_TERMINAL_PROMPT": "0",
        "HOME": str(folder),
        "TMPDIR": str(folder),
    }
    benches = {}
    for subject in subjects:
        own = folder / subject.name
        own.mkdir()
        benches[subject.name] = Bench(own, subject, unpacked, environment)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(NAME).configure_cert(tls)
    server, page = Origin([SERVER], tls, is_page=False), Origin(EDGE_IPV4, tls, is_page=True)
    measured = asyncio.run(play(subjects, server=server, page=page, benches=benches, say=say))
    return _report(measured, unpacked)


def _report(measured: Sequence[Measured], unpacked: Path | None) -> int:
    """Print every outcome and its contradictions to the table; return the exit code."""
    table = {row.lab: row for row in rows() if row.lab}
    disagreeing = 0
    print(f"\n{'':20} {'version':24} {'away':>10} {'refused':>10} {'back':>10}")
    for result in measured:
        row = table.get(result.subject.name)
        contradictions = _contradictions(result, row)
        installed = version(result.subject, unpacked)
        timestamps = [str(getattr(result.outcome, name, "-")) for name in ("away", "refused", "back")]
        print(f"{result.subject.name:20} {installed:24} {timestamps[0]:>10} {timestamps[1]:>10} {timestamps[2]:>10}")
        if row and row.version != installed:
            print(f"{'':20} another version than in the table, {row.version}")
        for text in contradictions:
            print(f"{'':20} ✘ {text}")
        disagreeing += bool(contradictions)
    print(f"\n{len(measured)} measured, {disagreeing} of them contradict docs/who_notices.toml")
    return 1 if disagreeing else 0


def _contradictions(measured: Measured, row: Row | None) -> list[str]:
    if measured.outcome is None:
        return [f"failed: it never reached the server; its output: {measured.output or 'none'}"]
    if row is None:
        return ["not in the table"]
    return differences(row, measured.outcome)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
