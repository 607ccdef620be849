"""The child process of `EmbeddedAws`: MiniStack's control plane and our data plane in one event loop.

    python -m understudy_failover.emulator.server --rate 10

It writes one line of JSON to standard output when everything listens (or `{"error": …}`), logs to a file in its own
temporary folder, and ends when its standard input closes. Then it ends its workers and removes its folder.
"""

import argparse
import asyncio
import contextlib
import json
import logging
import os
import shutil
import signal
import socket
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

from hypercorn.asyncio import serve
from hypercorn.config import Config
from hypercorn.typing import Framework

from understudy_failover.emulator import (
    alarm_resources,
    bucket_settings,
    function_tests,
    health_checks,
    record_rules,
    site_deployment,
    viewer_certificates,
)
from understudy_failover.emulator.access import AccessCheck
from understudy_failover.emulator.aws_client import Credentials, client
from understudy_failover.emulator.clock import Clock
from understudy_failover.emulator.control import ControlApplication, Operation
from understudy_failover.emulator.domain_conflicts import DomainConflicts
from understudy_failover.emulator.edge import Edge
from understudy_failover.emulator.faults import Faults
from understudy_failover.emulator.gateway import Gateway
from understudy_failover.emulator.health_checkers import HealthCheckers
from understudy_failover.emulator.middleware import Middleware
from understudy_failover.emulator.ministack import Ministack
from understudy_failover.emulator.model import ViewerRequest, ViewerResponse
from understudy_failover.emulator.monitoring import Monitoring
from understudy_failover.emulator.nameserver import Nameserver
from understudy_failover.emulator.network import Network
from understudy_failover.emulator.paced_time import PacedTime, Pacemaker, RunQueue
from understudy_failover.emulator.pricing_plans import PricingPlans
from understudy_failover.emulator.public_resolver import PublicAnswers, PublicResolver
from understudy_failover.emulator.quotas import Quotas
from understudy_failover.emulator.resolver import Resolver
from understudy_failover.emulator.schedules import Schedules
from understudy_failover.emulator.server_certificates import ServerCertificates
from understudy_failover.emulator.time_page import Page
from understudy_failover.emulator.zone_answers import ZoneAnswers
from understudy_failover.emulator.zone_features import ZoneFeatures

logger = logging.getLogger("emulator")

STOP_LIMIT_SECONDS = 5.0
FUNCTION_TIME = Path(__file__).parent / "function_time"
CLOCK_FILE = "clock"
"""In the temporary folder: the time that the pacemaker grants, and the heartbeats of the process that uses this one."""


def main() -> None:
    """Run until standard input closes; leave no process and no file."""
    # The parent handles a terminal's Ctrl-C, and then closes our standard input.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parser = argparse.ArgumentParser(prog="python -m understudy_failover.emulator.server")
    parser.add_argument("--rate", type=float, required=True)
    parser.add_argument("--certificate-delay-seconds", type=float, required=True)
    arguments = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="understudy-aws-"))
    try:
        # Before MiniStack is imported: it reads both then, and its workers inherit them.
        os.environ["TMPDIR"] = tempfile.tempdir = str(folder)
        # For function_time/sitecustomize.py in the workers.
        os.environ["PYTHONPATH"] = str(FUNCTION_TIME)
        os.environ["UNDERSTUDY_CLOCK"] = str(folder / CLOCK_FILE)
        os.environ["UNDERSTUDY_RATE"] = str(arguments.rate)
        _log_to(folder / "emulator.log")
        asyncio.run(_run(arguments.rate, arguments.certificate_delay_seconds, folder))
    except Exception:
        logger.exception("the embedded AWS failed")
        _announce({"error": traceback.format_exc()})
    finally:
        _end_workers()
        shutil.rmtree(folder, ignore_errors=True)
        # MiniStack's schedulers are threads that cannot be joined.
        os._exit(0)


async def _run(rate: float, certificate_delay_seconds: float, folder: Path) -> None:
    stop = _stop_event()
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.bind(("127.0.0.1", 0))
    host, port = listener.getsockname()
    endpoint_url = f"http://{host}:{port}"
    credentials = Credentials.of_environment()
    page = Page(folder / CLOCK_FILE)
    pacemaker = Pacemaker(page, RunQueue().seconds)
    clock, network, ministack = Clock(rate, source=PacedTime(page)), Network(), Ministack(port, credentials)

    def s3() -> Any:
        return client("s3", endpoint_url, credentials)

    certificates = ServerCertificates(
        clock,
        lambda identifier: [user.id for user in ministack.distributions() if user.server_certificate_id == identifier],
        delay_seconds=certificate_delay_seconds,
    )
    # Not the resolver of the rehearsal's clients, which has a cache of its own.
    checkers_resolver = Resolver(lambda query: public_answers.answer(query), clock)  # noqa: PLW0108 (created below)
    checkers = HealthCheckers(
        ministack.health_checks,
        network,
        clock,
        checkers_resolver.addresses,
        lambda check: monitoring.status(check),  # noqa: PLW0108 (created below)
    )
    ministack.own_alarms(clock.now)
    monitoring = Monitoring(ministack, clock, lambda: [*checkers.readings(), *edge.readings()])
    faults = Faults()
    features = ZoneFeatures(ministack.hosted_zones)
    conflicts = DomainConflicts(ministack.distributions)
    _extend_services(ministack, checkers, features, conflicts)
    _extend_provisioners(ministack, certificates, faults, features, clock=clock, s3=s3)
    plans = PricingPlans(ministack.application)
    answers = ZoneAnswers(ministack.hosted_zones, checkers.healthy, ministack.distributions)
    public_answers = PublicAnswers(answers.answer, ministack.distributions)
    resolver = Resolver(public_answers.answer, clock)

    async def serve_viewer(distribution_id: str, request: ViewerRequest) -> ViewerResponse:
        # On AWS this takes milliseconds; here it may take a new process of Node.
        with pacemaker.hold():
            return await ministack.viewers.serve(distribution_id, request)

    edge = Edge(ministack.distributions, certificates.get, serve_viewer)
    public_resolver = PublicResolver(public_answers.answer)
    nameserver, resolver_server = Nameserver(answers.answer), Nameserver(public_resolver.answer)
    gateway = Gateway(resolver, network)

    def stop_control_planes() -> None:
        ministack.stop_control_planes()
        plans.is_stopped = True

    def start_services() -> None:
        ministack.start_services()
        plans.is_stopped = False

    quotas = Quotas(
        plans,
        health_checks=lambda: len(ministack.health_checks()),
        records=lambda: {zone.id: len(zone.record_sets) for zone in ministack.hosted_zones()},
        is_stopped=ministack.is_stopped,
    )
    operations: dict[str, Operation] = {
        "create-hosted-zone": ministack.create_hosted_zone,
        "route": network.route,
        "unroute": network.unroute,
        "health-checks": checkers.describe,
        "flush-resolver": resolver.flush,
        "plan-fault": faults.plan,
        "clear-faults": faults.clear,
        "stop-services": ministack.stop_services,
        "stop-control-planes": stop_control_planes,
        "start-services": start_services,
        "override-dns": public_resolver.override,
        "clear-dns-overrides": public_resolver.clear_overrides,
        "set-distribution-status": ministack.set_distribution_status,
        "subscribe": plans.subscribe,
        "set-zone-features": features.set,
        "set-quota": quotas.set,
        "take-alias": conflicts.take,
        "let-headers-policies-win": ministack.viewers.let_headers_policies_win,
        "check-permissions": ministack.check_permissions,
        "cut-edge": network.unroute_edge,
        "restore-edge": lambda: network.route_edge(https=edge.https, http=edge.http),
        "cut-region": checkers.cut_region,
        "restore-regions": checkers.restore_regions,
    }
    await edge.start()
    network.route_edge(https=edge.https, http=edge.http)
    parts = {
        "pacemaker": pacemaker.run(),
        "health checkers": checkers.run(),
        "schedules": Schedules(ministack, clock, s3).run(),
        "CloudWatch": monitoring.run(),
    }
    running = [asyncio.create_task(part, name=name) for name, part in parts.items()]
    apis = AccessCheck(
        ControlApplication(Middleware(quotas, faults), operations),
        host=f"{host}:{port}",
        access_key=credentials.access_key,
        is_session=ministack.is_session,
    )
    serving = asyncio.create_task(
        serve(cast(Framework, apis), _config(listener), shutdown_trigger=cast(Any, stop.wait)), name="AWS APIs"
    )
    _announce(
        {
            "endpoint_url": endpoint_url,
            "nameserver": await nameserver.start(),
            "resolver": await resolver_server.start(),
            "gateway": await gateway.start(),
            "rate": rate,
            "origin": clock.origin,
            "clock": str(folder / CLOCK_FILE),
            "folder": str(folder),
        }
    )
    # Ends when standard input closes; earlier only if a part fails.
    await asyncio.wait({serving, *running}, return_when=asyncio.FIRST_COMPLETED)
    stop.set()
    for task in running:
        task.cancel()
    ending = (gateway.stop(), nameserver.stop(), resolver_server.stop(), edge.stop(), serving, *running)
    await asyncio.wait_for(asyncio.gather(*ending, return_exceptions=True), STOP_LIMIT_SECONDS)


def _extend_services(
    ministack: Ministack, checkers: HealthCheckers, features: ZoneFeatures, conflicts: DomainConflicts
) -> None:
    """Add the operations that MiniStack's services lack."""
    services = ministack.services
    route53 = health_checks.add_status(services["route53"], checkers.observations)
    services["route53"] = features.add_to(record_rules.check_api(route53, ministack, features.refusal))
    cloudfront = function_tests.add_test_function(services["cloudfront"], ministack.function_code)
    services["cloudfront"] = conflicts.add_to(cloudfront)


def _extend_provisioners(
    ministack: Ministack,
    certificates: ServerCertificates,
    faults: Faults,
    features: ZoneFeatures,
    *,
    clock: Clock,
    s3: Callable[[], Any],
) -> None:
    """Add what MiniStack's CloudFormation lacks, and IAM's server certificates."""
    ministack.iam_actions.update(certificates.actions())

    def fails(operation: str) -> bool:
        return faults.take(operation, "") is not None

    provisioners, alarm = ministack.provisioners, "AWS::CloudWatch::Alarm"
    distribution, record_set = "AWS::CloudFront::Distribution", "AWS::Route53::RecordSet"
    provisioners |= {
        distribution: viewer_certificates.add_checks(
            provisioners[distribution],
            ministack.distributions,
            certificates.get,
            clock.now,
            lambda: fails(distribution),
        ),
        record_set: record_rules.check_provisioner(
            provisioners[record_set], ministack, lambda: fails(record_set), features.refusal
        ),
        "AWS::Route53::HealthCheck": health_checks.provisioner(ministack),
        alarm: alarm_resources.metric_alarms(ministack, provisioners[alarm]),
        "AWS::CloudWatch::CompositeAlarm": alarm_resources.composite_alarms(ministack),
        "AWS::S3::Bucket": bucket_settings.provisioner(ministack),
        "Custom::CDKBucketDeployment": site_deployment.provisioner(s3),
    }
    ministack.let_deletions_fail(lambda type_: fails(f"DELETE {type_}"))


def _config(listener: socket.socket) -> Config:
    config = Config()
    config.bind = [f"fd://{listener.detach()}"]
    config.errorlog = logger
    config.graceful_timeout = 0.5
    # Longer than the SDKs keep idle connections; otherwise they would use a closed one.
    config.keep_alive_timeout = 300
    return config


def _stop_event() -> asyncio.Event:
    """Return an event that is set when standard input closes (the parent has ended) or on SIGTERM."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stop.set)

    def wait_for_parent() -> None:
        sys.stdin.buffer.read()
        with contextlib.suppress(RuntimeError):  # the loop may have ended by itself
            loop.call_soon_threadsafe(stop.set)

    threading.Thread(target=wait_for_parent, name="parent", daemon=True).start()
    return stop


def _announce(message: dict[str, Any]) -> None:
    with contextlib.suppress(OSError):  # the parent has ended
        print(json.dumps(message), flush=True)


def _log_to(file: Path) -> None:
    """Log this process, its workers and the output of libraries to one file."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(descriptor, sys.stderr.fileno())
    os.close(descriptor)
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("emulator.requests").setLevel(logging.INFO)


def _end_workers() -> None:
    """End MiniStack's Lambda and CloudFront Function workers: our own process group."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if os.getpgrp() == os.getpid():  # never another's group
        os.killpg(0, signal.SIGTERM)


if __name__ == "__main__":
    main()
