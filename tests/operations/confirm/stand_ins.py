"""The embedded AWS with stand-ins for what it lacks, which answer either way."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import SimpleNamespace
from typing import Any, cast

from botocore.exceptions import ClientError

from tests.emulator.support import careless, fetch
from understudy_failover.emulator import EmbeddedAws
from understudy_failover.operations.confirm.context import Internet
from understudy_failover.operations.confirm.shared import FIRST, PRIMARY, SECONDARY, VERSION
from understudy_failover.operations.https_client import OpenSession
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


class StandInSession:
    """A connection that the edge closes `closes_after` seconds after it was opened."""

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


class StandInInternet(Internet):
    """The embedded AWS's internet, where nobody trusts the edge's default certificate; a way answers the rest."""

    def __init__(self, aws: EmbeddedAws, way: "Way") -> None:
        super().__init__(Reach(name_server=aws.nameserver, proxy=aws.gateway, trust=careless()))
        self._aws = aws
        self._way = way

    def records(self, servers: Sequence[str], name: str) -> RecordsFound:
        answer = super().records(servers, name)
        addresses = self._way.addresses(name.partition(".")[0], answer.values)
        return RecordsFound(addresses, self._way.ttl_seconds or answer.ttl_seconds)

    def speaks_http2(self, host: str) -> bool:
        return self._way.speaks_http2 or super().speaks_http2(host)

    def status(self, host: str, path: str) -> int:
        return self._way.status(path) or fetch(self._aws.gateway, f"https://{host}{path}", tls=careless()).status

    def connect(self, host: str) -> OpenSession:
        return cast(OpenSession, StandInSession(self._way.now, self._way.closes_after))


class Way:
    """One way to answer every question: mostly the embedded AWS's own."""

    closes_after = 60.0
    ttl_seconds = 0
    """Of every answer of a name server; 0: the embedded AWS's own."""
    speaks_http2 = False
    differences: tuple[Any, ...] = ()
    """What `repair` finds."""

    def __init__(self, aws: EmbeddedAws) -> None:
        self.aws = aws
        self.now = aws.clock.now
        self._labels: set[str] = set()

    def addresses(self, label: str, answer: tuple[str, ...]) -> tuple[str, ...]:
        """Return what a name server answers for a label of the zone; `answer` is the embedded AWS's."""
        is_first = label not in self._labels
        self._labels.add(label)
        # The embedded AWS may have results before its first answer.
        return (SECONDARY,) if label == "calculated" and is_first else answer

    def status(self, path: str) -> int | None:
        """Return a stand-in's HTTP status; None: the embedded AWS answers."""
        return None

    def overrides(self) -> Overrides:
        """Return the operations that a stand-in answers."""
        return {"route53.update_hosted_zone_features": lambda _, **__: None}


class OtherWay(Way):
    """The other answer to every question."""

    closes_after = 300.0
    ttl_seconds = 30
    speaks_http2 = True
    differences = (SimpleNamespace(subject="www.example.com", text="TTL 60 is 30 again"),)

    def __init__(self, aws: EmbeddedAws) -> None:
        super().__init__(aws)
        self._since: dict[str, float] = {}
        self._before: dict[str, tuple[str, ...]] = {}

    def addresses(self, label: str, answer: tuple[str, ...]) -> tuple[str, ...]:
        fixed = {"both": (SECONDARY,), "alone": (), "none": (PRIMARY,), "calculated": (PRIMARY,)}
        if label in fixed:
            return fixed[label]
        if label == "alarm" and answer == (SECONDARY,):
            self._before[label] = answer  # late on the way back alone
            self._since.pop(label, None)
        if label in LATE_SECONDS:
            return self._late(label, answer, LATE_SECONDS[label])
        return answer

    def status(self, path: str) -> int | None:
        late = {"/switch/late": 403, VERSION: FIRST}
        return late[path] if path in late and not self._has_passed(path) else None

    def overrides(self) -> Overrides:
        return {
            **super().overrides(),
            "cloudwatch.get_metric_statistics": self._metrics,
            "cloudwatch.get_metric_data": lambda _, **__: {
                "MetricDataResults": [{"Id": "filled", "Values": [1.0, 1.0], "StatusCode": "Complete"}]
            },
            "route53.change_resource_record_sets": _guarded,
            "cloudfront.update_distribution": _no_certificate,
            "iam.get_server_certificate": self._late_certificate,
            "iam.simulate_principal_policy": lambda _, **__: {"EvaluationResults": [{"EvalDecision": "allowed"}]},
            "cloudformation.describe_stacks": _rolled_back,
            "cloudformation.get_paginator": _events,
        }

    def _late(self, key: str, answer: tuple[str, ...], seconds: float) -> tuple[str, ...]:
        """Return the answer from before a change until the change is `seconds` old."""
        before = self._before.setdefault(key, answer)
        if answer == before:
            self._since.pop(key, None)
        elif self._has_passed(key, seconds):
            self._since.pop(key, None)
            self._before[key] = answer
            return answer
        return before

    def _has_passed(self, key: str, seconds: float = 30.0) -> bool:
        return self.now() - self._since.setdefault(key, self.now()) >= seconds

    def _late_certificate(self, real: Any, **query: Any) -> Any:
        if not self._has_passed(query["ServerCertificateName"], 5):
            raise refusal("NoSuchEntity")
        return real.get_server_certificate(**query)

    def _metrics(self, real: Any, **query: Any) -> Any:
        if not self._has_passed("metric", 240):
            return {"Datapoints": []}
        return real.get_metric_statistics(**query)


def _guarded(real: Any, **query: Any) -> Any:
    changes = query["ChangeBatch"]["Changes"]
    (first, *_) = changes
    half_alone = len(changes) == 1 and first["Action"] == "DELETE" and "guarded" in first["ResourceRecordSet"]["Name"]
    if half_alone or any(
        (change["Action"], change["ResourceRecordSet"]["Type"]) == ("CREATE", "CNAME") for change in changes
    ):
        raise refusal("InvalidChangeBatch")
    return real.change_resource_record_sets(**query)


def _no_certificate(real: Any, **query: Any) -> Any:
    if query["DistributionConfig"].get("ViewerCertificate", {}).get("IAMCertificateId"):
        raise refusal("InvalidViewerCertificate")
    return real.update_distribution(**query)


def _rolled_back(real: Any, **query: Any) -> Any:
    described = real.describe_stacks(**query)
    for stack in described["Stacks"]:
        if query["StackName"].endswith("-abandoned") and stack["StackStatus"] == "UPDATE_COMPLETE":
            stack["StackStatus"] = "UPDATE_ROLLBACK_COMPLETE"
    return described


def _events(real: Any, operation: str) -> Any:
    if operation != "describe_stack_events":
        return real.get_paginator(operation)

    def paginate(**_: Any) -> Iterator[dict[str, Any]]:
        statuses = [("Secondary", "DELETE_COMPLETE"), ("Secondary", "DELETE_IN_PROGRESS")]
        yield {"StackEvents": [{"LogicalResourceId": id_, "ResourceStatus": status} for id_, status in statuses]}

    return SimpleNamespace(paginate=paginate)
