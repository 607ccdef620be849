"""Alarms and dashboard: the table [monitoring] of failover.toml."""

from typing import Annotated

from pydantic import Field

from understudy_failover.settings.keys import Key
from understudy_failover.settings.tables import Table


class Monitoring(Table):
    """What CloudWatch watches. Failover itself needs none of it."""

    alarms: Annotated[
        bool,
        Field(strict=True),
        Key(
            "Whether alarms report outages, an unreachable page, expiring certificates and switches left on. "
            "false removes the alarms, their topic and the certificate checks.",
            allowed="true or false",
            example="true",
        ),
    ] = True
    dashboard: Annotated[
        bool,
        Field(strict=True),
        Key(
            "Whether each failover stack has a CloudWatch dashboard. An account has 3 free ones; each additional one "
            "costs 3 USD a month.",
            allowed="true or false",
            example="true",
        ),
    ] = False
