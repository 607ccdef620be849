"""The one place that touches MiniStack: its registries are extended here, its stores are read here.

MiniStack keeps state in modules and reads its settings from the environment when it is imported, so a process
holds one `Ministack` at most, made after its port is known. https://github.com/ministackorg/ministack
"""

import contextlib
import functools
import os
import tempfile
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import SimpleNamespace
from typing import Any, Literal, cast
from urllib.parse import parse_qs
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

from understudy_failover.emulator import replacements
from understudy_failover.emulator.aws_client import Credentials
from understudy_failover.emulator.control import Application
from understudy_failover.emulator.model import (
    Alarm,
    AliasTarget,
    Distribution,
    HealthCheck,
    HostedZone,
    Metric,
    RecordSet,
    Sample,
    Schedule,
    ViewerRequest,
    ViewerResponse,
)

Answer = tuple[int, dict[str, str], bytes]
"""Status, headers and body of an AWS API call."""
ServiceHandler = Callable[[str, str, dict[str, str], bytes, dict[str, list[str]]], Awaitable[Answer]]
"""Method, path, headers, body and query of an AWS API call → its answer."""
Provisioner = dict[str, Callable[..., Any]]
"""CloudFormation's `create(logical_id, properties, stack_name)` → (physical id, attributes),
`update(physical_id, old, new, stack_name)` → the same, `delete(physical_id, properties)`."""


@dataclass(frozen=True)
class Trial:
    """A zone's record sets, and the way back to what they were."""

    records: Callable[[str | None], tuple[RecordSet, ...]]
    """Of one name, or all."""
    undo: Callable[[], None]


class Ministack:
    """MiniStack, answering under `http://127.0.0.1:port`; `credentials` are those of its functions."""

    application: Application
    """The ASGI application of all AWS APIs."""

    def __init__(self, port: int, credentials: Credentials) -> None:
        os.environ.update(
            {
                "GATEWAY_PORT": str(port),
                "MINISTACK_HOST": "127.0.0.1",
                "BIND_HOST": "127.0.0.1",
                "LOG_LEVEL": "WARNING",
                # Listeners and containers that nothing here needs.
                "IOT_MTLS_ENABLED": "0",
                "SFTP_ENABLED": "0",
                "DOCKER_HOST": "unix:///nonexistent",
                # Made in any case; by default a folder that all runs on the machine would share.
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
        self._services: dict[str, ServiceHandler] = app.SERVICE_HANDLERS
        self._provisioners: dict[str, Provisioner] = provisioners._RESOURCE_HANDLERS
        replacements.complete(provisioners._REPLACING_PROPERTIES)
        self._iam_actions: dict[str, Callable[[dict[str, list[str]]], Answer]] = iam._IAM_HANDLERS
        self._route53 = route53
        # What the API's own CreateHealthCheck and UpdateHealthCheck read; CloudFormation does not pass there.
        route53._parse_health_check_config = _repaired(route53._parse_health_check_config)
        for module in (lambda_runtime, lambda_svc):
            # Otherwise functions sign with the account's number, which everybody can guess.
            module.execution_credentials = lambda _: credentials.environment()
        lambda_svc._emit_lambda_logs = _only_to_existing_groups(lambda_svc._emit_lambda_logs, cloudwatch_logs)
        custom_resource._response_url = _presigned(custom_resource._response_url, credentials)
        self._sts = sts
        self._cloudfront = cloudfront
        self._cloudwatch = cloudwatch
        self._s3 = s3
        self._scheduler = scheduler
        self._stopped: dict[str, ServiceHandler] = {}
        self._policies_win = False
        self._origin_fetch: Callable[..., Answer] = s3.serve_cloudfront_origin_fetch
        self._pin_request_origin: Callable[[str, bool], None] = pin_request_origin

    def add_iam_action(self, name: str, handler: Callable[[dict[str, list[str]]], Answer]) -> None:
        """Lets IAM's query API answer one more action."""
        self._iam_actions[name] = handler

    def is_session(self, access_key: str) -> bool:
        """Return whether STS has issued this access key, to be used still."""
        session = self._sts._sessions.get(access_key)
        return session is not None and not self._sts._session_expired(session)

    def service(self, name: str) -> ServiceHandler:
        """The handler of a service, to be wrapped with `replace_service`."""
        return self._services[name]

    def replace_service(self, name: str, handler: ServiceHandler) -> None:
        """Puts `handler` in the place of a service's own."""
        self._services[name] = handler

    def stop_services(self, names: Sequence[str]) -> None:
        """Lets services answer nothing but 503.

        Raises:
            ValueError: there is no such service.
        """
        if unknown := [name for name in names if name not in self._services]:
            raise ValueError(f"no service {', '.join(unknown)}; there are {', '.join(sorted(self._services))}")
        for name in names:
            self._stopped.setdefault(name, self._services[name])
            self._services[name] = _unavailable
        if "s3" in names:  # MiniStack's CloudFront asks the bucket past S3's API
            self._s3.serve_cloudfront_origin_fetch = lambda *_, **__: UNAVAILABLE

    def stop_control_planes(self) -> None:
        """Stops every service but those that serve: S3, and STS for whoever has to know the account."""
        self.stop_services([name for name in self._services if name not in DATA_PLANES])

    def is_stopped(self, name: str) -> bool:
        """Whether a service answers nothing but 503."""
        return name in self._stopped

    def start_services(self) -> None:
        """Lets every stopped service answer again."""
        self._services.update(self._stopped)
        self._stopped.clear()
        self._s3.serve_cloudfront_origin_fetch = self._origin_fetch

    def provisioner(self, resource_type: str) -> Provisioner:
        """How CloudFormation provisions a type."""
        return self._provisioners[resource_type]

    def set_provisioner(self, resource_type: str, provisioner: Provisioner) -> None:
        """Makes CloudFormation provision a type this way."""
        self._provisioners[resource_type] = provisioner

    def let_deletions_fail(self, fails: Callable[[str], bool]) -> None:
        """Let CloudFormation fail to delete a resource where `fails` says so of its type."""
        for type_, provisioner in self._provisioners.items():
            if "delete" in provisioner:
                self._provisioners[type_] = {**provisioner, "delete": _failing(provisioner["delete"], type_, fails)}

    def create_hosted_zone(self, identifier: str, name: str) -> None:
        """A public hosted zone with a chosen id.

        Raises:
            ValueError: the id is taken.
        """
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
        """Every public hosted zone as Route 53 has it at this moment."""
        with self._route53._lock:
            return tuple(
                HostedZone(
                    zone["id"],
                    zone["name"].lower(),
                    tuple(map(_record_set, self._route53._records[identifier])),
                )
                for identifier, zone in self._route53._zones.items()
                if not zone.get("private")
            )

    @contextlib.contextmanager
    def records_on_trial(self, zone_id: str) -> "Iterator[Trial]":
        """For changes of a zone's record sets that may have to be taken back."""
        with self._route53._lock:
            before = list(self._route53._records.get(zone_id, []))

        def undo() -> None:
            with self._route53._lock:
                self._route53._records[zone_id] = before

        def records(name: str | None) -> tuple[RecordSet, ...]:
            with self._route53._lock:
                there = list(self._route53._records.get(zone_id, []))
            # The rest of a large zone need not be looked at.
            return tuple(_record_set(one) for one in there if name is None or one["Name"].rstrip(".") == name)

        yield Trial(records, undo)

    def health_checks(self) -> tuple[HealthCheck, ...]:
        """Every health check as Route 53 has it at this moment."""
        with self._route53._lock:
            return tuple(_health_check(check) for check in self._route53._health_checks.values())

    def store_health_check(self, identifier: str, caller_reference: str, config: dict[str, Any]) -> None:
        """Creates a health check, or gives it another configuration, in the terms of HealthCheckConfig.

        The caller reference stays what it was at the creation.
        """
        with self._route53._lock:
            known = self._route53._health_checks.get(identifier, {"caller_reference": caller_reference, "version": 0})
            self._route53._health_checks[identifier] = {
                "id": identifier,
                "caller_reference": known["caller_reference"],
                # MiniStack answers with what `str` makes of a value, and XML knows no "True".
                "config": {name: str(one).lower() if isinstance(one, bool) else one for name, one in config.items()},
                "version": known["version"] + 1,
            }

    def delete_health_check(self, identifier: str) -> None:
        """Deletes a health check and its tags; none there is no error."""
        with self._route53._lock:
            self._route53._health_checks.pop(identifier, None)
            self._route53._tags.pop(("healthcheck", identifier), None)

    def tag_health_check(self, identifier: str, tags: dict[str, str]) -> None:
        """Replaces a health check's tags."""
        with self._route53._lock:
            self._route53._tags["healthcheck", identifier] = tags

    def one_time_schedules(self) -> list[Schedule]:
        """Every enabled schedule of the form `at(…)`, as EventBridge Scheduler has it at this moment."""
        return [
            Schedule(
                key,
                schedule["Name"],
                datetime.fromisoformat(schedule["ScheduleExpression"][3:-1]).replace(
                    tzinfo=ZoneInfo(schedule["ScheduleExpressionTimezone"])
                ),
                schedule["Target"]["Arn"],
                schedule["Target"].get("Input", "{}"),
                schedule["ActionAfterCompletion"] == "DELETE",
            )
            for key, schedule in list(self._scheduler._schedules._data.items())
            if schedule["ScheduleExpression"].startswith("at(") and schedule["State"] == "ENABLED"
        ]

    def complete_schedule(self, schedule: Schedule) -> None:
        """Deletes a schedule that has run, or keeps it from running again."""
        if schedule.deletes_itself:
            self._scheduler._schedules._data.pop(schedule.key, None)
        elif schedule.key in self._scheduler._schedules._data:
            self._scheduler._schedules._data[schedule.key]["State"] = "DISABLED"

    def own_alarms(self, now: Callable[[], float]) -> None:
        """Takes the time and the states of alarms out of MiniStack's hands.

        Its CloudWatch lives in real time, evaluates an alarm when somebody publishes, and then with the metrics of
        every dimension and without regard to missing data.
        """
        self._cloudwatch.time = SimpleNamespace(time=now)
        self._cloudwatch._evaluate_alarm = lambda _: None

    def publish(self, metric: Metric, value: float, unit: str, at: float) -> None:
        """Publishes one value of a metric, at an emulated time."""
        self._cloudwatch._store_datum(
            metric.namespace, metric.name, dict(metric.dimensions), at, unit, value, None, None, None
        )

    def samples(self, metric: Metric) -> list[Sample]:
        """Everything published of a metric, the earliest publication first."""
        key = (metric.namespace, metric.name, self._cloudwatch._dims_key(dict(metric.dimensions)))
        points = list(self._cloudwatch._metrics.get(key) or [])
        return [Sample(point["Timestamp"], *self._cloudwatch._point_stats(point)) for point in points]

    def alarms(self) -> tuple[Alarm, ...]:
        """Every alarm on plain statistics of metrics, as CloudWatch has it at this moment."""
        return tuple(
            _alarm(alarm)
            for alarm in list(self._cloudwatch._alarms.values())
            if (alarm.get("MetricName") or alarm.get("Metrics")) and not alarm.get("ExtendedStatistic")
        )

    def alarm_state(self, name: str) -> str | None:
        """The state that an alarm is in; None: it is gone."""
        alarm = self._cloudwatch._alarms.get(name)
        return str(alarm["StateValue"]) if alarm else None

    def set_alarm_state(self, name: str, state: str, reason: str) -> None:
        """Moves an alarm to another state: its history, actions and composite alarms follow."""
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

        It is made on the first of its metrics, and given the others then: all else about it is as MiniStack has it.
        """
        first = next(one["MetricStat"] for one in properties["Metrics"] if one.get("MetricStat"))
        plain = {key: value for key, value in properties.items() if key != "Metrics"}
        plain |= {**first["Metric"], "Period": first["Period"], "Statistic": first["Stat"], "AlarmName": name}
        _, attributes = provisioner["create"](name, plain, "")
        alarm = self._cloudwatch._alarms[name]
        for key in ("MetricName", "Namespace", "Dimensions", "Statistic", "Period"):
            alarm.pop(key, None)
        alarm["Metrics"] = properties["Metrics"]
        return dict(attributes)

    def put_composite_alarm(self, parameters: dict[str, Any]) -> str:
        """PutCompositeAlarm, without a way through the event loop that CloudFormation holds; answers the ARN.

        Raises:
            ValueError: CloudWatch refuses it.
        """
        status, _, body = self._cloudwatch._put_composite_alarm({}, parameters, False, is_json=True)
        if status != 200:
            raise ValueError(body.decode())
        return str(self._cloudwatch._composite_alarms[parameters["AlarmName"]]["AlarmArn"])

    def delete_composite_alarm(self, name: str) -> None:
        """Deletes a composite alarm; none there is no error."""
        self._cloudwatch._composite_alarms.pop(name, None)
        self._cloudwatch._composite_triggers.pop(name, None)

    def set_bucket_logging(self, bucket: str, target: tuple[str, str] | None) -> None:
        """Lets a bucket log to (bucket, prefix), or nowhere; without a way through the event loop, as above."""
        status = ElementTree.Element("BucketLoggingStatus", xmlns=self._s3.S3_NS)
        if target:
            enabled = ElementTree.SubElement(status, "LoggingEnabled")
            for name, value in zip(("TargetBucket", "TargetPrefix"), target, strict=True):
                ElementTree.SubElement(enabled, name).text = value
        self._s3._bucket_logging_config[bucket] = ElementTree.tostring(status, encoding="unicode")

    def set_bucket_lifecycle(self, bucket: str, rules: list[dict[str, Any]]) -> None:
        """Gives a bucket these rules, in the terms of S3's API, in the place of all that it has."""
        if rules:
            self._s3._bucket_lifecycle[bucket] = rules
        else:
            self._s3._bucket_lifecycle.pop(bucket, None)

    def distributions(self) -> tuple[Distribution, ...]:
        """Every distribution as CloudFront has it at this moment."""
        return tuple(_distribution(record) for record in list(self._cloudfront._distributions.values()))

    def function_code(self, name: str, etag: str) -> str | None:
        """The code of a CloudFront function's DEVELOPMENT stage, where that has this version."""
        function = self._cloudfront._functions.get(name)
        if function is None or function["dev_etag"] != etag:
            return None
        code = function["code"]
        return code.decode() if isinstance(code, bytes) else str(code)

    def set_distribution_status(self, identifier: str, status: str) -> None:
        """What CloudFront tells of how far a distribution has got.

        Raises:
            KeyError: there is no such distribution.
        """
        self._cloudfront._distributions[identifier]["Status"] = status

    async def serve_viewer(self, distribution_id: str, request: ViewerRequest) -> ViewerResponse:
        """Runs a viewer's request through a distribution: behaviour, functions, origin, error pages."""
        # CloudFront asks S3 in its viewer's protocol, which a bucket policy may look at.
        # .../AmazonCloudFront/latest/DeveloperGuide/using-https-cloudfront-to-s3-origin.html
        self._pin_request_origin(request.client_ip, request.scheme == "https")
        status, headers, body = await self._cloudfront.handle_viewer_request(
            self._cloudfront._distributions[distribution_id],
            request.method,
            request.path,
            request.raw_path,
            request.query_string,
            {**request.headers, "x-forwarded-proto": request.scheme},
            request.body,
            parse_qs(request.query_string, keep_blank_values=True),
            request.client_ip,
        )
        fields = tuple(
            (name, str(one))
            for name, value in self._stamped(distribution_id, request, headers).items()
            for one in (value if isinstance(value, list) else [value])
        )
        return ViewerResponse(status, fields, body)

    def check_permissions(self, checked: bool) -> None:
        """Decide whether the policies of a role and the signatures of its requests are checked."""
        self._app.AUTH = checked

    def let_headers_policies_win(self, wins: bool) -> None:
        """Decide whether a response headers policy or a function has the last word on a header that both set."""
        self._policies_win = wins

    def _stamped(self, distribution_id: str, request: ViewerRequest, headers: dict[str, Any]) -> dict[str, Any]:
        """Return the headers with those of the policy, also where no function ran, or one failed.

        MiniStack applies it before the function alone.
        """
        cloudfront = self._cloudfront
        parsed = cloudfront.parse_distribution_dataplane_config(cloudfront._distributions[distribution_id])
        behaviour = cloudfront._match_behavior(parsed, request.path) or {}
        policy = cloudfront.response_headers_policy_config(behaviour.get("response_headers_policy_id"))
        lower = {name.lower(): value for name, value in headers.items()}
        stamped: dict[str, Any] = cloudfront._apply_response_headers_policy(
            lower, _overriding(policy, self._policies_win), request.headers.get("origin", ""), request.method
        )
        return stamped


def _overriding(policy: Any, wins: bool) -> Any:
    """Return a policy, each of whose headers replaces one that is there already, or none of which does."""
    if isinstance(policy, dict):
        return {key: wins if key == "Override" else _overriding(value, wins) for key, value in policy.items()}
    return [_overriding(one, wins) for one in policy] if isinstance(policy, list) else policy


DATA_PLANES = {"s3", "sts"}
UNAVAILABLE: Answer = (
    503,
    {"Content-Type": "text/xml"},
    b"<ErrorResponse><Error><Code>ServiceUnavailable</Code><Message>Stopped.</Message></Error></ErrorResponse>",
)
"""What a stopped service answers."""


async def _unavailable(*_: object) -> Answer:
    return UNAVAILABLE


def _only_to_existing_groups(emit: Callable[..., None], logs: Any) -> Callable[..., None]:
    """Return `emit` without its creation of log groups that a function names: no role here may create one.

    A function that still runs when its stack goes would otherwise leave one behind.
    https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-loggroups.html
    """

    def emitted(function: dict[str, Any], *arguments: Any, **more: Any) -> None:
        config = function.get("config") or function
        group = (config.get("LoggingConfig") or {}).get("LogGroup")
        if group is None or group in logs._log_groups:
            emit(function, *arguments, **more)

    return emitted


def _presigned(url: Callable[[str], str], credentials: Credentials) -> Callable[[str], str]:
    """Addresses that name the access key in their query, as CloudFormation's presigned ones do."""
    return lambda token: f"{url(token)}?X-Amz-Credential={credentials.access_key}/"


def _repaired(parse: Callable[[Any], dict[str, Any]]) -> Callable[[Any], dict[str, Any]]:
    """MiniStack's reading of a HealthCheckConfig, with its lists, which it reads as empty texts, and with booleans in
    XML's words, which it answers in Python's."""

    def read(element: Any) -> dict[str, Any]:
        config = {name: str(one).lower() if isinstance(one, bool) else one for name, one in parse(element).items()}
        for name in ("ChildHealthChecks", "Regions"):
            found = element.find(f"{{*}}{name}")
            if found is not None:
                config[name] = [one.text or "" for one in found]
        return config

    return read


def _record_set(record: dict[str, Any]) -> RecordSet:
    alias = record.get("AliasTarget")
    return RecordSet(
        name=record["Name"].lower().replace("\\052", "*"),
        type=record["Type"],
        values=tuple(record.get("ResourceRecords", ())),
        ttl_seconds=int(record["TTL"]) if "TTL" in record else None,
        set_identifier=record.get("SetIdentifier"),
        failover=cast(Literal["PRIMARY", "SECONDARY"] | None, record.get("Failover")),
        health_check_id=record.get("HealthCheckId"),
        alias_target=AliasTarget(alias["DNSName"].lower(), alias["HostedZoneId"], bool(alias["EvaluateTargetHealth"]))
        if alias
        else None,
    )


def _health_check(check: dict[str, Any]) -> HealthCheck:
    config = check["config"]
    secure = config["Type"].startswith("HTTPS")
    return HealthCheck(
        id=check["id"],
        type=config["Type"],
        ip_address=config.get("IPAddress"),
        fully_qualified_domain_name=config.get("FullyQualifiedDomainName"),
        port=int(config.get("Port") or (443 if secure else 80)),
        resource_path=config.get("ResourcePath") or "/",
        search_string=config.get("SearchString"),
        request_interval_seconds=int(config.get("RequestInterval", 30)),
        failure_threshold=int(config.get("FailureThreshold", 3)),
        enable_sni=_true(config.get("EnableSNI", secure)),
        inverted=_true(config.get("Inverted", False)),
        disabled=_true(config.get("Disabled", False)),
        regions=tuple(config.get("Regions", ())),
        child_health_checks=tuple(config.get("ChildHealthChecks", ())),
        health_threshold=int(config.get("HealthThreshold", 0)),
        measure_latency=_true(config.get("MeasureLatency", False)),
        alarm_name=(config.get("AlarmIdentifier") or {}).get("Name"),
        insufficient_data_status=config.get("InsufficientDataHealthStatus") or "LastKnownStatus",
    )


def _alarm(alarm: dict[str, Any]) -> Alarm:
    queries = {query["Id"]: query for query in alarm.get("Metrics") or ()}
    expressions = [query["Expression"] for query in queries.values() if query.get("Expression")]
    if queries:
        stats = {id_: query["MetricStat"] for id_, query in queries.items() if query.get("MetricStat")}
        metrics = {id_: (_metric(one["Metric"]), one["Stat"]) for id_, one in stats.items()}
        period = next(one["Period"] for one in stats.values())
    else:
        metrics, period = {"m": (_metric(alarm), alarm.get("Statistic") or "Average")}, alarm["Period"]
    return Alarm(
        name=alarm["AlarmName"],
        metrics=metrics,
        expression=expressions[0] if expressions else next(iter(metrics)),
        period_seconds=int(period),
        evaluation_periods=int(alarm["EvaluationPeriods"]),
        threshold=float(alarm["Threshold"]),
        comparison=alarm["ComparisonOperator"],
        treat_missing_data=alarm.get("TreatMissingData") or "missing",
        datapoints_to_alarm=alarm.get("DatapointsToAlarm"),
    )


def _true(value: object) -> bool:
    return str(value).lower() == "true"


def _distribution(record: dict[str, Any]) -> Distribution:
    # Written by MiniStack itself from the template, not by a stranger.
    config = ElementTree.fromstring(record["config_xml"])  # noqa: S314

    def text(path: str, default: str = "") -> str:
        found = config.find("/".join(f"{{*}}{name}" for name in path.split("/")))
        return found.text or default if found is not None else default

    return Distribution(
        id=record["Id"],
        domain_name=record["DomainName"].lower(),
        enabled=record["enabled"],
        aliases=tuple((one.text or "").lower() for one in config.findall("{*}Aliases/{*}Items/{*}CNAME")),
        server_certificate_id=text("ViewerCertificate/IAMCertificateId") or None,
        http_versions=text("HttpVersion", "http2"),
        ipv6_enabled=_true(text("IsIPV6Enabled", "true")),
    )


def _failing(delete: Callable[..., Any], type_: str, fails: Callable[[str], bool]) -> Callable[..., Any]:
    @functools.wraps(delete)
    def call(*arguments: Any, **named: Any) -> Any:
        if fails(type_):
            raise RuntimeError("the deletion failed as a test asked for")
        return delete(*arguments, **named)

    return call


def _metric(metric: dict[str, Any]) -> Metric:
    dimensions = frozenset((one["Name"], one["Value"]) for one in metric.get("Dimensions") or [])
    return Metric(metric["Namespace"], metric["MetricName"], dimensions)
