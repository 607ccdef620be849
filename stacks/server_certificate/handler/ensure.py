"""Ensures that a certificate exists in IAM and is visible to CloudFront."""

from collections.abc import Collection, Mapping
from typing import Any

import orphans
import private_key
import public_certificate
import server_certificates
from aws import AwsError, Context, ServerCertificateError, left_seconds, log, monotonic, sleep

VISIBLE_WITHIN_SECONDS = 120
"""IAM is eventually consistent: the limit until an upload is visible."""
CONSECUTIVE_READS = 3
"""Reads in a row that must return the certificate, because different replicas answer."""
POLL_SECONDS = 2
RESERVE_SECONDS = 150
"""Reserved to clean up and to answer."""

REFUSALS = frozenset({"AccessDenied", "InvalidInput", "KeyPairMismatch", "LimitExceeded", "MalformedCertificate"})
"""Answers that also hold for earlier attempts, which botocore may have made."""

ADVICE = {
    "KeyPairMismatch": "the private key in the secret does not belong to the certificate",
    "MalformedCertificate": "certificate.pem, chain.pem (issuer of the leaf first, no root) or the secret's "
    "private key (PEM, not encrypted) is malformed, or the certificate is not valid today",
}


def ensure(properties: Mapping[str, Any], keep: Collection[str], context: Context) -> dict[str, Any]:
    """Return IAM's description of the certificate of the properties; `keep` are names that are still needed.

    A failure after an upload undoes the upload: the Delete after a failed Create changes nothing (responder.py), and
    CloudFormation sends none after a failed Update. Raise ServerCertificateError on failure.
    """
    name = properties["ServerCertificateName"]
    certificate = server_certificates.find(name)
    if certificate is not None:
        return _checked(certificate, properties)
    body, chain = public_certificate.read(properties)
    uploaded = _upload(properties, body, chain, keep, context)
    failure: ServerCertificateError
    try:
        return _checked(_wait_until_visible(name, context), properties)
    except ServerCertificateError as error:
        failure = error
    raise ServerCertificateError(f"{failure}{_undo_upload(name) if uploaded else ''}")


def _upload(properties: Mapping[str, Any], body: str, chain: str, keep: Collection[str], context: Context) -> bool:
    """Return whether this call uploaded, or may have uploaded, the certificate of that name."""
    keys = private_key.candidates(properties)
    key = next(keys)
    while True:
        try:
            server_certificates.upload(properties, body, chain, key)
            return True
        except AwsError as error:
            failure = error
        if failure.code == "EntityAlreadyExists":
            # Uploaded meanwhile, or by an attempt whose answer was lost: indistinguishable. Another delivery of this
            # request may already have returned the certificate, so this call must not delete it.
            return False
        if failure.code == "KeyPairMismatch" and (another := next(keys, None)) is not None:
            key = another
        elif failure.code == "LimitExceeded" and orphans.sweep(properties["Path"], keep, context):
            continue  # with room now, and fewer orphans
        elif failure.may_have_happened and failure.code not in REFUSALS:
            log("unknown whether the upload took effect: waiting until it is visible", code=failure.code)
            return True
        else:
            break
    raise ServerCertificateError(_advice(failure.code, properties["Path"], keep))


def _advice(code: str, path: str, keep: Collection[str]) -> str:
    refused = f"IAM refused the server certificate: {code}"
    if code == "LimitExceeded":
        return (
            f"{refused}: the account's quota of server certificates is used up. {orphans.advice_on_quota(path, keep)}"
        )
    return f"{refused}: {ADVICE[code]}." if code in ADVICE else f"{refused}."


def _wait_until_visible(name: str, context: Context) -> dict[str, Any]:
    """Return the certificate when IAM shows it: CloudFront refuses an id before, and CloudFormation does not retry."""
    deadline = monotonic() + VISIBLE_WITHIN_SECONDS
    reads, why = 0, "it is not visible"
    while monotonic() < deadline and left_seconds(context) > RESERVE_SECONDS:
        try:
            certificate = server_certificates.find(name)
        except AwsError as error:
            certificate, why = None, str(error)
        reads = reads + 1 if certificate else 0
        if certificate and reads == CONSECUTIVE_READS:
            return certificate
        sleep(POLL_SECONDS)
    raise ServerCertificateError(
        f"Server certificate {name} was uploaded, but IAM did not show it within {VISIBLE_WITHIN_SECONDS} s: {why}. "
        "Deploy again."
    )


def _checked(certificate: dict[str, Any], properties: Mapping[str, Any]) -> dict[str, Any]:
    if not public_certificate.is_declared(certificate, properties):
        raise ServerCertificateError(
            f"IAM has another certificate under the name {properties['ServerCertificateName']}. Delete or rename that "
            "certificate (aws iam list-server-certificates) and deploy again."
        )
    return certificate


def _undo_upload(name: str) -> str:
    """Delete an upload of this invocation; return the text for the error message if that may have failed."""
    try:
        server_certificates.delete(name)
    except AwsError as error:
        log("could not undo the upload", name=name, code=error.code)
        return (
            f" Certificate {name} may remain in IAM ({error.code}): a deploy of the same certificate uses it, and "
            "a deploy of another certificate at least a day later deletes it."
        )
    return ""
