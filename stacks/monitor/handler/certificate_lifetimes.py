"""Once an hour: the share of its lifetime that each certificate has left. The lowest share is published.

The page's certificate is the one of its distribution, a server's the one that it presents. The first of leaf and
chain to end counts. Nothing is verified: the monitor must see an expired or unknown certificate.
"""

import json
import os
from collections.abc import Iterator
from concurrent.futures import CancelledError, ThreadPoolExecutor, wait
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aws_client
import chains
from validity import lifetime

SERVERS = Path(__file__).parent / "servers.json"
NAMESPACE = "Understudy"
METRIC = "LifetimeLeft"
SERVERS_LIMIT_SECONDS = 120
"""For all servers: Lambda ends the function after five minutes, and then nothing would be published."""
WORKERS = 16


def check() -> dict[str, Any]:
    """Publish the lowest share, and return what each certificate has left, without servers that do not answer.

    Raise LookupError without the page's certificate; the alarm on errors reports it.
    """
    app = os.environ["APP"]
    certificates: dict[str, list[bytes]] = {}
    try:
        certificates["page"] = _page_certificate(os.environ["PATH_PREFIX"], os.environ["DISTRIBUTION"])
    finally:
        certificates.update(_servers(json.loads(SERVERS.read_text(encoding="utf-8"))))
        published = _publish(app, certificates)
    return published


def _servers(targets: list[dict[str, Any]]) -> Iterator[tuple[str, list[bytes]]]:
    pool = ThreadPoolExecutor(WORKERS)
    answers = [
        (target["certificate"], pool.submit(chains.presented, target["host"], target["address"], target["port"]))
        for target in targets
    ]
    wait([answer for _, answer in answers], SERVERS_LIMIT_SECONDS)
    pool.shutdown(wait=False, cancel_futures=True)
    for certificate, answer in answers:
        try:
            chain = answer.result(timeout=0)
            lifetime(chain)
            yield certificate, chain
        # Also ssl.SSLError; a server can present anything, and as slowly as it likes.
        except (OSError, ValueError, CancelledError) as error:
            print(json.dumps({"certificate": certificate, "unreachable": type(error).__name__}))


def _page_certificate(path: str, distribution: str) -> list[bytes]:
    config = aws_client.client("cloudfront").get_distribution_config(Id=distribution)["DistributionConfig"]
    identifier = config["ViewerCertificate"].get("IAMCertificateId")
    iam = aws_client.client("iam")
    for page in iam.get_paginator("list_server_certificates").paginate(PathPrefix=path):
        for metadata in page["ServerCertificateMetadataList"]:
            if metadata["ServerCertificateId"] == identifier:
                answer = iam.get_server_certificate(ServerCertificateName=metadata["ServerCertificateName"])
                certificate = answer["ServerCertificate"]
                return chains.of_pem(certificate["CertificateBody"] + certificate.get("CertificateChain", ""))
    raise LookupError(f"distribution {distribution} uses certificate {identifier}, which is not under {path}")


def _publish(app: str, certificates: dict[str, list[bytes]]) -> dict[str, Any]:
    now = datetime.now(UTC)
    left: dict[str, dict[str, float]] = {}
    for certificate, chain in certificates.items():
        begins, ends = lifetime(chain)
        left[certificate] = {
            "DaysLeft": round((ends - now).total_seconds() / 86_400, 2),
            # An issuer that ended before the leaf began: clients never accepted it.
            "LifetimeLeft": round(100 * (ends - now) / (ends - begins), 2) if begins < ends else 0.0,
        }
    if left:
        datum = {
            "MetricName": METRIC,
            "Dimensions": [{"Name": "App", "Value": app}],
            "Value": min(values["LifetimeLeft"] for values in left.values()),
            "Unit": "Percent",
        }
        aws_client.client("cloudwatch").put_metric_data(Namespace=NAMESPACE, MetricData=[datum])
    print(json.dumps(left))
    return left
