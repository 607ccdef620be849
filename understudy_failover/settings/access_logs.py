"""Whether requests are logged: the table [access_logs] of failover.toml."""

from typing import Annotated

from pydantic import Field

from understudy_failover.settings.keys import Key
from understudy_failover.settings.tables import Table


class AccessLogs(Table):
    """Access logs of each maintenance page and of its buckets. With the table they are kept, without it none are.

    They hold visitors' IP addresses. See docs/decisions/0015-access-logs.md.
    """

    keep_days: Annotated[
        int,
        Field(strict=True, ge=1, le=3650),
        Key(
            "Days after which S3 deletes them. `cdk destroy` leaves their bucket, which empties itself by this rule.",
            allowed="a whole number from 1 to 3650",
            example="30",
        ),
    ]
