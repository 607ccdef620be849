"""Deploy 500 host names to the embedded AWS with the real CDK command line, probe each, and destroy all.

    python -m benchmarks.large_deploy [--hosts N] [--rate N]

Too long for a test: the embedded AWS creates resources one by one, and so waits in the deploy gate of each server (20
emulated seconds), while CloudFormation waits in all gates at the same time.
"""

import argparse
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.large_settings import write_settings
from understudy_failover.operations.bounds import ALIAS_TTL_SECONDS
from understudy_failover.operations.interruption import Interruption
from understudy_failover.operations.observation import ServedBy, observe
from understudy_failover.rehearsal.bed import RehearsalBed
from understudy_failover.settings import Host, Server

CONCURRENCY = "5"
"""Of stacks."""
WORKERS = 4
ATTEMPTS = 3


def main() -> int:
    """Return 0 if every host is served by its server and nothing is left, else 1."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.large_deploy", description=__doc__)
    parser.add_argument("--hosts", type=int, default=500)
    parser.add_argument("--rate", type=float, default=25, help="emulated seconds in a real one at most (default: 25)")
    arguments = parser.parse_args()
    began_at = time.monotonic()

    def say(text: str) -> None:
        print(f"{time.monotonic() - began_at:6.1f} s  {text}", flush=True)

    with tempfile.TemporaryDirectory(prefix="understudy-large-") as name, Interruption() as interruption:
        settings = write_settings(Path(name), arguments.hosts)
        with RehearsalBed(settings, rate=arguments.rate, interruption=interruption) as bed:
            bed.cdk.bootstrap(lambda _: None)
            say("bootstrapped")
            bed.cdk.deploy(lambda _: None, "--concurrency", CONCURRENCY)
            say(f"deployed {sum(map(len, bed.aws.resources().values()))} resources")
            faults = _faults(bed)
            say(f"{arguments.hosts - len(faults)} of {arguments.hosts} hosts answer from their server")
            bed.cdk.destroy(lambda _: None)
            faults += bed.leftovers()
            say("destroyed")
    for fault in faults:
        print(fault)
    return 1 if faults else 0


def _faults(bed: RehearsalBed) -> list[str]:
    """Return the hosts that are not served by their server in several attempts.

    If this machine is too busy to probe 50 servers in time, a host may be served by the page for a short time.
    """
    name_server, client = bed.name_server(), bed.patient_client()

    def fault(pair: tuple[Server, Host]) -> str:
        server, host = pair
        observation = observe(host, name_server, client)
        well = observation.probe.served_by is ServedBy.SERVER and observation.answers.are_of_server(server)
        return "" if well else f"{host.name}: {observation}"

    pairs = [(server, host) for server in bed.settings.servers for host in server.hosts]
    faults: list[str] = []
    with ThreadPoolExecutor(WORKERS) as workers:
        for _ in range(ATTEMPTS):
            texts = list(workers.map(fault, pairs))
            faults = [fault for fault in texts if fault]
            pairs = [pair for pair, text in zip(pairs, texts, strict=True) if text]
            if not pairs:
                break
            bed.clock.sleep(ALIAS_TTL_SECONDS)
    return faults


if __name__ == "__main__":
    raise SystemExit(main())
