"""The maintenance switch: objects in S3 that send servers' clients to the maintenance page.

Nothing here asks a control plane of Route 53, CloudFront, IAM or CloudFormation; S3 alone, and for the account's
number STS where it is not given.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from understudy_failover.contract.printable import printable_lines
from understudy_failover.contract.switch import FOLDER, switch_bucket, switch_key
from understudy_failover.contract.switch_end import ENDS_AT, switch_end
from understudy_failover.operations.aws import credentials_fault
from understudy_failover.operations.timestamps import rfc3339

NOT_FOUND = {"404", "NoSuchKey", "NotFound"}
UNREADABLE = {400, 403}
"""S3's statuses for an object that is encrypted with a key of somebody else."""


@dataclass(frozen=True)
class Position:
    since: datetime
    """When its object was last written."""
    ends_at: datetime | None
    """When the maintenance is expected to end; it does not end by itself then."""
    unreadable_end: str | None = None
    """What the switch states in place of an end, where that is no time."""


class SwitchError(Exception):
    """The switches cannot be reached; the text says why and what to do, and is printable."""

    exit_code = 1

    def __init__(self, text: str) -> None:
        super().__init__(printable_lines(text))


class UnknownServerError(SwitchError):
    """The command line names a server that has no switch."""

    exit_code = 2


class Switches:
    """The switches of one installation; `s3` is a boto3 client, `account` the number of the account they are in."""

    def __init__(self, s3: Any, app: str, account: str) -> None:
        self._s3 = s3
        # A bucket of that name in somebody else's account is refused by S3 itself.
        self._where = {"Bucket": switch_bucket(app, account), "ExpectedBucketOwner": account}
        self.bucket = self._where["Bucket"]

    def url(self, server: str) -> str:
        return f"s3://{self.bucket}/{switch_key(server)}"

    def positions(self, servers: Iterable[str]) -> dict[str, Position | None]:
        """Of each of `servers` (names, or `FOR_ALL`) its position; None: off.

        Raise SwitchError: there is no such bucket, or it may not be read.
        """
        try:
            names = list(servers)
            written = self._written(names)
            return {
                server: self._position(server, written[key]) if (key := switch_key(server)) in written else None
                for server in names
            }
        except ClientError as error:
            raise self._explained(error) from error

    def on(self, servers: Iterable[str]) -> set[str]:
        """Return those of `servers` whose switch is on, whatever its object says, and whoever can read it.

        Raise SwitchError: as `positions` does.
        """
        names = list(servers)
        try:
            written = self._written(names)
        except ClientError as error:
            raise self._explained(error) from error
        return {server for server in names if switch_key(server) in written}

    def put(self, server: str, ends_at: datetime | None) -> None:
        metadata = {ENDS_AT: rfc3339(ends_at)} if ends_at else {}
        try:
            self._s3.put_object(
                **self._where, Key=switch_key(server), Body=b"", ContentType="text/plain", Metadata=metadata
            )
        except ClientError as error:
            raise self._explained(error) from error

    def remove(self, server: str) -> None:
        try:
            self._s3.delete_object(**self._where, Key=switch_key(server))
        except ClientError as error:
            raise self._explained(error) from error

    def _written(self, servers: Iterable[str]) -> dict[str, datetime]:
        """Return when each object was last written, by its key: what S3 lists, no object can hide.

        Where S3 has more objects than a page, only those of `servers`: others must not delay a command.
        """
        page = self._s3.list_objects_v2(**self._where, Prefix=FOLDER)
        pages = [page]
        if page.get("NextContinuationToken"):
            # The first key with a prefix is the prefix itself.
            pages = [
                self._s3.list_objects_v2(**self._where, Prefix=switch_key(server), MaxKeys=1) for server in servers
            ]
        return {entry["Key"]: entry["LastModified"] for page in pages for entry in page.get("Contents", [])}

    def _position(self, server: str, written: datetime) -> Position | None:
        """Return the position of a switch that was there a moment ago; None: it has been turned off since."""
        try:
            metadata = self._s3.head_object(**self._where, Key=switch_key(server))["Metadata"]
        except ClientError as error:
            if _code(error) in NOT_FOUND:
                return None
            if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) not in UNREADABLE:
                raise
            # Whoever writes the object chooses its encryption: with a key that nobody else has, S3 refuses to read it.
            return Position(written.astimezone(UTC), None, f"S3: {_code(error)}")
        ends_at = switch_end(metadata)
        return Position(written.astimezone(UTC), ends_at, metadata.get(ENDS_AT) if ends_at is None else None)

    def _explained(self, error: ClientError) -> SwitchError:
        if fault := credentials_fault(error):
            return SwitchError(fault)
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


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code"))
