"""An outage on demand that harms no server: the maintenance switch, and that it is off again afterwards."""

import time
from collections.abc import Callable
from datetime import datetime

from botocore.exceptions import BotoCoreError, ClientError

from understudy_failover.contract.switch import FOR_ALL
from understudy_failover.operations.switch import SwitchError, Switches
from understudy_failover.settings import Server

ATTEMPTS = 6
PAUSE_SECONDS = 2.0
"""After the first attempt; each later pause is that much longer."""
FAULTS = (SwitchError, BotoCoreError, ClientError)


class StuckSwitchError(Exception):
    """A switch may still be on; the text says which and how to turn it off."""


class SwitchOutage:
    """Turns a server's switch on and off. `ends_at` returns the end that the page shows, `switch_of` the switch."""

    def __init__(
        self,
        switches: Switches,
        switch_of: Callable[[Server], str],
        ends_at: Callable[[Server], datetime],
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._switches = switches
        self._switch_of = switch_of
        self._ends_at = ends_at
        # Not the drill's clock: an interrupted one does not wait any more.
        self._sleep = sleep

    def begin(self, server: Server) -> str:
        """Turns it on.

        Raises:
            SwitchError, BotoCoreError, ClientError: it could not be turned on, and is off.
            StuckSwitchError: likewise, but whether it is off is not known.
        """
        try:
            self._switches.put(self._switch_of(server), self._ends_at(server))
        except FAULTS:
            # The answer can be lost of a request that was carried out.
            self.end(server)
            raise
        return f"{server.name}: switch on"

    def end(self, server: Server) -> str:
        """Turns it off, tries again where S3 does not answer, and makes sure.

        Raise StuckSwitchError: it may still be on.
        """
        switch = self._switch_of(server)
        fault: Exception = SwitchError("it is still there")
        for attempt in range(ATTEMPTS):
            if attempt:
                self._sleep(PAUSE_SECONDS * attempt)
            try:
                self._switches.remove(switch)
                if self._switches.positions([switch])[switch] is None:
                    return f"{server.name}: switch off"
            except FAULTS as error:
                fault = error
        option = "--all" if switch == FOR_ALL else switch
        raise StuckSwitchError(
            f"{server.name}: THE SWITCH MAY STILL BE ON and its clients on the maintenance page: {fault}. "
            f"Turn it off as soon as S3 answers: understudy maintenance off {option} --apply. "
            f"It is the object {self._switches.url(switch)}"
        )
