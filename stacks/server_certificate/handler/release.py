"""Deletes a certificate, once CloudFront has released it."""

import server_certificates
from aws import AwsError, Context, ServerCertificateError, call, left_seconds, log, sleep

RETRY_SECONDS = 10
RESERVE_SECONDS = 150
"""Reserved to answer CloudFormation: two calls at their slowest."""


def release(name: str, stack_id: str, context: Context) -> None:
    """Delete `name`, which may be missing.

    CloudFront holds a certificate until the change of its distributions has reached the last edge, and for an unknown
    time after that. A certificate that it holds for longer than this invocation stays in IAM. After an update a later
    deploy deletes it. If the stack is being deleted, no deploy follows: raise ServerCertificateError.
    """
    while True:
        try:
            server_certificates.delete_unused(name)
            return
        except AwsError as error:
            failure = error
        # A missing name has no path, and so no permission to delete it.
        gone = failure.code in {"AccessDenied", "NoSuchEntity"} and server_certificates.find(name) is None
        if gone:
            return
        # NoSuchEntity: from a replica without a new certificate.
        if failure.code not in {"DeleteConflict", "NoSuchEntity"} and not failure.may_pass:
            raise failure
        if left_seconds(context) < RESERVE_SECONDS + RETRY_SECONDS:
            break
        sleep(RETRY_SECONDS)
    if failure.code == "DeleteConflict" and _is_update(stack_id):
        log("CloudFront still holds the certificate; a deploy a day later deletes it", name=name)
        return
    raise ServerCertificateError(
        f"Certificate {name} is still in IAM ({failure.code}): CloudFront releases certificates with a delay. "
        "Delete the stack again in 15 minutes, or retain this resource and delete the certificate by hand."
    )


def _is_update(stack_id: str) -> bool:
    """Return whether this Delete is the clean-up of an update or of its rollback, so that the stack stays."""
    try:
        (stack,) = call("cloudformation", "describe_stacks", StackName=stack_id)["Stacks"]
    except AwsError as error:
        # An error in a clean-up is only a line in the stack's events: the update still succeeds.
        log("cannot distinguish an update from a deletion", error=str(error))
        return False
    return "CLEANUP" in stack["StackStatus"]
