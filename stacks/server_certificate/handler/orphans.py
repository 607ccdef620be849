"""Certificates that earlier deploys left behind: finding and deleting them, and what to say when IAM is full."""

import re
from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any

import server_certificates
from aws import AwsError, Context, left_seconds, log, now
from server_certificates import APP_TAG, app_of

MINIMUM_AGE = timedelta(days=1)
"""A deploy that is still under way may be about to use a younger one."""
RESERVE_SECONDS = 180
"""Not begun with less time than this: tidying up must not cost a deploy its answer."""
MAX_NAMED = 10
"""Certificates in a message; CloudFormation takes 4,096 bytes of answer."""


def is_own_name(name: str, path: str) -> bool:
    """Whether the handler gives names like this one to certificates under `path`."""
    return re.fullmatch(rf"{re.escape(app_of(path))}-[0-9a-f]{{16}}", name) is not None


def sweep(path: str, keep: Collection[str], context: Context) -> list[str]:
    """Deletes what nobody uses: under the app's own path, with its tag, older than a day, attached to nothing.

    Whether something is attached is CloudFront's to say. Never raises: a deploy has
    done its work when it comes here. Answers the names of the deleted.
    """
    deleted: list[str] = []
    if left_seconds(context) < RESERVE_SECONDS:
        log("no time left to look for orphans")
        return deleted
    try:
        # All of them first: a deletion shifts what a marker points at.
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


def who_could_go(path: str, keep: Collection[str]) -> str:
    """For the message about a full quota: which certificates look dispensable, and how to delete them."""
    how = (
        "Delete those that nothing uses (aws iam delete-server-certificate; IAM refuses where one is in use), or "
        "have the quota raised (Service Quotas, IAM, server certificates per account: up to 1,000)."
    )
    try:
        everyone = [one for one in server_certificates.listed("/") if one["ServerCertificateName"] not in keep]
    except AwsError as error:
        return f"IAM does not list its certificates ({error.code}). {how}"
    # First those of this app, which it alone uses, then whatever expired longest ago.
    ordered = sorted(everyone, key=lambda one: (one["Path"] != path, one["Expiration"]))
    names = ", ".join(map(_described, ordered[:MAX_NAMED]))
    more = f" and {len(ordered) - MAX_NAMED} more" if len(ordered) > MAX_NAMED else ""
    return f"It has {names}{more}. {how}"


def _described(metadata: Mapping[str, Any]) -> str:
    ends = "expired" if metadata["Expiration"] < now() else "until"
    return f"{metadata['ServerCertificateName']} ({ends} {metadata['Expiration']:%Y-%m-%d})"
