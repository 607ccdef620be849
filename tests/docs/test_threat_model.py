"""docs/threat-model.md leaves out no role of the templates, and names none that they have not."""

import re
from pathlib import Path

from docs.generate_permissions import roles
from tests.stacks.templates import ROOT, synthesise


def test_it_tells_of_exactly_the_roles_that_the_templates_make(tmp_path: Path, processes: None) -> None:
    sample = synthesise(ROOT / "tests/sample/failover.toml", tmp_path / "cdk.out")
    made = {role for template in (sample.maintenance, sample.failover) for role in roles(template, sample)}
    text = (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)) == made
