"""Faults on demand: the next calls of an operation fail in the way that somebody asked for."""

import threading
from dataclasses import dataclass
from typing import Literal, get_args

Kind = Literal["throttled", "server-error", "access-denied", "no-answer", "lost-answer", "stale-read"]
"""`no-answer`: nothing happens, and the caller waits until it gives up. `lost-answer`: the same, but it happened.

`stale-read`: a replica that has not heard of what is asked for.
"""

CODES: dict[str, tuple[int, str]] = {
    "throttled": (400, "Throttling"),
    "server-error": (500, "InternalFailure"),
    "access-denied": (403, "AccessDenied"),
    "stale-read": (404, "NoSuchEntity"),
}
MESSAGE = "asked for by whoever rehearses"


@dataclass
class _Planned:
    operation: str
    kind: Kind
    skip: int
    times: int


class Faults:
    """What is planned, in the order in which it was asked for."""

    def __init__(self) -> None:
        self._planned: list[_Planned] = []
        self._lock = threading.Lock()

    def plan(self, operation: str, kind: str, *, times: int = 1, skip: int = 0) -> None:
        """Lets `times` calls of `operation` fail after `skip` more that do not.

        `operation` is an action (`UploadServerCertificate`, `GetSecretValue`) or, of the APIs that have none,
        the beginning of `METHOD /path`. `AWS::CloudFront::Distribution` stands for what CloudFormation asks of
        CloudFront: any kind of fault makes it refuse the certificate. `AWS::Route53::RecordSet` stands for its
        making one, `DELETE AWS::S3::Bucket` for its deleting a resource of that type.

        Raises:
            ValueError: there is no such kind of fault.
        """
        for known in get_args(Kind):
            if kind == known:
                with self._lock:
                    self._planned.append(_Planned(operation, known, skip, times))
                return
        raise ValueError(f"{kind} is no fault; known are {', '.join(get_args(Kind))}")

    def clear(self) -> None:
        """Forgets what has not come to pass."""
        with self._lock:
            self._planned.clear()

    def take(self, action: str, request_line: str) -> Kind | None:
        """The fault of the call that is being made, if there is one."""
        with self._lock:
            for one in self._planned:
                if one.operation != action and not (" " in one.operation and request_line.startswith(one.operation)):
                    continue
                if one.skip:
                    one.skip -= 1
                    return None
                one.times -= 1
                if not one.times:
                    self._planned.remove(one)
                return one.kind
        return None
