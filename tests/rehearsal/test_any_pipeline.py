"""The pipeline that `understudy init` writes, with generated settings."""

import itertools
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings as hypothesis_settings

from tests.owner.environment import Environment
from tests.pipeline.forge import forge
from tests.pipeline.repository import DEPLOY, GATE, SYNTH, VERIFY, Repository
from tests.rehearsal.deployed import bootstrapped
from tests.settings.samples import toml
from tests.stacks.templates import issue_certificate
from tests.stacks.test_any_settings import ZONES, documents

FILES = 3
"""Each is a deploy with the real CDK."""
# On two busy cores.
pytestmark = pytest.mark.timeout(900)
number = itertools.count()


@hypothesis_settings(
    max_examples=FILES,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(document=documents())
def test_every_valid_file_is_proposed_deployed_and_verified(
    environment: Environment, tmp_path_factory: pytest.TempPathFactory, document: dict[str, Any]
) -> None:
    folder = tmp_path_factory.mktemp(f"any{next(number)}")
    file = _written(folder, {**document, "timing": {"profile": "fast"}})
    with bootstrapped(file, command_line=True) as bed, forge() as here:
        repository = Repository(environment, bed, here, tmp_path_factory.mktemp("repository"))
        proposed = {result.run: result.code for result in repository.run("diff", repository.text)}
        assert proposed == {SYNTH: 0, GATE: 0}
        assert len(here.notes) == 1
        here.merged_with = {"abc": True}
        deployed = {result.run: result.code for result in repository.run("deploy", repository.text, merged="abc")}
        assert deployed == {SYNTH: 0, GATE: 0, DEPLOY: 0, VERIFY: 0}


def _written(folder: Path, document: dict[str, Any]) -> Path:
    issue_certificate(folder, *ZONES, *(f"*.{zone}" for zone in ZONES), intermediate=False)
    file = folder / "failover.toml"
    file.write_text(toml(document), encoding="utf-8")
    return file
