"""The descriptions of the keys of failover.toml, for docs/configuration.md and for error messages."""

from collections.abc import Iterator, Mapping
from dataclasses import KW_ONLY, dataclass
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

Location = tuple[str | int, ...]
"""Path to a value in the parsed file: `("servers", 1, "hosts", 0)`."""


@dataclass(frozen=True)
class Key:
    """The description of a key, in the annotation of its field."""

    meaning: str
    _: KW_ONLY
    allowed: str
    example: str
    """A value as TOML writes it."""
    default: str = ""
    """For a default that is no constant: how it is derived."""
    confidential: bool = False
    """Messages must not repeat the value."""


@dataclass(frozen=True)
class DescribedKey:
    """A key with its table."""

    table: Location
    """Names alone: `("servers", "health_check")`."""
    name: str
    field: FieldInfo
    key: Key


def described_keys(model: type[BaseModel], table: Location = ()) -> Iterator[DescribedKey]:
    """Yield every key of `model` and of its tables; the keys of a table come before those of its inner tables."""
    inner: list[tuple[type[BaseModel], Location]] = []
    for name, field in model.model_fields.items():
        for key in (item for item in field.metadata if isinstance(item, Key)):
            yield DescribedKey(table, name, field, key)
        if inner_model := table_model(field.annotation):
            inner.append((inner_model, (*table, name)))
    for inner_model, place in inner:
        yield from described_keys(inner_model, place)


def table_model(annotation: Any) -> type[BaseModel] | None:
    """Return the model of a table or an array of tables; None for a plain value."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((model for part in get_args(annotation) if (model := table_model(part))), None)


def is_array(field: FieldInfo) -> bool:
    """Return whether the key holds several values or tables."""
    return getattr(field.annotation, "__origin__", None) is tuple


def where(model: type[BaseModel], table: Location) -> str:
    """Return the place of a key of `table`: `in [timing]`, `in [[servers]]`, `at the top of the file`."""
    names = [str(part) for part in table]
    if not names:
        return "at the top of the file"
    array = False
    for name in names:
        field = model.model_fields[name]
        array, model = is_array(field), table_model(field.annotation) or model
    dotted = ".".join(names)
    return f"in [[{dotted}]]" if array else f"in [{dotted}]"


def table_of(document: Mapping[str, Any], place: Location) -> Mapping[str, Any]:
    """Return the table of an array of tables that holds a value; empty if the name is no array."""
    tables = document.get(str(place[0]))
    number = place[1] if len(place) > 1 else None
    table = tables[number] if isinstance(tables, list) and isinstance(number, int) else None
    return table if isinstance(table, Mapping) else {}
