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
            "Alarms for outages, an unreachable page, expiring certificates and switches left on. false removes "
            "them, their topic and the certificate checks.",
            allowed="true or false",
            example="true",
        ),
    ] = True
    dashboard: Annotated[
        bool,
        Field(strict=True),
        Key(
            "A CloudWatch dashboard for each failover stack. Beyond the account's 3 free ones, each costs 3 USD a "
            "month.",
            allowed="true or false",
            example="true",
        ),
    ] = False
