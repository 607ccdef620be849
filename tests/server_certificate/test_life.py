"""Any sequence of deploys, rollbacks, cancellations and faults: a certificate's life as Hypothesis writes it."""

from typing import Any

import pytest
import trustme
from hypothesis import HealthCheck, settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.server_certificate.model.faults import Fault, Kind
from tests.server_certificate.model.scenarios import World, issue
from tests.server_certificate.requests import APP

AUTHORITY = trustme.CA().create_child_ca()
CERTIFICATES = [issue(AUTHORITY, version * 32) for version in "0123"]
OPERATIONS = {
    "DeleteServerCertificate",
    "DescribeStacks",
    "GetObject",
    "GetSecretValue",
    "GetServerCertificate",
    "ListServerCertificates",
    "UploadServerCertificate",
}
DEPLOYED = precondition(lambda self: self.world.stack.physical_id is not None)


class Life(RuleBasedStateMachine):
    """One app in one account."""

    def __init__(self) -> None:
        super().__init__()
        self.patch = pytest.MonkeyPatch()
        self.world = World(list(CERTIFICATES), self.patch)

    def teardown(self) -> None:
        """Whatever happened: a deploy without faults succeeds, and two days later one certificate is left."""
        try:
            self.world.aws.fault = None
            self.world.stack.release_after_seconds = 0
            self.world.wait_two_days()
            wanted = CERTIFICATES[0]
            assert self.world.stack.deploy(wanted)
            assert self.world.stack.attached == wanted.name
            self.world.wait_two_days()
            assert self.world.stack.deploy(wanted)
            assert self.world.aws.names() - self.world.foreign() == {wanted.name}
            assert self.world.violations() == []
        finally:
            self.patch.undo()

    @rule(which=st.sampled_from(CERTIFICATES))
    def deploy(self, which: Any) -> None:
        """`cdk deploy`."""
        self.world.stack.deploy(which)

    @DEPLOYED
    @rule(which=st.sampled_from(CERTIFICATES))
    def deploy_refused_by_cloudfront(self, which: Any) -> None:
        """A deploy whose distribution fails."""
        self.world.stack.deploy(which, refused=True)

    @DEPLOYED
    @rule(which=st.sampled_from(CERTIFICATES))
    def deploy_cancelled(self, which: Any) -> None:
        """`aws cloudformation cancel-update-stack`."""
        self.world.stack.deploy(which, cancelled=True)

    @DEPLOYED
    @rule()
    def destroy(self) -> None:
        """`cdk destroy`; while it fails, again later."""
        if not self.world.stack.destroy():
            self.world.aws.fault = None
            self.world.time.sleep(3600)
            assert self.world.stack.destroy()

    @rule(
        kind=st.sampled_from(Kind),
        operation=st.sampled_from(sorted(OPERATIONS)),
        invocation=st.integers(1, 3),
        call=st.integers(0, 12),
        lasting=st.booleans(),
    )
    def something_will_fail(self, kind: Kind, operation: str, invocation: int, call: int, lasting: bool) -> None:
        """The next fault; one at a time."""
        lasting = lasting and kind not in {Kind.KILLED_BEFORE, Kind.KILLED_AFTER}
        self.world.aws.fault = Fault(kind, self.world.aws.invocation + invocation, call, operation, lasting)

    @rule(seconds=st.sampled_from([0, 300, 3600]))
    def cloudfront_holds_on(self, seconds: int) -> None:
        """For how long from now on."""
        self.world.stack.release_after_seconds = seconds

    @rule(seconds=st.sampled_from([0, 5, 60]))
    def iam_is_late(self, seconds: int) -> None:
        """For how long uploads do not show."""
        self.world.aws.iam._delay_seconds = seconds

    @rule(twice=st.booleans())
    def requests_come_twice(self, twice: bool) -> None:
        """CloudFormation delivers at least once."""
        self.world.stack.sends_twice = twice

    @rule(days=st.sampled_from([0.5, 2]))
    def time_passes(self, days: float) -> None:
        """Orphans grow old."""
        self.world.time.sleep(days * 24 * 3600)

    @rule(number=st.integers(0, 9))
    def somebody_leaves_a_certificate(self, number: int) -> None:
        """An orphan of the app's."""
        name = f"{APP}-{number:016x}"
        if name not in self.world.aws.names() and len(self.world.aws.names()) < 12:
            self.world.put(name, CERTIFICATES[3])

    @invariant()
    def nothing_is_broken(self) -> None:
        """Served certificates exist, orphans were announced, nothing leaked."""
        assert self.world.violations() == []


LifeTest = pytest.mark.lengthy(Life.TestCase)
LifeTest.settings = settings(
    max_examples=60, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck)
)
