"""Finds and deletes certificates that earlier deploys left behind; the advice if IAM's quota is full."""

import re
from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any

import server_certificates
from aws import AwsError, Context, left_seconds, log, now
from server_certificates import APP_TAG, app_of

MINIMUM_AGE = timedelta(days=1)
"""A deploy in progress may need a younger certificate."""
RESERVE_SECONDS = 180
"""Reserved to answer CloudFormation."""
MAX_NAMED = 10
"""Certificates in a message; an answer to CloudFormation has 4,096 bytes at most."""


def is_own_name(name: str, path: str) -> bool:
    """Return whether `name` has the form of the handler's names for certificates under `path`."""
    return re.fullmatch(rf"{re.escape(app_of(path))}-[0-9a-f]{{16}}", name) is not None


def sweep(path: str, keep: Collection[str], context: Context) -> list[str]:
    """Delete certificates under the app's path, with its tag, older than a day and in no distribution; return names.

    It never raises, because a deploy has already succeeded at this point.
    """
    deleted: list[str] = []
    if left_seconds(context) < RESERVE_SECONDS:
        log("no time left to look for orphans")
        return deleted
    try:
        # The whole list first: a deletion shifts the position of a marker.
        for metadata in list(server_certificates.listed(path)):
            name = metadata["ServerCertificateName"]
            if name in keep or not is_own_name(name, path) or now() - metadata["UploadDate"] < MINIMUM_AGE:
                continue
            if left_seconds(context) < RESERVE_SECONDS:
                log("no time left for more orphans")
                break
            if _is_tagged(name, app_of(path)) and _delete(name):
                deleted.append(name)
    except AwsError as error:
        log("could not look for orphans; the next deploy tries again", error=str(error))
    return deleted


def _is_tagged(name: str, app: str) -> bool:
    certificate = server_certificates.find(name)
    return certificate is not None and {"Key": APP_TAG, "Value": app} in certificate.get("Tags", [])


def _delete(name: str) -> bool:
    try:
        server_certificates.delete_unused(name)
    except AwsError as error:
        if error.code not in {"DeleteConflict", "NoSuchEntity"}:
            raise
        log("left a certificate alone", name=name, code=error.code)
        return False
    log("deleted an orphan", name=name)
    return True


def advice_on_quota(path: str, keep: Collection[str]) -> str:
    """Return the advice about a full quota: which certificates may be unused, and how to delete them."""
    how = (
        "Delete unused certificates (aws iam delete-server-certificate; IAM refuses a certificate in use), or request "
        "a higher quota (Service Quotas, IAM, server certificates per account: up to 1,000)."
    )
    try:
        certificates = [
            metadata for metadata in server_certificates.listed("/") if metadata["ServerCertificateName"] not in keep
        ]
    except AwsError as error:
        return f"IAM does not list its certificates ({error.code}). {how}"
    # First the certificates of this app, then those that expired first.
    ordered = sorted(certificates, key=lambda metadata: (metadata["Path"] != path, metadata["Expiration"]))
    names = ", ".join(map(_described, ordered[:MAX_NAMED]))
    more = f" and {len(ordered) - MAX_NAMED} more" if len(ordered) > MAX_NAMED else ""
    return f"It has {names}{more}. {how}"


def _described(metadata: Mapping[str, Any]) -> str:
    ends = "expired" if metadata["Expiration"] < now() else "until"
    return f"{metadata['ServerCertificateName']} ({ends} {metadata['Expiration']:%Y-%m-%d})"
