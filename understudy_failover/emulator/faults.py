"""Faults on demand: the next calls of an operation fail as planned."""

import threading
from dataclasses import dataclass
from typing import Literal, cast, get_args

Kind = Literal["throttled", "server-error", "access-denied", "no-answer", "lost-answer", "stale-read"]
"""`no-answer`: the call has no effect, and the caller waits in vain. `lost-answer`: the same, but it has its effect.

`stale-read`: the answer of a replica that is not up to date.
"""

CODES: dict[str, tuple[int, str]] = {
    "throttled": (400, "Throttling"),
    "server-error": (500, "InternalFailure"),
    "access-denied": (403, "AccessDenied"),
    "stale-read": (404, "NoSuchEntity"),
}
MESSAGE = "a planned fault of the rehearsal"


@dataclass
class _Planned:
    operation: str
    kind: Kind
    skip: int
    times: int


class Faults:
    """The planned faults, the earliest first."""

    def __init__(self) -> None:
        self._planned: list[_Planned] = []
        self._lock = threading.Lock()

    def plan(self, operation: str, kind: str, *, times: int = 1, skip: int = 0) -> None:
        """Let `times` calls of `operation` fail, after `skip` calls that do not.

        `operation` is an action (`UploadServerCertificate`, `GetSecretValue`) or, in APIs without actions, the
        beginning of `METHOD /path`. Operations of CloudFormation: with `AWS::CloudFront::Distribution` and any kind of
        fault, CloudFront refuses the certificate; with `AWS::Route53::RecordSet`, creating one fails; with `DELETE
        AWS::S3::Bucket`, deleting a resource of that type fails. Raise ValueError: there is no such kind of fault.
        """
        if kind not in get_args(Kind):
            raise ValueError(f"{kind} is no fault; known are {', '.join(get_args(Kind))}")
        with self._lock:
            self._planned.append(_Planned(operation, cast(Kind, kind), skip, times))

    def clear(self) -> None:
        with self._lock:
            self._planned.clear()

    def take(self, action: str, request_line: str) -> Kind | None:
        """Return the fault of a call, or None, and count the call."""
        with self._lock:
            for plan in self._planned:
                if plan.operation != action and not (" " in plan.operation and request_line.startswith(plan.operation)):
                    continue
                if plan.skip:
                    plan.skip -= 1
                    return None
                plan.times -= 1
                if not plan.times:
                    self._planned.remove(plan)
                return plan.kind
        return None
