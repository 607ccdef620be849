"""The smallest failover.toml that loads, as data that a test changes in one place."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from understudy_failover.settings import Settings, SettingsError, load
from understudy_failover.settings.problem import Problem

LEFT_OUT = object()
"""As the value of `changed`: without that key."""


def smallest() -> dict[str, Any]:
    """A fresh copy: required keys alone."""
    return {
        "app": "demo",
        "certificate": {"name": "example", "private_key_secret": "demo/private-key"},
        "zones": [{"name": "example.com", "id": "Z0EXAMPLE"}],
        "servers": [{"name": "web", "ipv4": "203.0.113.10", "hosts": ["www.example.com"]}],
    }


def asking(server: dict[str, Any]) -> dict[str, Any]:
    """`server` with the host that its health check asks for, as a server of several hosts must say it."""
    first = next((host for host in server["hosts"] if not host.startswith("*")), "www.example.com")
    return {**server, "health_check": {"host_name": first, **server.get("health_check", {})}}


def changed(place: str, value: object) -> dict[str, Any]:
    """The smallest file with another value at `place`, such as `servers.0.health_check.port`."""
    document = smallest()
    *way, key = steps(place)
    table: Any = document
    for step in way:
        table = table.setdefault(step, {}) if isinstance(table, dict) else table[step]
    if value is LEFT_OUT:
        table.pop(key, None)
    else:
        table[key] = value
    return document


def steps(place: str) -> list[str | int]:
    """`["servers", 0, "name"]` for `servers.0.name`."""
    return [int(step) if step.isdigit() else step for step in place.split(".")]


def names(place: str) -> tuple[str, ...]:
    """`("servers", "name")` for `servers.0.name`."""
    return tuple(step for step in steps(place) if isinstance(step, str))


def read_at(settings: Settings, place: str) -> Any:
    """What was read at `place`."""
    value: Any = settings
    for step in steps(place):
        value = value[step] if isinstance(step, int) else getattr(value, step)
    return value


def toml(document: Mapping[str, Any]) -> str:
    """`document` as TOML, a line for each key at the top."""
    return "".join(f"{_written(key)} = {_written(value)}\n" for key, value in document.items())


def load_from(folder: Path, document: Mapping[str, Any] | str) -> Settings:
    """What `failover.toml` in `folder` says if it holds `document`."""
    file = folder / "failover.toml"
    file.write_text(document if isinstance(document, str) else toml(document), encoding="utf-8", newline="")
    return load(file)


def error_from(folder: Path, document: Mapping[str, Any] | str) -> SettingsError:
    """As `load_from`, for a document that must not load."""
    try:
        loaded = load_from(folder, document)
    except SettingsError as error:
        return error
    raise AssertionError(f"was accepted: {loaded}")


def problems_from(folder: Path, document: Mapping[str, Any] | str) -> tuple[Problem, ...]:
    """Everything that is wrong with `document`."""
    return error_from(folder, document).problems


def _written(value: object) -> str:
    match value:
        case Mapping():
            return "{" + ", ".join(f"{_written(key)} = {_written(inner)}" for key, inner in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(_written, value)) + "]"
        case str() | bool():
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
        case _:
            return str(value)
