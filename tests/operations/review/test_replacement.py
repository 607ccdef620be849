"""What is said to be replaced is what CloudFormation replaces, as the CDK command line of this repository knows it."""

import gzip
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.upgrade.kept import LIVES_ON
from understudy_failover.emulator import replacements
from understudy_failover.operations.review.change import NAMES, REPLACED_BY

SPECIFICATION = Path("node_modules", "aws-cdk", "db.json.gz")
OWN = [kind for kind in NAMES if not kind.startswith("Custom::")]
OF_UPGRADES = [kind for kind in LIVES_ON if kind not in NAMES and not kind.startswith("Custom::")]


@pytest.fixture(scope="module")
def specification(root: Path) -> Mapping[str, Any]:
    """The database that `cdk diff` says "requires replacement" by."""
    with gzip.open(root / SPECIFICATION) as file:
        schema: dict[str, Any] = json.load(file)["schema"]
    return schema


def _replacing(properties: Mapping[str, Any], tables: Mapping[str, Any], before: str = "") -> Iterator[str]:
    for name, property_ in properties.items():
        if property_.get("causesReplacement", "no") != "no":
            yield before + name
        elif property_["type"]["type"] == "ref":
            table = tables[property_["type"]["reference"]["$ref"]]
            yield from _replacing(table["properties"], tables, f"{before}{name}.")


def _known(specification: Mapping[str, Any], kind: str) -> list[str]:
    tables = {entity["$id"]: entity for entity in specification["typeDefinition"]["entities"]}
    (resource,) = (entity for entity in specification["resource"]["entities"] if entity["cloudFormationType"] == kind)
    return sorted(_replacing(resource["properties"], tables))


@pytest.mark.parametrize("kind", OWN)
def test_all_properties_that_replace_what_serves_people_are_known(specification: Mapping[str, Any], kind: str) -> None:
    assert _known(specification, kind) == sorted(REPLACED_BY.get(kind, ()))


@pytest.mark.parametrize("kind", OF_UPGRADES)
def test_so_are_those_of_what_else_an_upgrade_must_not_lose(specification: Mapping[str, Any], kind: str) -> None:
    assert _known(specification, kind) == sorted(LIVES_ON[kind])


@pytest.mark.parametrize("kind", replacements.REPLACED_BY)
def test_change_sets_of_the_embedded_aws_go_by_the_same(specification: Mapping[str, Any], kind: str) -> None:
    assert _known(specification, kind) == sorted(replacements.REPLACED_BY[kind])


def test_nothing_else_is_looked_for() -> None:
    assert REPLACED_BY.keys() <= set(OWN)
