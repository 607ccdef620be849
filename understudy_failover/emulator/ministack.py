"""MiniStack, extended by its registries, and its stores; no other module imports it.

MiniStack keeps state in modules and reads its settings from the environment when it is imported, so a process has one
`Ministack` at most, created after its port is known. https://github.com/ministackorg/ministack
"""

import functools
import os
import tempfile
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any, cast
from xml.etree import ElementTree

from understudy_failover.emulator import ministack_stores, replacements
from understudy_failover.emulator.asgi import Application
from understudy_failover.emulator.aws_calls import Answer, ServiceHandler
from understudy_failover.emulator.aws_client import Credentials
from understudy_failover.emulator.ministack_viewers import Viewers
from understudy_failover.emulator.model import (
    Alarm,
    Distribution,
    HealthCheck,
    HostedZone,
    Metric,
    RecordSet,
    Sample,
    Schedule,
)

Provisioner = dict[str, Callable[..., Any]]
"""CloudFormation's `create(logical_id, properties, stack_name)` → (physical id, attributes),
`update(physical_id, old, new, stack_name)` → the same, `delete(physical_id, properties)`."""


class Ministack:
    """MiniStack at `http://127.0.0.1:port`; its Lambda functions sign with `credentials`."""

    application: Application
    """The ASGI application of all AWS APIs."""
    services: dict[str, ServiceHandler]
    """The handler of each service, by name; to be replaced by callers."""
    provisioners: dict[str, Provisioner]
    """How CloudFormation provisions each resource type; to be replaced by callers."""
    viewers: Viewers
    iam_actions: dict[str, Callable[[dict[str, list[str]]], Answer]]
    """Handlers of IAM's query API, by action; to be added to by callers."""

    def __init__(self, port: int, credentials: Credentials) -> None:
        os.environ.update(
            {
                "GATEWAY_PORT": str(port),
                "MINISTACK_HOST": "127.0.0.1",
                "BIND_HOST": "127.0.0.1",
                "LOG_LEVEL": "WARNING",
                # Listeners and containers that are not needed.
                "IOT_MTLS_ENABLED": "0",
                "SFTP_ENABLED": "0",
                "DOCKER_HOST": "unix:///nonexistent",
                # Created in any case; the default is one folder for all runs on the machine.
                "STATE_DIR": tempfile.mkdtemp(prefix="ministack-state-"),
            }
        )
        from ministack import app  # noqa: PLC0415 (reads the environment set above)
        from ministack.core import lambda_runtime  # noqa: PLC0415
        from ministack.core.iam_evaluator import pin_request_origin  # noqa: PLC0415
        from ministack.services import (  # noqa: PLC0415
            cloudfront,
            cloudwatch,
            cloudwatch_logs,
            iam,
            lambda_svc,
            route53,
            s3,
            scheduler,
            sts,
        )
        from ministack.services.cloudformation import custom_resource, provisioners  # noqa: PLC0415

        self._app = app
        self.application = cast(Application, app.app)
        self.services = app.SERVICE_HANDLERS
        self.provisioners = provisioners._RESOURCE_HANDLERS
        replacements.complete(provisioners._REPLACING_PROPERTIES)
        self.iam_actions = iam._IAM_HANDLERS
        self._route53 = route53
        # Used by CreateHealthCheck and UpdateHealthCheck of the API, not by CloudFormation.
        route53._parse_health_check_config = _complete_config(route53._parse_health_check_config)
        for module in (lambda_runtime, lambda_svc):
            # By default functions sign with the account's number, which is easy to guess.
            module.execution_credentials = lambda _: credentials.environment()
        lambda_svc._emit_lambda_logs = _only_to_existing_groups(lambda_svc._emit_lambda_logs, cloudwatch_logs)
        custom_resource._response_url = _presigned(custom_resource._response_url, credentials)
        self._sts = sts
        self._cloudfront = cloudfront
        self._cloudwatch = cloudwatch
        self._s3 = s3
        self._scheduler = scheduler
        self._stopped: dict[str, ServiceHandler] = {}
        self._origin_fetch: Callable[..., Answer] = s3.serve_cloudfront_origin_fetch
        self.viewers = Viewers(cloudfront, pin_request_origin)

    def is_session(self, access_key: str) -> bool:
        """Return whether STS has issued this access key, and it has not expired."""
        session = self._sts._sessions.get(access_key)
        return session is not None and not self._sts._session_expired(session)

    def stop_services(self, names: Sequence[str]) -> None:
        """Answer every call of these services with 503. Raise ValueError: there is no such service."""
        if unknown := [name for name in names if name not in self.services]:
            raise ValueError(f"no service {', '.join(unknown)}; there are {', '.join(sorted(self.services))}")
        for name in names:
            self._stopped.setdefault(name, self.services[name])
            self.services[name] = _unavailable
        if "s3" in names:  # MiniStack's CloudFront asks the bucket past S3's API
            self._s3.serve_cloudfront_origin_fetch = lambda *_, **__: UNAVAILABLE

    def stop_control_planes(self) -> None:
        """Stop every service except S3, which serves visitors, and STS, which returns the account."""
        self.stop_services([name for name in self.services if name not in DATA_PLANES])

    def is_stopped(self, name: str) -> bool:
        return name in self._stopped

    def start_services(self) -> None:
        self.services.update(self._stopped)
        self._stopped.clear()
        self._s3.serve_cloudfront_origin_fetch = self._origin_fetch

    def let_deletions_fail(self, fails: Callable[[str], bool]) -> None:
        """Let CloudFormation fail to delete a resource if `fails` returns true for its type."""
        for type_, provisioner in self.provisioners.items():
            if "delete" in provisioner:
                self.provisioners[type_] = {**provisioner, "delete": _failing(provisioner["delete"], type_, fails)}

    def create_hosted_zone(self, identifier: str, name: str) -> None:
        """Create a public hosted zone with a chosen id. Raise ValueError: the id is taken."""
        absolute = f"{name.rstrip('.')}."
        with self._route53._lock:
            if identifier in self._route53._zones:
                raise ValueError(f"hosted zone {identifier} exists already; choose another id")
            self._route53._zones[identifier] = {
                "id": identifier,
                "name": absolute,
                "caller_reference": identifier,
                "comment": "",
                "private": False,
                "vpcs": [],
            }
            self._route53._records[identifier] = self._route53._default_records(absolute)

    def hosted_zones(self) -> tuple[HostedZone, ...]:
        with self._route53._lock:
            zones = [zone for zone in self._route53._zones.values() if not zone.get("private")]
        return tuple(HostedZone(zone["id"], zone["name"].lower(), self.record_sets(zone["id"])) for zone in zones)

    def record_sets(self, zone_id: str, name: str | None = None) -> tuple[RecordSet, ...]:
        with self._route53._lock:
            records = list(self._route53._records.get(zone_id, []))
        return tuple(
            ministack_stores.record_set(record)
            for record in records
            if name is None or record["Name"].rstrip(".") == name
        )

    def records_snapshot(self, zone_id: str) -> Callable[[], None]:
        """Return a function that restores the record sets which a zone has now."""
        with self._route53._lock:
            before = list(self._route53._records.get(zone_id, []))

        def restore() -> None:
            with self._route53._lock:
                self._route53._records[zone_id] = before

        return restore

    def health_checks(self) -> tuple[HealthCheck, ...]:
        with self._route53._lock:
            return tuple(map(ministack_stores.health_check, self._route53._health_checks.values()))

    def store_health_check(self, identifier: str, caller_reference: str, config: dict[str, Any]) -> None:
        """Create a health check, or replace its configuration, a HealthCheckConfig.

        An update does not change the caller reference.
        """
        with self._route53._lock:
            stored = self._route53._health_checks.get(identifier, {"caller_reference": caller_reference, "version": 0})
            self._route53._health_checks[identifier] = {
                "id": identifier,
                "caller_reference": stored["caller_reference"],
                "config": _with_xml_booleans(config),
                "version": stored["version"] + 1,
            }

    def delete_health_check(self, identifier: str) -> None:
        with self._route53._lock:
            self._route53._health_checks.pop(identifier, None)
            self._route53._tags.pop(("healthcheck", identifier), None)

    def tag_health_check(self, identifier: str, tags: dict[str, str]) -> None:
        with self._route53._lock:
            self._route53._tags["healthcheck", identifier] = tags

    def one_time_schedules(self) -> list[Schedule]:
        """Return every enabled schedule of the form `at(…)`."""
        return [
            ministack_stores.schedule(key, stored)
            for key, stored in list(self._scheduler._schedules._data.items())
            if stored["ScheduleExpression"].startswith("at(") and stored["State"] == "ENABLED"
        ]

    def complete_schedule(self, schedule: Schedule) -> None:
        if schedule.deletes_itself:
            self._scheduler._schedules._data.pop(schedule.key, None)
        elif schedule.key in self._scheduler._schedules._data:
            self._scheduler._schedules._data[schedule.key]["State"] = "DISABLED"

    def own_alarms(self, now: Callable[[], float]) -> None:
        """Replace MiniStack's time of CloudWatch, and end its evaluation of alarms.

        It uses real time, evaluates an alarm at each publication, with the metrics of all dimensions together, and
        ignores missing data.
        """
        self._cloudwatch.time = SimpleNamespace(time=now)
        self._cloudwatch._evaluate_alarm = lambda _: None

    def publish(self, metric: Metric, value: float, unit: str, at: float) -> None:
        self._cloudwatch._store_datum(
            metric.namespace, metric.name, dict(metric.dimensions), at, unit, value, None, None, None
        )

    def samples(self, metric: Metric) -> list[Sample]:
        key = (metric.namespace, metric.name, self._cloudwatch._dims_key(dict(metric.dimensions)))
        points = list(self._cloudwatch._metrics.get(key) or [])
        return [Sample(point["Timestamp"], *self._cloudwatch._point_stats(point)) for point in points]

    def alarms(self) -> tuple[Alarm, ...]:
        return tuple(
            ministack_stores.alarm(alarm)
            for alarm in list(self._cloudwatch._alarms.values())
            if (alarm.get("MetricName") or alarm.get("Metrics")) and not alarm.get("ExtendedStatistic")
        )

    def alarm_state(self, name: str) -> str | None:
        alarm = self._cloudwatch._alarms.get(name)
        return str(alarm["StateValue"]) if alarm else None

    def set_alarm_state(self, name: str, state: str, reason: str) -> None:
        alarm = self._cloudwatch._alarms.get(name)
        if alarm is None or alarm["StateValue"] == state:
            return
        before = alarm["StateValue"]
        alarm.update(StateValue=state, StateReason=reason, StateUpdatedTimestamp=int(self._cloudwatch.time.time()))
        self._cloudwatch._record_history(name, before, state, reason)
        self._cloudwatch._dispatch_alarm_actions(alarm, before, state, reason)
        self._cloudwatch._evaluate_parent_alarms(alarm)

    def put_math_alarm(self, provisioner: Provisioner, name: str, properties: dict[str, Any]) -> dict[str, str]:
        """Put an alarm on an expression, which MiniStack's CloudFormation refuses; return its attributes.

        It is created on the first of its metrics, and then changed to the expression.
        """
        first = next(query["MetricStat"] for query in properties["Metrics"] if query.get("MetricStat"))
        plain = {key: value for key, value in properties.items() if key != "Metrics"}
        plain |= {**first["Metric"], "Period": first["Period"], "Statistic": first["Stat"], "AlarmName": name}
        _, attributes = provisioner["create"](name, plain, "")
        alarm = self._cloudwatch._alarms[name]
        for key in ("MetricName", "Namespace", "Dimensions", "Statistic", "Period"):
            alarm.pop(key, None)
        alarm["Metrics"] = properties["Metrics"]
        return dict(attributes)

    def put_composite_alarm(self, parameters: dict[str, Any]) -> str:
        """Put a composite alarm; return its ARN. Not by the API: CloudFormation blocks the event loop.

        Raise ValueError: CloudWatch refuses it.
        """
        status, _, body = self._cloudwatch._put_composite_alarm({}, parameters, False, is_json=True)
        if status != 200:
            raise ValueError(body.decode())
        return str(self._cloudwatch._composite_alarms[parameters["AlarmName"]]["AlarmArn"])

    def delete_composite_alarm(self, name: str) -> None:
        self._cloudwatch._composite_alarms.pop(name, None)
        self._cloudwatch._composite_triggers.pop(name, None)

    def set_bucket_logging(self, bucket: str, target: tuple[str, str] | None) -> None:
        """Let a bucket log to (bucket, prefix), or nowhere. Not by the API, as above."""
        status = ElementTree.Element("BucketLoggingStatus", xmlns=self._s3.S3_NS)
        if target:
            enabled = ElementTree.SubElement(status, "LoggingEnabled")
            for name, value in zip(("TargetBucket", "TargetPrefix"), target, strict=True):
                ElementTree.SubElement(enabled, name).text = value
        self._s3._bucket_logging_config[bucket] = ElementTree.tostring(status, encoding="unicode")

    def set_bucket_lifecycle(self, bucket: str, rules: list[dict[str, Any]]) -> None:
        if rules:
            self._s3._bucket_lifecycle[bucket] = rules
        else:
            self._s3._bucket_lifecycle.pop(bucket, None)

    def distributions(self) -> tuple[Distribution, ...]:
        return tuple(map(ministack_stores.distribution, list(self._cloudfront._distributions.values())))

    def function_code(self, name: str, etag: str) -> str | None:
        """Return the code of a CloudFront function's DEVELOPMENT stage, if that has this version."""
        function = self._cloudfront._functions.get(name)
        if function is None or function["dev_etag"] != etag:
            return None
        code = function["code"]
        return code.decode() if isinstance(code, bytes) else str(code)

    def set_distribution_status(self, identifier: str, status: str) -> None:
        """Set the status that CloudFront returns for a distribution. Raise KeyError: there is no such distribution."""
        self._cloudfront._distributions[identifier]["Status"] = status

    def check_permissions(self, checked: bool) -> None:
        """Set whether the policies of a role and the signatures of its requests are checked."""
        self._app.AUTH = checked


DATA_PLANES = {"s3", "sts"}
UNAVAILABLE: Answer = (
    503,
    {"Content-Type": "text/xml"},
    b"<ErrorResponse><Error><Code>ServiceUnavailable</Code><Message>Stopped.</Message></Error></ErrorResponse>",
)
"""The answer of a stopped service."""


async def _unavailable(*_: object) -> Answer:
    return UNAVAILABLE


def _only_to_existing_groups(emit: Callable[..., None], logs: Any) -> Callable[..., None]:
    """Return `emit` that does not create the log group of a function: no role here may create one.

    Otherwise a function that still runs when its stack is deleted would leave one behind.
    https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-loggroups.html
    """

    def emit_to_existing(function: dict[str, Any], *arguments: Any, **more: Any) -> None:
        config = function.get("config") or function
        group = (config.get("LoggingConfig") or {}).get("LogGroup")
        if group is None or group in logs._log_groups:
            emit(function, *arguments, **more)

    return emit_to_existing


def _presigned(url: Callable[[str], str], credentials: Credentials) -> Callable[[str], str]:
    """Return `url` that adds the access key to the query, as in CloudFormation's presigned addresses."""
    return lambda token: f"{url(token)}?X-Amz-Credential={credentials.access_key}/"


def _complete_config(parse: Callable[[Any], dict[str, Any]]) -> Callable[[Any], dict[str, Any]]:
    """Return MiniStack's parser of a HealthCheckConfig that also reads lists, which it reads as empty texts."""

    def parse_all(element: Any) -> dict[str, Any]:
        config = _with_xml_booleans(parse(element))
        for name in ("ChildHealthChecks", "Regions"):
            children = element.find(f"{{*}}{name}")
            if children is not None:
                config[name] = [child.text or "" for child in children]
        return config

    return parse_all


def _with_xml_booleans(config: dict[str, Any]) -> dict[str, Any]:
    # MiniStack answers with `str` of a value, and XML has no "True".
    return {name: str(value).lower() if isinstance(value, bool) else value for name, value in config.items()}


def _failing(delete: Callable[..., Any], type_: str, fails: Callable[[str], bool]) -> Callable[..., Any]:
    @functools.wraps(delete)
    def call(*arguments: Any, **named: Any) -> Any:
        if fails(type_):
            raise RuntimeError("a planned fault: the deletion failed")
        return delete(*arguments, **named)

    return call
