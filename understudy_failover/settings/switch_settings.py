"""The settings of the maintenance switches, although the rest of failover.toml and its folder may be wrong."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from understudy_failover.contract.printable import printable
from understudy_failover.contract.switch import FOR_ALL
from understudy_failover.settings.checks import pasted_private_key
from understudy_failover.settings.model import AppName, ServerName, Settings
from understudy_failover.settings.problem import Problem
from understudy_failover.settings.report import SettingsError, problems_of
from understudy_failover.settings.tables import SwitchMode, Timing
from understudy_failover.settings.toml_file import UnreadableError, document_of, read_text


@dataclass(frozen=True)
class SwitchSettings:
    """The switches of one installation."""

    app: str
    mode: SwitchMode
    hosts: Mapping[str, tuple[str, ...]]
    """Host names by the name of their server."""
    timing: Timing | None
    """None if the table is wrong: the time until clients follow is unknown."""

    @classmethod
    def of(cls, settings: Settings) -> "SwitchSettings":
        """Return the switches of valid settings."""
        hosts = {server.name: tuple(host.name for host in server.hosts) for server in settings.servers}
        return cls(settings.app, settings.maintenance.switches, hosts, settings.timing)

    @property
    def switches(self) -> tuple[str, ...]:
        """Every maintenance switch: `FOR_ALL` first, then those of servers."""
        return {"per-server": (FOR_ALL, *self.hosts), "one": (FOR_ALL,), "none": ()}[self.mode]


def switch_settings(path: Path) -> SwitchSettings:
    """Return the settings of the switches, without reading certificates, pages or other tables.

    Maintenance must end whatever is wrong in the working folder. Servers with a wrong name are omitted. Raise
    SettingsError if the file is not TOML, or if `app`, `[maintenance] switches` or every server's name is wrong.
    """
    text = ""
    try:
        text = read_text(path)
        document = document_of(text)
        needed = _Needed.model_validate(document)
    except UnreadableError as error:
        raise _refused(path, text, [Problem("file", str(error), error.fix)]) from None
    except ValidationError as error:
        raise _refused(path, text, list(problems_of(error, Settings))) from None
    hosts = dict(_servers(document.get("servers")))
    if not hosts:
        problem = Problem("servers", "holds no server with a valid name", "write the servers that are deployed")
        raise _refused(path, text, [problem])
    return SwitchSettings(needed.app, needed.maintenance.switches, hosts, _timing(document.get("timing", {})))


class _Maintenance(BaseModel):
    switches: SwitchMode = "per-server"


class _Needed(BaseModel):
    app: AppName
    maintenance: _Maintenance = _Maintenance()


class _Server(BaseModel):
    name: ServerName


def _servers(tables: object) -> Iterator[tuple[str, tuple[str, ...]]]:
    for table in tables if isinstance(tables, list) else ():
        try:
            name = _Server.model_validate(table).name
        except ValidationError:
            continue
        hosts: Any = table.get("hosts")
        yield name, tuple(printable(host) for host in hosts if isinstance(host, str)) if isinstance(hosts, list) else ()


def _timing(table: object) -> Timing | None:
    try:
        return Timing.model_validate(table)
    except ValidationError:
        return None


def _refused(path: Path, text: str, problems: list[Problem]) -> SettingsError:
    """Return the error; it never repeats a private key of the file."""
    pasted = pasted_private_key(text)
    return SettingsError(path, [pasted]) if pasted else SettingsError(path, problems, text)
