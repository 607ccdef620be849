"""The child process of `EmbeddedAws`: MiniStack's control plane and our data plane in one event loop.

    python -m understudy_failover.emulator.server --rate 10

Writes one line of JSON on standard output when everything listens (or `{"error": …}`), logs to a file in its
own temporary folder, and ends when its standard input closes. Then it takes its workers and its folder along.
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
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

from hypercorn.asyncio import serve
from hypercorn.config import Config
from hypercorn.typing import Framework

from understudy_failover.emulator import (
    bucket_settings,
    composite_alarms,
    function_tests,
    health_checks,
    math_alarms,
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
from understudy_failover.emulator.front_door import FrontDoor
from understudy_failover.emulator.gateway import Gateway
from understudy_failover.emulator.health_checkers import HealthCheckers
from understudy_failover.emulator.ministack import Ministack
from understudy_failover.emulator.model import ViewerRequest, ViewerResponse
from understudy_failover.emulator.monitoring import Monitoring
from understudy_failover.emulator.nameserver import Nameserver
from understudy_failover.emulator.network import Network
from understudy_failover.emulator.paced_time import PacedTime, Pacemaker, RunQueue
from understudy_failover.emulator.pricing_plans import PricingPlans
from understudy_failover.emulator.public_resolver import PublicResolver
from understudy_failover.emulator.quotas import Quotas
from understudy_failover.emulator.resolver import Resolver
from understudy_failover.emulator.schedules import Schedules
from understudy_failover.emulator.server_certificates import ServerCertificates
from understudy_failover.emulator.time_page import Page
from understudy_failover.emulator.world_answers import WorldAnswers
from understudy_failover.emulator.zone_answers import ZoneAnswers
from understudy_failover.emulator.zone_features import ZoneFeatures

logger = logging.getLogger("emulator")

STOP_LIMIT_SECONDS = 5.0
FUNCTION_TIME = Path(__file__).parent / "function_time"
CLOCK_FILE = "clock"
"""In the temporary folder: what the pacemaker grants, and the beats of the process that uses this one."""


def main() -> None:
    """Runs until standard input closes; leaves no process and no file."""
    # A terminal's Ctrl-C is the parent's business: it closes our standard input when it is done.
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
        # MiniStack's schedulers are threads that no one can join.
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
        lambda identifier: [one.id for one in ministack.distributions() if one.server_certificate_id == identifier],
        delay_seconds=certificate_delay_seconds,
    )
    # They do not share the cache of the rehearsal's clients; what they ask is made below.
    checkers_resolver = Resolver(lambda query: world.answer(query), clock)  # noqa: PLW0108
    checkers = HealthCheckers(
        ministack.health_checks,
        network,
        clock,
        checkers_resolver.addresses,
        lambda check: monitoring.status(check),  # noqa: PLW0108 (made below)
    )
    ministack.own_alarms(clock.now)
    monitoring = Monitoring(ministack, clock, lambda: [*checkers.readings(), *edge.readings()])
    faults = Faults()
    features = ZoneFeatures(ministack.hosted_zones)
    _extend(ministack, certificates, checkers, s3, faults, features=features, clock=clock)
    conflicting = DomainConflicts(ministack.distributions)
    ministack.replace_service("cloudfront", conflicting.served(ministack.service("cloudfront")))
    plans = PricingPlans(ministack.application)
    answers = ZoneAnswers(ministack.hosted_zones, checkers.healthy, ministack.distributions)
    world = WorldAnswers(answers.answer, ministack.distributions)
    resolver = Resolver(world.answer, clock)

    async def serve_viewer(distribution_id: str, request: ViewerRequest) -> ViewerResponse:
        # On AWS this takes milliseconds; here it may take a new process of Node.
        with pacemaker.held():
            return await ministack.serve_viewer(distribution_id, request)

    edge = Edge(ministack.distributions, certificates.get, serve_viewer)
    public_resolver = PublicResolver(world.answer)
    nameserver, resolver_server = Nameserver(answers.answer), Nameserver(public_resolver.answer)
    gateway = Gateway(resolver, network)

    def stop_control_planes() -> None:
        ministack.stop_control_planes()
        plans.stop()

    def start_services() -> None:
        ministack.start_services()
        plans.start()

    quotas = Quotas(
        plans,
        health_checks=lambda: len(ministack.health_checks()),
        records=lambda: {zone.id: len(zone.record_sets) for zone in ministack.hosted_zones()},
        is_stopped=ministack.is_stopped,
    )
    operations: dict[str, Operation] = {
        "create-hosted-zone": lambda wanted: ministack.create_hosted_zone(wanted["id"], wanted["name"]),
        "route": lambda wanted: network.route(wanted["address"], wanted["port"], (wanted["to"][0], wanted["to"][1])),
        "unroute": lambda wanted: network.unroute(wanted["address"], wanted["port"]),
        "health-checks": lambda _: _health_checks(checkers),
        "flush-resolver": lambda _: resolver.flush(),
        "plan-fault": lambda wanted: faults.plan(
            wanted["operation"], wanted["kind"], times=wanted["times"], skip=wanted["skip"]
        ),
        "clear-faults": lambda _: faults.clear(),
        "stop-services": lambda wanted: ministack.stop_services(wanted["names"]),
        "stop-control-planes": lambda _: stop_control_planes(),
        "start-services": lambda _: start_services(),
        "lie": lambda wanted: public_resolver.lie(wanted["name"], wanted["type"], wanted["values"]),
        "tell-the-truth": lambda _: public_resolver.tell_the_truth(),
        "set-distribution-status": lambda wanted: ministack.set_distribution_status(wanted["id"], wanted["status"]),
        "subscribe": lambda wanted: plans.subscribe(wanted["arns"]),
        "set-zone-features": features.set,
        "set-quota": lambda wanted: quotas.set(wanted["name"], wanted["value"]),
        "take-alias": lambda wanted: conflicting.take(wanted["alias"], wanted["account"]),
        "let-headers-policies-win": lambda wanted: ministack.let_headers_policies_win(wanted["wins"]),
        "check-permissions": lambda wanted: ministack.check_permissions(wanted["checked"]),
        "cut-edge": lambda _: network.unroute_edge(),
        "cut-region": lambda wanted: checkers.cut_region(wanted["region"]),
        "mend-regions": lambda _: checkers.mend_regions(),
        "mend-edge": lambda _: network.route_edge(https=edge.https, http=edge.http),
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
        ControlApplication(FrontDoor(quotas, faults), operations),
        host=f"{host}:{port}",
        access_key=credentials.access_key,
        is_session=ministack.is_session,
    )
    serving = asyncio.create_task(
        serve(
            cast(Framework, apis),
            _config(listener),
            shutdown_trigger=cast(Any, stop.wait),
        ),
        name="AWS APIs",
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
    # Ends when standard input closes; earlier only if a part of it breaks down.
    await asyncio.wait({serving, *running}, return_when=asyncio.FIRST_COMPLETED)
    stop.set()
    for task in running:
        task.cancel()
    ending = (gateway.stop(), nameserver.stop(), resolver_server.stop(), edge.stop(), serving, *running)
    await asyncio.wait_for(asyncio.gather(*ending, return_exceptions=True), STOP_LIMIT_SECONDS)


def _extend(
    ministack: Ministack,
    certificates: ServerCertificates,
    checkers: HealthCheckers,
    s3: Callable[[], Any],
    faults: Faults,
    *,
    features: ZoneFeatures,
    clock: Clock,
) -> None:
    """Adds what MiniStack lacks."""
    for action, handle in certificates.actions().items():
        ministack.add_iam_action(action, handle)
    distribution = "AWS::CloudFront::Distribution"
    ministack.set_provisioner(
        distribution,
        viewer_certificates.checked(
            ministack.provisioner(distribution),
            ministack.distributions,
            certificates.get,
            clock.now,
            lambda: faults.take(distribution, "") is not None,
        ),
    )
    ministack.set_provisioner("AWS::Route53::HealthCheck", health_checks.provisioner(ministack))
    ministack.replace_service("route53", health_checks.with_status(ministack.service("route53"), checkers.observations))
    alarm = "AWS::CloudWatch::Alarm"
    ministack.set_provisioner(alarm, math_alarms.provisioner(ministack, ministack.provisioner(alarm)))
    ministack.set_provisioner("AWS::CloudWatch::CompositeAlarm", composite_alarms.provisioner(ministack))
    ministack.replace_service(
        "route53", record_rules.checked_api(ministack.service("route53"), ministack, features.refusal)
    )
    ministack.replace_service("route53", features.served(ministack.service("route53")))
    record_set = "AWS::Route53::RecordSet"
    ministack.set_provisioner(
        record_set,
        record_rules.checked_provisioner(
            ministack.provisioner(record_set),
            ministack,
            lambda: faults.take(record_set, "") is not None,
            features.refusal,
        ),
    )
    ministack.replace_service(
        "cloudfront", function_tests.served(ministack.service("cloudfront"), ministack.function_code)
    )
    ministack.set_provisioner("AWS::S3::Bucket", bucket_settings.provisioner(ministack))
    ministack.set_provisioner("Custom::CDKBucketDeployment", site_deployment.provisioner(s3))
    ministack.let_deletions_fail(lambda type_: faults.take(f"DELETE {type_}", "") is not None)


def _health_checks(checkers: HealthCheckers) -> list[dict[str, Any]]:
    return [
        {
            "id": identifier,
            "healthy": checkers.status(identifier),
            "checkers": [asdict(one) for one in checkers.observations(identifier) or []],
        }
        for identifier in checkers.identifiers()
    ]


def _config(listener: socket.socket) -> Config:
    config = Config()
    config.bind = [f"fd://{listener.detach()}"]
    config.errorlog = logger
    config.graceful_timeout = 0.5
    # Longer than the SDKs keep idle connections, which would meet a closed one otherwise.
    config.keep_alive_timeout = 300
    return config


def _stop_event() -> asyncio.Event:
    """Set when standard input closes (the parent is done, or dead) or on SIGTERM."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stop.set)

    def wait_for_the_end() -> None:
        sys.stdin.buffer.read()
        with contextlib.suppress(RuntimeError):  # the loop may have ended by itself
            loop.call_soon_threadsafe(stop.set)

    threading.Thread(target=wait_for_the_end, name="parent", daemon=True).start()
    return stop


def _announce(message: dict[str, Any]) -> None:
    with contextlib.suppress(OSError):  # nobody reads any more
        print(json.dumps(message), flush=True)


def _log_to(file: Path) -> None:
    """Everything of this process and its workers, output of libraries included, goes to one file."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(descriptor, sys.stderr.fileno())
    os.close(descriptor)
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("emulator.requests").setLevel(logging.INFO)


def _end_workers() -> None:
    """Ends MiniStack's Lambda and CloudFront Function workers: everything of our own process group."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if os.getpgrp() == os.getpid():  # never another's group
        os.killpg(0, signal.SIGTERM)


if __name__ == "__main__":
    main()
