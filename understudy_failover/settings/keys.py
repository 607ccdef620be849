"""The words about each key of failover.toml, for docs/configuration.md and for messages about mistakes."""

from collections.abc import Iterator, Mapping
from dataclasses import KW_ONLY, dataclass
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

Location = tuple[str | int, ...]
"""Way to a value in the parsed file: `("servers", 1, "hosts", 0)`."""


@dataclass(frozen=True)
class Key:
    """The words about one key; stands in the annotation of its field."""

    meaning: str
    _: KW_ONLY
    allowed: str
    example: str
    """A value as TOML writes it."""
    default: str = ""
    """Where the default is not a constant: what it depends on."""
    confidential: bool = False
    """A value that must not be repeated in a message."""


@dataclass(frozen=True)
class DescribedKey:
    """A key with its place in the file."""

    table: Location
    """Names alone: `("servers", "health_check")`."""
    name: str
    field: FieldInfo
    key: Key


def described_keys(model: type[BaseModel], table: Location = ()) -> Iterator[DescribedKey]:
    """Every key of `model` and of the tables in it, a table's own keys before those of its tables."""
    inner: list[tuple[type[BaseModel], Location]] = []
    for name, field in model.model_fields.items():
        for key in (word for word in field.metadata if isinstance(word, Key)):
            yield DescribedKey(table, name, field, key)
        if found := table_model(field.annotation):
            inner.append((found, (*table, name)))
    for found, place in inner:
        yield from described_keys(found, place)


def table_model(annotation: Any) -> type[BaseModel] | None:
    """The model of a table or of an array of tables; None for a plain value."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := table_model(part))), None)


def is_array(field: FieldInfo) -> bool:
    """Whether the key holds several values or tables."""
    return getattr(field.annotation, "__origin__", None) is tuple


def where(model: type[BaseModel], table: Location) -> str:
    """Where a key of `table` stands: `in [timing]`, `in [[servers]]`, `at the top of the file`."""
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
    """Return the table of an array of tables that a value lies in; empty where something else has that name."""
    tables = document.get(str(place[0]))
    number = place[1] if len(place) > 1 else None
    found = tables[number] if isinstance(tables, list) and isinstance(number, int) else None
    return found if isinstance(found, Mapping) else {}
