"""Every few minutes: maintenance switches that are on after their end.

Publishes the minutes after the end of the switch that is overdue longest, 0 before its end, nothing if all are off.
"""

import json
import os
from datetime import UTC, datetime, timedelta
from typing import Any

import aws_client
from object_metadata import object_metadata
from switch_end import switch_end

NAMESPACE = "Understudy"
METRIC = "SwitchOverdueMinutes"


def check() -> dict[str, float]:
    """Publish and return the minutes of each switch that is on."""
    s3, bucket, folder = aws_client.client("s3"), os.environ["SWITCH_BUCKET"], os.environ["SWITCHES"]
    now = datetime.now(UTC)
    overdue: dict[str, float] = {}
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=folder):
        for content in page.get("Contents", []):
            ends = _ends(s3, bucket, content)
            if ends is not None:
                beyond = max(timedelta(), now - ends)
                overdue[content["Key"].removeprefix(folder)] = round(beyond.total_seconds() / 60, 1)
    _publish(overdue)
    print(json.dumps(overdue))
    return overdue


def _ends(s3: Any, bucket: str, listed: dict[str, Any]) -> datetime | None:
    """Return when the maintenance of a switch object ends; None if the object is gone.

    Without an end that can be read, it ends after `WITHOUT_END_HOURS`.
    """
    metadata = object_metadata(s3, bucket, listed["Key"])
    if metadata is None:
        return None
    written: datetime = listed["LastModified"]
    return switch_end(metadata) or written + timedelta(hours=float(os.environ["WITHOUT_END_HOURS"]))


def _publish(overdue: dict[str, float]) -> None:
    if overdue:
        datum = {
            "MetricName": METRIC,
            "Dimensions": [{"Name": "App", "Value": os.environ["APP"]}],
            "Value": max(overdue.values()),
            "Unit": "None",
        }
        aws_client.client("cloudwatch").put_metric_data(Namespace=NAMESPACE, MetricData=[datum])
