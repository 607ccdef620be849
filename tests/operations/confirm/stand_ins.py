"""The embedded AWS with stand-ins for what it lacks, which answer either way."""

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import ClientError
from botocore.response import StreamingBody

from tests.emulator.support import careless, fetch
from understudy_failover.emulator import EmbeddedAws
from understudy_failover.operations.confirm.shared import PRIMARY, SECONDARY
from understudy_failover.operations.confirm.world import Internet, Reply, Session
from understudy_failover.operations.name_server import RecordsFound
from understudy_failover.operations.reach import Reach

Overrides = Mapping[str, Callable[..., Any]]
"""By `service.operation`; each gets the real client first."""
LATE_SECONDS = {"status": 30.0, "alarm": 170.0}
"""How much later than the embedded AWS a slow stand-in answers for a label of the zone."""


def refusal(code: str) -> ClientError:
    """Return an error as botocore raises it."""
    return ClientError({"Error": {"Code": code, "Message": "stand-in"}}, "Operation")


class StandInClient:
    """A client of the embedded AWS; overrides answer some calls, `after_call` sees every other one."""

    def __init__(
        self, real: Any, service: str, overrides: Overrides, after_call: Callable[[str], None] = lambda _: None
    ) -> None:
        self._real = real
        self._service = service
        self._overrides = overrides
        self._after_call = after_call

    def __getattr__(self, name: str) -> Any:
        override = self._overrides.get(f"{self._service}.{name}")
        if name == "get_paginator" and not override:
            return self._real.get_paginator

        def call(*positional: Any, **arguments: Any) -> Any:
            if override:
                return override(self._real, *positional, **arguments)
            answer = getattr(self._real, name)(**arguments)
            self._after_call(f"{self._service}.{name}")
            return answer

        return call


class StandInClock:
    """The embedded AWS's time, which jumps over the waits for what a stand-in answers: logs and request metrics."""

    def __init__(self, aws: EmbeddedAws) -> None:
        self._clock = aws.clock
        self._jumped = 0.0

    def now(self) -> float:
        return self._clock.now() + self._jumped

    def sleep(self, seconds: float, wait: Callable[[float], None]) -> None:
        if seconds == 60 or seconds > 600:
            self._jumped += seconds
        else:
            self._clock.sleep(seconds, wait)


class StandInSession:
    """A connection that the edge closes `closes_after` seconds after it was opened."""

    protocol = "http/1.1"

    def __init__(self, now: Callable[[], float], closes_after: float) -> None:
        self._now = now
        self._closes_at = now() + closes_after

    def request(self, _path: str) -> int:
        if self.is_closed():
            raise BrokenPipeError
        return 200

    def is_closed(self) -> bool:
        return self._now() >= self._closes_at

    def close(self) -> None:
        pass


class StandInWorld(Internet):
    """The embedded AWS's internet, where nobody trusts the edge's default certificate; a way answers the rest."""

    def __init__(self, aws: EmbeddedAws, way: "Way") -> None:
        super().__init__(Reach(name_server=aws.nameserver, proxy=aws.gateway, trust=careless()))
        self._aws = aws
        self._way = way

    def records(self, servers: Sequence[str], name: str, kind: str) -> RecordsFound:
        return self._way.records(name.partition(".")[0], super().records(servers, name, kind))

    def get(self, host: str, path: str, *, tls: bool = True) -> Reply:
        if reply := self._way.reply(host, path.partition("?")[0], tls=tls):
            return reply
        if not tls:
            return super().get(host, path, tls=False)
        seen = fetch(self._aws.gateway, f"https://{host}{path}", tls=careless())
        return Reply(seen.status, seen.headers, seen.body)

    def connect(self, host: str, protocols: Sequence[str] = ("http/1.1",)) -> Session:
        if "h2" not in protocols:
            return StandInSession(self._way.now, self._way.closes_after)
        session = super().connect(host, protocols)
        session.protocol = self._way.alpn or session.protocol
        return session


class Way:
    """One way to answer every question: mostly the embedded AWS's own."""

    closes_after = 60.0
    alpn = ""
    differences: tuple[Any, ...] = ()
    """What `repair` finds."""

    def __init__(self, aws: EmbeddedAws) -> None:
        self.aws = aws
        self.now = aws.clock.now

    def records(self, label: str, found: RecordsFound) -> RecordsFound:
        """Return what a name server answers for a label of the zone."""
        return found

    def reply(self, host: str, path: str, *, tls: bool) -> Reply | None:
        """Return a stand-in's answer; None: the embedded AWS answers."""
        return None

    def overrides(self) -> Overrides:
        """Return the operations that a stand-in answers."""
        return {
            "ce.get_cost_and_usage": lambda _, **__: _bill("Health-Check-AWS"),
            "cloudwatch.get_metric_statistics": lambda real, **query: (
                _requests(query["Namespace"], 40.0) or real.get_metric_statistics(**query)
            ),
            "s3.put_bucket_metrics_configuration": lambda _, **__: None,
            "s3.list_objects_v2": lambda real, **query: (
                {"Contents": [{"Key": "cloudfront/log.gz"}]} if "Prefix" in query else real.list_objects_v2(**query)
            ),
            "route53.update_hosted_zone_features": lambda _, **__: None,
        }


class OtherWay(Way):
    """The other answer to every question."""

    closes_after = 300.0
    alpn = "http/1.1"
    differences = (SimpleNamespace(subject="www.example.com", text="TTL 60 is 30 again"),)

    def __init__(self, aws: EmbeddedAws) -> None:
        super().__init__(aws)
        self._since: dict[str, float] = {}
        self._before: dict[str, RecordsFound] = {}

    def records(self, label: str, found: RecordsFound) -> RecordsFound:
        fixed = {"both": (SECONDARY,), "alone": (), "none": (PRIMARY,)}
        if label in fixed:
            return RecordsFound(fixed[label], 30)
        if label == "alias":
            return RecordsFound(found.values, 5)
        if label == "calculated" and label not in self._before:
            self._before[label] = found
            return RecordsFound((SECONDARY,), 30)
        if label == "alarm" and found.values == (SECONDARY,):
            self._before[label] = found  # late on the way back alone
            self._since.pop(label, None)
        if label in LATE_SECONDS:
            return self._late(label, found, LATE_SECONDS[label])
        return found

    def reply(self, host: str, path: str, *, tls: bool) -> Reply | None:
        if path == "/tls/index":
            return Reply(200, {})
        if path == "/rewrite":
            return Reply(200, {"x-path": path})
        if path == "/switch/late" and not self._has_passed(path):
            return Reply(403, {})
        if path == "/version" and not self._has_passed(path):
            return Reply(200, {"x-version": "1"})
        return super().reply(host, path, tls=tls)

    def overrides(self) -> Overrides:
        return {
            **super().overrides(),
            "ce.get_cost_and_usage": lambda _, **__: _bill("Health-Check-Non-AWS"),
            "cloudwatch.get_metric_statistics": self._metrics,
            "cloudwatch.get_metric_data": lambda _, **__: {
                "MetricDataResults": [{"Id": "filled", "Values": [1.0, 1.0], "StatusCode": "Complete"}]
            },
            "cloudwatch.list_metrics": lambda _, **__: {"Metrics": []},
            "s3.list_objects_v2": lambda real, **query: {} if "Prefix" in query else real.list_objects_v2(**query),
            "route53.change_resource_record_sets": _guarded,
            "route53.create_health_check": _nobody_sends,
            "cloudfront.test_function": _raises("TestFunctionFailed"),
            "cloudfront.update_distribution": _no_certificate,
            "iam.get_server_certificate": self._late_certificate,
            "iam.simulate_principal_policy": lambda _, **__: {"EvaluationResults": [{"EvalDecision": "allowed"}]},
            "lambda.invoke": _other_invocation,
            "cloudformation.describe_stacks": _rolled_back,
            "cloudformation.get_paginator": _events,
        }

    def _late(self, key: str, found: RecordsFound, seconds: float) -> RecordsFound:
        """Return the answer from before a change until the change is `seconds` old."""
        before = self._before.setdefault(key, found)
        if found == before:
            self._since.pop(key, None)
        elif self._has_passed(key, seconds):
            self._since.pop(key, None)
            self._before[key] = found
            return found
        return before

    def _has_passed(self, key: str, seconds: float = 30.0) -> bool:
        return self.now() - self._since.setdefault(key, self.now()) >= seconds

    def _late_certificate(self, real: Any, **query: Any) -> Any:
        if not self._has_passed(query["ServerCertificateName"], 5):
            raise refusal("NoSuchEntity")
        return real.get_server_certificate(**query)

    def _metrics(self, real: Any, **query: Any) -> Any:
        if query["Namespace"] == "AWS/Route53" and not self._has_passed("metric", 240):
            return {"Datapoints": []}
        return _requests(query["Namespace"], 10.0) or real.get_metric_statistics(**query)


def _requests(namespace: str, reaching_origin: float) -> dict[str, Any] | None:
    counts = {"AWS/CloudFront": 100.0, "AWS/S3": reaching_origin}
    return {"Datapoints": [{"Sum": counts[namespace]}]} if namespace in counts else None


def _bill(kind: str) -> dict[str, Any]:
    metrics = {"UsageQuantity": {"Amount": "1"}, "UnblendedCost": {"Amount": "0.5"}}
    return {"ResultsByTime": [{"Groups": [{"Keys": [kind], "Metrics": metrics}]}]}


def _raises(code: str) -> Callable[..., Any]:
    def call(_: Any, **__: Any) -> Any:
        raise refusal(code)

    return call


def _guarded(real: Any, **query: Any) -> Any:
    changes = query["ChangeBatch"]["Changes"]
    (first, *_) = changes
    half_alone = len(changes) == 1 and first["Action"] == "DELETE" and "guarded" in first["ResourceRecordSet"]["Name"]
    if half_alone or any((one["Action"], one["ResourceRecordSet"]["Type"]) == ("CREATE", "CNAME") for one in changes):
        raise refusal("InvalidChangeBatch")
    return real.change_resource_record_sets(**query)


def _nobody_sends(real: Any, **query: Any) -> Any:
    config = query["HealthCheckConfig"]
    if "SearchString" in config:
        query["HealthCheckConfig"] = {**config, "SearchString": "no checker sends this"}
    return real.create_health_check(**query)


def _no_certificate(real: Any, **query: Any) -> Any:
    if query["DistributionConfig"].get("ViewerCertificate", {}).get("IAMCertificateId"):
        raise refusal("InvalidViewerCertificate")
    return real.update_distribution(**query)


def _other_invocation(real: Any, **query: Any) -> Any:
    text = b"aws-cli/2" if query["FunctionName"].endswith("-cli") else b"Runtime.ImportModuleError"
    failed = {} if query["FunctionName"].endswith("-cli") else {"FunctionError": "Unhandled"}
    return {"Payload": StreamingBody(io.BytesIO(text), len(text)), **failed}


def _rolled_back(real: Any, **query: Any) -> Any:
    found = real.describe_stacks(**query)
    for stack in found["Stacks"]:
        if query["StackName"].endswith("-abandoned") and stack["StackStatus"] == "UPDATE_COMPLETE":
            stack["StackStatus"] = "UPDATE_ROLLBACK_COMPLETE"
    return found


def _events(real: Any, operation: str) -> Any:
    if operation != "describe_stack_events":
        return real.get_paginator(operation)

    def paginate(**_: Any) -> Iterator[dict[str, Any]]:
        statuses = [("Secondary", "DELETE_COMPLETE"), ("Secondary", "DELETE_IN_PROGRESS")]
        yield {"StackEvents": [{"LogicalResourceId": id_, "ResourceStatus": status} for id_, status in statuses]}

    return SimpleNamespace(paginate=paginate)
