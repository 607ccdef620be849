"""Once an hour: what share of its lifetime each certificate has left. The lowest share is published.

A page's is the one that its distribution uses now, whoever attached it; a server's is the one that it presents. Its
chain counts, too: the first certificate of leaf and chain that ends.
Nothing is verified: an expired or foreign certificate is what the monitor is for.
"""

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aws_client
import chains
from validity import lifetime

SERVERS = Path(__file__).parent / "servers.json"
NAMESPACE = "Understudy"
METRIC = "LifetimeLeft"


def look() -> dict[str, Any]:
    """Publish the lowest share, and return what is left of each. A server without an answer is left out.

    Raises:
        LookupError: the page's certificate was not found, which the alarm on errors reports.
    """
    app = os.environ["APP"]
    found = dict(_servers(json.loads(SERVERS.read_text(encoding="utf-8"))))
    try:
        found["page"] = _of_the_page(os.environ["PATH_PREFIX"], os.environ["DISTRIBUTION"])
    finally:
        published = _publish(app, found)
    return published


def _servers(targets: list[dict[str, Any]]) -> Iterator[tuple[str, list[bytes]]]:
    for target in targets:
        try:
            chain = chains.presented(target["host"], target["address"], target["port"])
            begins, ends = lifetime(chain)
            if ends <= begins:
                raise ValueError("it is never valid")
            yield target["certificate"], chain
        except (OSError, ValueError) as error:  # ssl.SSLError is the first; a server can present anything
            print(json.dumps({"certificate": target["certificate"], "unreachable": type(error).__name__}))


def _of_the_page(path: str, distribution: str) -> list[bytes]:
    config = aws_client.client("cloudfront").get_distribution_config(Id=distribution)["DistributionConfig"]
    identifier = config["ViewerCertificate"].get("IAMCertificateId")
    iam = aws_client.client("iam")
    for page in iam.get_paginator("list_server_certificates").paginate(PathPrefix=path):
        for one in page["ServerCertificateMetadataList"]:
            if one["ServerCertificateId"] == identifier:
                answer = iam.get_server_certificate(ServerCertificateName=one["ServerCertificateName"])
                found = answer["ServerCertificate"]
                return chains.of_pem(found["CertificateBody"] + found.get("CertificateChain", ""))
    raise LookupError(f"distribution {distribution} uses certificate {identifier}, which is none under {path}")


def _publish(app: str, certificates: dict[str, list[bytes]]) -> dict[str, Any]:
    now = datetime.now(UTC)
    left: dict[str, dict[str, float]] = {}
    for certificate, chain in certificates.items():
        begins, ends = lifetime(chain)
        left[certificate] = {
            "DaysLeft": round((ends - now).total_seconds() / 86_400, 2),
            "LifetimeLeft": round(100 * (ends - now) / (ends - begins), 2),
        }
    if left:
        datum = {
            "MetricName": METRIC,
            "Dimensions": [{"Name": "App", "Value": app}],
            "Value": min(one["LifetimeLeft"] for one in left.values()),
            "Unit": "Percent",
        }
        aws_client.client("cloudwatch").put_metric_data(Namespace=NAMESPACE, MetricData=[datum])
    print(json.dumps(left))
    return left
