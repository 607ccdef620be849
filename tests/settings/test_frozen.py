"""Settings are read once; nobody changes them on the way."""

from collections.abc import Iterator
from dataclasses import FrozenInstanceError, fields, is_dataclass
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

import pytest
from pydantic import BaseModel, ValidationError

from understudy_failover.settings import load


def _parts(value: object) -> Iterator[object]:
    """`value` and everything in it."""
    yield value
    if isinstance(value, BaseModel):
        inner = [getattr(value, name) for name in type(value).model_fields]
    elif is_dataclass(value):
        inner = [getattr(value, field.name) for field in fields(value)]
    else:
        inner = list(value) if isinstance(value, tuple) else []
    for part in inner:
        yield from _parts(part)


def test_no_field_of_any_table_can_be_set(root: Path) -> None:
    models = [part for part in _parts(load(root / "tests/sample/failover.toml")) if isinstance(part, BaseModel)]
    tables = [
        "AccessLogs",
        "CertificateSettings",
        "HealthCheck",
        "HostedZone",
        "Maintenance",
        "Monitoring",
        "Notifications",
        "Page",
        "Server",
        "Settings",
        "Timing",
    ]
    assert sorted({type(model).__name__ for model in models}) == tables
    for model in models:
        for name in type(model).model_fields:
            with pytest.raises(ValidationError, match="frozen"):
                setattr(model, name, getattr(model, name))


def test_no_field_of_a_host_or_of_the_certificate_can_be_set(root: Path) -> None:
    settings = load(root / "tests/sample/failover.toml")
    for part, name in ((settings.servers[0].hosts[0], "name"), (settings.certificate.public, "names")):
        with pytest.raises(FrozenInstanceError):
            setattr(part, name, getattr(part, name))


def test_every_value_is_of_a_type_that_cannot_be_changed_in_place(root: Path) -> None:
    values = [
        part
        for part in _parts(load(root / "tests/sample/failover.toml"))
        if not isinstance(part, BaseModel) and not is_dataclass(part)
    ]
    hash(tuple(values))
    assert {type(value) for value in values} >= {str, int, tuple, IPv4Address, IPv6Address}
