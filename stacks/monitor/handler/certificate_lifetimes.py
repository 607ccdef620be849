"""Once a day: what share of its lifetime each certificate has left. The lowest share is published.

A page's is the one that its distribution uses now, whoever attached it; a server's is the one that it presents.
Nothing is verified: an expired or foreign certificate is what the monitor is for.
"""

import json
import os
import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
from validity import validity

SERVERS = Path(__file__).parent / "servers.json"
NAMESPACE = "Understudy"
METRIC = "LifetimeLeft"
CONNECT_LIMIT_SECONDS = 10


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


def _servers(targets: list[dict[str, Any]]) -> Iterator[tuple[str, bytes]]:
    for target in targets:
        try:
            der = _presented(target["host"], target["address"], target["port"])
            begins, ends = validity(der)
            if ends <= begins:
                raise ValueError("it is never valid")
            yield target["certificate"], der
        except (OSError, ValueError) as error:  # ssl.SSLError is the first; a server can present anything
            print(json.dumps({"certificate": target["certificate"], "unreachable": type(error).__name__}))


def _presented(host: str, address: str, port: int) -> bytes:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with (
        socket.create_connection((address, port), CONNECT_LIMIT_SECONDS) as stream,
        context.wrap_socket(stream, server_hostname=host) as session,
    ):
        return session.getpeercert(binary_form=True) or b""


def _of_the_page(path: str, distribution: str) -> bytes:
    config = boto3.client("cloudfront").get_distribution_config(Id=distribution)["DistributionConfig"]
    identifier = config["ViewerCertificate"].get("IAMCertificateId")
    iam = boto3.client("iam")
    for page in iam.get_paginator("list_server_certificates").paginate(PathPrefix=path):
        for one in page["ServerCertificateMetadataList"]:
            if one["ServerCertificateId"] == identifier:
                answer = iam.get_server_certificate(ServerCertificateName=one["ServerCertificateName"])
                return ssl.PEM_cert_to_DER_cert(answer["ServerCertificate"]["CertificateBody"].strip())
    raise LookupError(f"distribution {distribution} uses certificate {identifier}, which is none under {path}")


def _publish(app: str, certificates: dict[str, bytes]) -> dict[str, Any]:
    now = datetime.now(UTC)
    left: dict[str, dict[str, float]] = {}
    for certificate, der in certificates.items():
        begins, ends = validity(der)
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
        boto3.client("cloudwatch").put_metric_data(Namespace=NAMESPACE, MetricData=[datum])
    print(json.dumps(left))
    return left
