"""What can go wrong with one call to AWS."""

from dataclasses import dataclass
from enum import Enum


class Killed(BaseException):
    """The process of the function ends here and now."""


class Kind(Enum):
    """Ways in which a call fails."""

    THROTTLED = "throttled"
    SERVER_ERROR = "5xx"
    ACCESS_DENIED = "access denied"
    TIME_OUT = "time-out before the effect"
    LOST_RESPONSE = "effect, then a lost response"
    STALE_READ = "stale read"
    KILLED_BEFORE = "killed before the effect"
    KILLED_AFTER = "killed after the effect"


READS_OF_IAM = {"GetServerCertificate", "ListServerCertificates"}
"""Only IAM answers from replicas that lag behind."""


@dataclass(frozen=True)
class Fault:
    """Befalls the call number `call` of invocation number `invocation`; both count from 0."""

    kind: Kind
    invocation: int
    call: int
    operation: str
    lasting: bool
    """Whether every later call of the operation in the same invocation fares alike."""

    def hits(self, invocation: int, call: int, operation: str) -> bool:
        """Whether it befalls that call."""
        if invocation != self.invocation or operation != self.operation:
            return False
        return call >= self.call if self.lasting else call == self.call

    def __str__(self) -> str:
        how = "from then on" if self.lasting else "once"
        return f"{self.operation} (call {self.call} of invocation {self.invocation}) {self.kind.value}, {how}"


def faults_of(invocation: int, call: int, operation: str) -> list[Fault]:
    """Every fault that can befall this call."""
    return [
        Fault(kind, invocation, call, operation, lasting)
        for kind in Kind
        for lasting in (False, True)
        if kind is not Kind.STALE_READ or operation in READS_OF_IAM
        # Whoever is killed makes no later call.
        if not (lasting and kind in {Kind.KILLED_BEFORE, Kind.KILLED_AFTER})
    ]
