"""Makes a certificate exist: found, adopted or uploaded, and visible to CloudFront before it is told of."""

from collections.abc import Collection, Mapping
from typing import Any

import orphans
import private_key
import public_half
import server_certificates
from aws import AwsError, Context, ServerCertificateError, left_seconds, log, monotonic, sleep

VISIBLE_WITHIN_SECONDS = 120
"""IAM is eventually consistent: how long an upload may take to show."""
CONSECUTIVE_READS = 3
"""Reads in a row that must show it, as they are answered by different replicas."""
POLL_SECONDS = 2
RESERVE_SECONDS = 150
"""Kept to clean up and to answer."""

REFUSALS = frozenset({"AccessDenied", "InvalidInput", "KeyPairMismatch", "LimitExceeded", "MalformedCertificate"})
"""Answers that are as true of the attempts before, of which botocore may have made some."""

ADVICE = {
    "KeyPairMismatch": "the private key in the secret does not belong to the certificate",
    "MalformedCertificate": "certificate.pem, chain.pem (issuer of the leaf first, no root) or the secret's "
    "private key (PEM, not encrypted) is malformed, or the certificate is not valid today",
}


def ensure(properties: Mapping[str, Any], keep: Collection[str], context: Context) -> dict[str, Any]:
    """IAM's description of the certificate that the properties declare; `keep` names those still needed.

    What fails after an upload of its own takes that upload back: the Delete after a failed Create touches nothing
    (responder.py), and after a failed Update CloudFormation never sends one.

    Raises:
        ServerCertificateError: it could not be done.
    """
    name = properties["ServerCertificateName"]
    certificate = server_certificates.find(name)
    if certificate is not None:
        return _checked(certificate, properties)
    body, chain = public_half.read(properties)
    ours = _upload(properties, body, chain, keep, context)
    failure: ServerCertificateError
    try:
        return _checked(_wait_until_visible(name, context), properties)
    except ServerCertificateError as error:
        failure = error
    left = _take_back(name) if ours else ""
    raise ServerCertificateError(f"{failure}{left}")


def _upload(properties: Mapping[str, Any], body: str, chain: str, keep: Collection[str], context: Context) -> bool:
    """Whether the certificate of that name is, or may be, this call's own work."""
    keys = private_key.candidates(properties)
    key = next(keys)
    while True:
        try:
            server_certificates.upload(properties, body, chain, key)
            return True
        except AwsError as error:
            failure = error
        if failure.code == "EntityAlreadyExists":
            # Uploaded meanwhile, or before a lost answer that botocore asked again for. Not to be told apart,
            # and another delivery of this very request may have been told of it already: so not ours to delete.
            return False
        if failure.code == "KeyPairMismatch" and (another := next(keys, None)) is not None:
            key = another
        elif failure.code == "LimitExceeded" and orphans.sweep(properties["Path"], keep, context):
            continue  # there is room now, and fewer orphans than before
        elif failure.may_have_happened and failure.code not in REFUSALS:
            log("do not know whether the upload took effect: waiting for it to show", code=failure.code)
            return True
        else:
            break
    raise ServerCertificateError(_advice(failure.code, properties["Path"], keep))


def _advice(code: str, path: str, keep: Collection[str]) -> str:
    refused = f"IAM refused the server certificate: {code}"
    if code == "LimitExceeded":
        return f"{refused}: the account's quota of server certificates is used up. {orphans.who_could_go(path, keep)}"
    return f"{refused}: {ADVICE[code]}." if code in ADVICE else f"{refused}."


def _wait_until_visible(name: str, context: Context) -> dict[str, Any]:
    """CloudFront refuses an id that IAM does not show it yet, and CloudFormation does not try again."""
    deadline = monotonic() + VISIBLE_WITHIN_SECONDS
    seen, why = 0, "it does not show"
    while monotonic() < deadline and left_seconds(context) > RESERVE_SECONDS:
        try:
            certificate = server_certificates.find(name)
        except AwsError as error:
            certificate, why = None, str(error)
        seen = seen + 1 if certificate else 0
        if certificate and seen == CONSECUTIVE_READS:
            return certificate
        sleep(POLL_SECONDS)
    raise ServerCertificateError(
        f"Server certificate {name} was uploaded, but IAM did not show it within {VISIBLE_WITHIN_SECONDS} s: {why}. "
        "Deploy again."
    )


def _checked(certificate: dict[str, Any], properties: Mapping[str, Any]) -> dict[str, Any]:
    if not public_half.is_declared(certificate, properties):
        raise ServerCertificateError(
            f"IAM has another certificate under the name {properties['ServerCertificateName']}. Delete or rename "
            "that one (aws iam list-server-certificates) and deploy again."
        )
    return certificate


def _take_back(name: str) -> str:
    """Deletes an upload of this invocation; answers what to tell where that is not certain."""
    try:
        server_certificates.delete(name)
    except AwsError as error:
        log("could not take the upload back", name=name, code=error.code)
        return (
            f" Certificate {name} may be left in IAM ({error.code}): a deploy of the same certificate uses it, "
            "and the first deploy of another one that is made a day later deletes it."
        )
    return ""
