"""A checkout of this tree for the jobs of its pipelines, on a stage."""

import shutil
from collections.abc import Mapping
from pathlib import Path

from tests.pipeline.forge import TOKEN, Forge
from tests.pipeline.workflows import Done, play, steps
from understudy_failover.rehearsal.stage import Stage

SYNTH, GATE, DRIFT, VERIFY = "make synth", "make gate", "make drift", "make verify"
DEPLOY = "make deploy ARGS='--app cdk.out --require-approval never --progress events'"
LINKED = {".venv", "node_modules", "tools"}
"""Of this tree; the environment is where its own set-up, in `tools`, says."""


class Repository:
    """A checkout of this tree whose settings are the stage's, and what its jobs did."""

    def __init__(self, root: Path, stage: Stage, here: Forge, folder: Path) -> None:
        self.stage, self.forge, self.folder = stage, here, folder
        self.checkout = folder / "checkout"
        left_out = shutil.ignore_patterns(
            ".git", ".*_cache", "__pycache__", "cdk.out", "*.out", "mutants", "tests", *LINKED
        )
        shutil.copytree(root, self.checkout, ignore=left_out)
        for name in LINKED:
            (self.checkout / name).symlink_to(root / name)
        shutil.rmtree(self.checkout / "certificates")
        shutil.copytree(stage.settings_path.parent / "certificates", self.checkout / "certificates")
        self.text = stage.settings_path.read_text(encoding="utf-8")

    def run(
        self, workflow: str, job: str, text: str, *, merged: str = "", tools: Mapping[str, str] | None = None
    ) -> list[Done]:
        """One job of a workflow, of a commit whose failover.toml is `text`; `tools` are variables of the Makefile."""
        (self.checkout / "failover.toml").write_text(text, encoding="utf-8")
        environment = self.stage.aws.environment()
        done = play(
            steps(workflow, job),
            self.checkout,
            runner=self.forge.on_github(self.folder, merged=merged) | dict(tools or {}),
            expressions={"github.token": TOKEN, "secrets.RENEWAL_TOKEN || github.token": TOKEN},
            credentials={name: value for name, value in environment.items() if name.startswith("AWS_")},
            arguments={VERIFY: " ".join(self.stage.options())},
        )
        return list(done)
