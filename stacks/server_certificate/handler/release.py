"""Deletes a certificate, for as long as CloudFront takes to let go of it."""

import server_certificates
from aws import AwsError, Context, ServerCertificateError, call, left_seconds, log, sleep

RETRY_SECONDS = 10
RESERVE_SECONDS = 150
"""Kept to answer CloudFormation: two calls at their slowest."""


def release(name: str, stack_id: str, context: Context) -> None:
    """Deletes `name`; none there is no error.

    CloudFront holds a certificate until the change of its distributions has reached the last edge, and for an
    unknown time after. Where that outlasts this invocation, the certificate stays in IAM: harmless after an
    update, so that this ends well and a later deploy sweeps it; an error where the whole stack is being
    deleted, as no deploy would ever come.

    Raises:
        ServerCertificateError: it is still there, and somebody should know.
    """
    while True:
        try:
            server_certificates.delete_unused(name)
            return
        except AwsError as error:
            failure = error
        # A name that is gone has no path, and so no permission to delete it.
        gone = failure.code in {"AccessDenied", "NoSuchEntity"} and server_certificates.find(name) is None
        if gone:
            return
        # NoSuchEntity: by a replica that has not heard of a young certificate.
        if failure.code not in {"DeleteConflict", "NoSuchEntity"} and not failure.may_pass:
            raise failure
        if left_seconds(context) < RESERVE_SECONDS + RETRY_SECONDS:
            break
        sleep(RETRY_SECONDS)
    if failure.code == "DeleteConflict" and _is_update(stack_id):
        log("left a certificate that CloudFront still holds; a deploy a day later deletes it", name=name)
        return
    raise ServerCertificateError(
        f"Certificate {name} is still in IAM ({failure.code}): CloudFront lets go of certificates with delay. "
        "Delete the stack again in a quarter of an hour, or leave it out then and delete the certificate by hand."
    )


def _is_update(stack_id: str) -> bool:
    """Whether this Delete is the clean-up of an update or of its rollback, after which the stack lives on."""
    try:
        (stack,) = call("cloudformation", "describe_stacks", StackName=stack_id)["Stacks"]
    except AwsError as error:
        # An error in a clean-up costs nothing but a line in the stack's events: CloudFormation ends the update well.
        log("cannot tell an update from a deletion", error=str(error))
        return False
    return "CLEANUP" in stack["StackStatus"]
