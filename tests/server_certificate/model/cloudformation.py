"""CloudFormation's rules for a custom resource and its answer document, and a distribution beside it.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requesttypes-update.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html
"""

import contextlib
import io
from dataclasses import dataclass, field
from typing import Any

from tests.custom_resource.answers import Answers
from tests.server_certificate.fake_aws import load_handler
from tests.server_certificate.model.faults import Killed
from tests.server_certificate.model.wire import Aws
from tests.server_certificate.requests import Issued

FUNCTION_LIMIT_SECONDS = 14 * 60
MAX_ANSWER_BYTES = 4_096
DELIVERIES = 3
"""Lambda runs a function that was killed, and was invoked asynchronously, up to two times more."""

Event = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """What CloudFormation hears."""

    succeeded: bool
    physical_id: str = ""
    data: dict[str, str] = field(default_factory=dict)
    reason: str = ""


class UnexpectedError(AssertionError):
    """The handler raised what it did not mean to."""


class Stack:
    """One stack: the certificate's resource, and a distribution that depends on it."""

    def __init__(self, aws: Aws, answers: Answers) -> None:
        self.aws = aws
        self.answers = answers
        self.deployed: Issued | None = None
        self.physical_id: str | None = None
        self.attached: str | None = None
        """Name of the certificate that the distribution uses."""
        self.attached_id = ""
        self.outputs: list[str] = []
        """Everything that left the handler: answers, errors and its log."""
        self.unheard: set[str] = set()
        """Certificates whose making CloudFormation never heard of."""
        self.release_after_seconds = 0.0
        """How long CloudFront uses a certificate that no distribution has any more."""
        self.sends_twice = False
        self.loses_answers: list[int] = []
        """Statuses with which the first attempts of every answer are refused; 0 is no HTTP at all."""

    def deploy(self, wanted: Issued, *, refused: bool = False, cancelled: bool = False) -> bool:
        """`cdk deploy`: whether the stack ends with `wanted`. `refused`: CloudFront does not take the certificate."""
        if self.physical_id is None:
            return self._create(wanted, refused)
        return self._update(wanted, refused, cancelled)

    def destroy(self) -> bool:
        """`cdk destroy`: whether the stack is gone."""
        self._detach()
        self.aws.stack_status = "DELETE_IN_PROGRESS"
        if self.physical_id is None:
            return True
        assert self.deployed
        if not self._delete(self.physical_id, self.deployed).succeeded:
            return False
        self.physical_id = self.deployed = None
        return True

    def _create(self, wanted: Issued, refused: bool) -> bool:
        self.aws.stack_status = "CREATE_IN_PROGRESS"
        answer = self._deliver({"RequestType": "Create", "ResourceProperties": wanted.properties()})
        if not answer.succeeded:
            calls = len(self.aws.calls)
            deleted = self._delete(answer.physical_id, wanted)
            assert deleted.succeeded, "the Delete after a failed Create failed"
            assert len(self.aws.calls) == calls, "the Delete after a failed Create touched something"
            return False
        self.physical_id, self.deployed = answer.physical_id, wanted
        if not refused:
            self._attach(answer)
            return True
        self.aws.stack_status = "ROLLBACK_IN_PROGRESS"
        if self._delete(answer.physical_id, wanted).succeeded:
            self.physical_id = self.deployed = None
        return False

    def _update(self, wanted: Issued, refused: bool, cancelled: bool) -> bool:
        assert self.deployed
        assert self.physical_id
        before, old = self.deployed, self.physical_id
        self.aws.stack_status = "UPDATE_IN_PROGRESS"
        answer = self._deliver(_update_event(old, before, wanted))
        if cancelled or not answer.succeeded:
            if cancelled and answer.succeeded:
                self.unheard.add(answer.physical_id)
            self.aws.stack_status = "UPDATE_ROLLBACK_IN_PROGRESS"
            self._roll_back(_update_event(old, wanted, before))
            return False
        new = answer.physical_id
        if refused:
            self.aws.stack_status = "UPDATE_ROLLBACK_IN_PROGRESS"
            self._roll_back(_update_event(new, wanted, before))
            self.aws.stack_status = "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS"
            if new != self.physical_id:
                self._delete(new, wanted)
            return False
        self.physical_id, self.deployed = new, wanted
        self._attach(answer)
        self.aws.stack_status = "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"
        if new != old:
            self._delete(old, before)
        return True

    def _roll_back(self, event: Event) -> None:
        # `cdk rollback`, that is ContinueUpdateRollback, until it is through.
        for _ in range(5):
            answer = self._deliver(event)
            if answer.succeeded:
                self.physical_id = answer.physical_id
                self._attach(answer)
                return
        raise AssertionError(f"the rollback never succeeds: {answer.reason}")

    def _delete(self, physical_id: str, properties_of: Issued) -> Answer:
        answer = self._deliver(
            {
                "RequestType": "Delete",
                "PhysicalResourceId": physical_id,
                "ResourceProperties": properties_of.properties(),
            }
        )
        assert not answer.succeeded or answer.physical_id == physical_id, "a Delete must keep its physical id"
        return answer

    def _attach(self, answer: Answer) -> None:
        identifier = answer.data["ServerCertificateId"]
        # What CloudFront would say InvalidViewerCertificate to.
        assert self.aws.iam.get(identifier), "the handler answered before the certificate was visible"
        if identifier != self.attached_id:
            self._detach()
        self.attached, self.attached_id = answer.physical_id, identifier
        self.aws.in_use_until[identifier] = float("inf")

    def _detach(self) -> None:
        if self.attached_id:
            self.aws.in_use_until[self.attached_id] = self.aws.time.now() + self.release_after_seconds
        self.attached, self.attached_id = None, ""

    def _deliver(self, event: Event) -> Answer:
        answers = [self._invoke_until_answered(event) for _ in range(1 + self.sends_twice)]
        return answers[0]

    def _invoke_until_answered(self, event: Event) -> Answer:
        for _ in range(DELIVERIES):
            answer = self._invoke(event)
            if answer is not None:
                return answer
        raise AssertionError("no answer")

    def _invoke(self, event: Event) -> Answer | None:
        identity = {"StackId": "arn:aws:cloudformation:us-east-1:0:stack/s/1", "ResponseURL": self.answers.url}
        request = {"RequestId": f"request-{self.aws.invocation}", "LogicalResourceId": "ServerCertificate"}
        self.aws.begin_invocation()
        self.aws.time.begin_invocation(FUNCTION_LIMIT_SECONDS)
        self.answers.refuses = list(self.loses_answers)
        before = len(self.answers.taken)
        printed = io.StringIO()
        try:
            with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
                load_handler().handler({**identity, **request, **event}, self.aws.time)
        except Killed:
            return None
        finally:
            self.outputs.append(printed.getvalue())
        assert self.aws.time.get_remaining_time_in_millis() > 0, "answered after the deadline"
        (document,) = self.answers.taken[before:]
        self.outputs.append(self.answers.bodies[-1].decode())
        assert len(self.answers.bodies[-1]) <= MAX_ANSWER_BYTES
        assert len(set(self.answers.bodies[-1 - len(self.loses_answers) :])) == 1, "another answer was sent again"
        assert {key: document[key] for key in (*request, "StackId")} == {**request, "StackId": identity["StackId"]}
        reason = document.get("Reason", "")
        if reason.startswith("unexpected "):
            raise UnexpectedError(f"{reason}\n{printed.getvalue()}")
        assert (document["Status"] == "FAILED") == bool(reason)
        assert 0 < len(document["PhysicalResourceId"].encode()) <= 1024
        return Answer(document["Status"] == "SUCCESS", document["PhysicalResourceId"], document.get("Data", {}), reason)


def _update_event(physical_id: str, before: Issued, after: Issued) -> Event:
    return {
        "RequestType": "Update",
        "PhysicalResourceId": physical_id,
        "OldResourceProperties": before.properties(),
        "ResourceProperties": after.properties(),
    }
