"""CloudFormation's rules for a custom resource behind the CDK's provider framework, and a distribution beside it.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requesttypes-update.html
https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.custom_resources-readme.html#handling-lifecycle-events
"""

import contextlib
import io
import json
import traceback
from dataclasses import dataclass, field
from typing import Any

from tests.server_certificate.fake_aws import load_handler
from tests.server_certificate.model.faults import Killed
from tests.server_certificate.model.wire import Aws
from tests.server_certificate.requests import Issued

FUNCTION_LIMIT_SECONDS = 14 * 60
DELIVERIES = 3
"""Lambda runs a function that was killed, and was invoked asynchronously, up to two times more."""
EXPECTED_ERRORS = {"AwsError", "ServerCertificateError"}

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

    def __init__(self, aws: Aws) -> None:
        self.aws = aws
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
            return False  # the framework swallows the Delete that follows
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
        assert not answer.succeeded or answer.physical_id == physical_id, "the framework refuses another id"
        return answer

    def _attach(self, answer: Answer) -> None:
        identifier = answer.data["ServerCertificateId"]
        # What CloudFront would say InvalidViewerCertificate to.
        assert self.aws.iam.get(identifier), "the handler answered before the certificate was visible"
        if identifier != self.attached_id:
            self._detach()
        self.attached, self.attached_id = answer.physical_id, identifier
        self.aws.held[identifier] = float("inf")

    def _detach(self) -> None:
        if self.attached_id:
            self.aws.held[self.attached_id] = self.aws.time.now() + self.release_after_seconds
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
        identity = {"StackId": "arn:aws:cloudformation:us-east-1:0:stack/s/1", "ResponseURL": RESPONSE_URL}
        self.aws.begin_invocation()
        self.aws.time.begin_invocation(FUNCTION_LIMIT_SECONDS)
        printed = io.StringIO()
        try:
            with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
                result = load_handler().handler({**identity, **event}, self.aws.time)
            answer = Answer(True, result["PhysicalResourceId"], result.get("Data", {}))
            self.outputs.append(json.dumps(result))
        except Killed:
            return None
        except Exception as error:
            if type(error).__name__ not in EXPECTED_ERRORS:
                raise UnexpectedError from error
            answer = Answer(False, reason=str(error))
            self.outputs.append("".join(traceback.format_exception(error)))
        finally:
            self.outputs.append(printed.getvalue())
        assert self.aws.time.get_remaining_time_in_millis() > 0, "answered after the deadline"
        # The rest of CloudFormation's 4,096 bytes is the framework's.
        assert len(answer.reason.encode()) < 3_000
        assert answer.succeeded == bool(answer.physical_id)
        assert len(answer.physical_id.encode()) <= 1024
        return answer


RESPONSE_URL = "https://cloudformation-custom-resource-response-useast1.example/?X-Amz-Signature=0badc0ffee"


def _update_event(physical_id: str, before: Issued, after: Issued) -> Event:
    return {
        "RequestType": "Update",
        "PhysicalResourceId": physical_id,
        "OldResourceProperties": before.properties(),
        "ResourceProperties": after.properties(),
    }
