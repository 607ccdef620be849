"""The maintenance switch: objects in S3 that send servers' clients to the maintenance page.

Nothing here asks a control plane of Route 53, CloudFront, IAM or CloudFormation; S3 alone, and for the account's
number STS where it is not told.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from understudy_failover.contract.switch import FOLDER, switch_bucket, switch_key
from understudy_failover.contract.switch_end import ENDS_AT, switch_end
from understudy_failover.operations.moments import rfc3339

NOT_FOUND = {"404", "NoSuchKey", "NotFound"}


@dataclass(frozen=True)
class Position:
    """A switch that is on."""

    since: datetime
    """When its object was last written."""
    ends_at: datetime | None
    """When the maintenance is expected to end; it does not end by itself then."""
    unreadable_end: str | None = None
    """What the switch states in place of an end, where that is no time."""


class SwitchError(Exception):
    """The switches cannot be reached; the text says why and what to do."""


class Switches:
    """The switches of one installation; `s3` is a boto3 client, `account` the number of the account they are in."""

    def __init__(self, s3: Any, app: str, account: str) -> None:
        self._s3 = s3
        # A bucket of that name in somebody else's account is refused by S3 itself.
        self._where = {"Bucket": switch_bucket(app, account), "ExpectedBucketOwner": account}
        self.bucket = self._where["Bucket"]

    def url(self, server: str) -> str:
        """`s3://…` of a switch's object."""
        return f"s3://{self.bucket}/{switch_key(server)}"

    def positions(self, servers: Iterable[str]) -> dict[str, Position | None]:
        """Of each of `servers` (names, or `FOR_ALL`) its position; None: off.

        Raises:
            SwitchError: there is no such bucket, or it may not be read.
        """
        return {server: _position(found) if found else None for server, found in self._objects(servers).items()}

    def on(self, servers: Iterable[str]) -> set[str]:
        """Return those of `servers` whose switch is on, whatever its object says.

        Raises:
            SwitchError: as `positions` does.
        """
        return {server for server, found in self._objects(servers).items() if found is not None}

    def put(self, server: str, ends_at: datetime | None) -> None:
        """Turns a switch on, or changes the end that it tells."""
        metadata = {ENDS_AT: rfc3339(ends_at)} if ends_at else {}
        try:
            self._s3.put_object(
                **self._where, Key=switch_key(server), Body=b"", ContentType="text/plain", Metadata=metadata
            )
        except ClientError as error:
            raise self._explained(error) from error

    def remove(self, server: str) -> None:
        """Turns a switch off; one that is off stays so."""
        try:
            self._s3.delete_object(**self._where, Key=switch_key(server))
        except ClientError as error:
            raise self._explained(error) from error

    def _objects(self, servers: Iterable[str]) -> dict[str, dict[str, Any] | None]:
        """S3's answer about the object of each switch; None: there is none."""
        try:
            # Asking for an object of a bucket that does not exist is answered like one for an object that does not.
            self._s3.list_objects_v2(**self._where, Prefix=FOLDER, MaxKeys=1)
            return {server: self._object(server) for server in servers}
        except ClientError as error:
            raise self._explained(error) from error

    def _object(self, server: str) -> dict[str, Any] | None:
        try:
            found: dict[str, Any] = self._s3.head_object(**self._where, Key=switch_key(server))
        except ClientError as error:
            if _code(error) in NOT_FOUND:
                return None
            raise
        return found

    def _explained(self, error: ClientError) -> SwitchError:
        code = _code(error)
        if code == "NoSuchBucket":
            why = "there is no such bucket in this account; deploy first, or name the account with --account"
        elif code in {"403", "AccessDenied"}:
            why = (
                "access denied; it needs s3:PutObject, s3:DeleteObject and s3:GetObject on "
                f"{FOLDER}* and s3:ListBucket, in the account that was deployed to"
            )
        else:
            why = str(error)
        return SwitchError(f"{self.bucket}: {why}")


def _position(found: dict[str, Any]) -> Position:
    stated = found["Metadata"].get(ENDS_AT)
    ends_at = switch_end(found["Metadata"])
    return Position(found["LastModified"].astimezone(UTC), ends_at, stated if ends_at is None else None)


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code"))
