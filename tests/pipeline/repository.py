"""A repository that `understudy init --github` wrote, and the jobs of its pipeline, on a test bed."""

import shutil
from collections.abc import Mapping
from pathlib import Path

from tests.owner.environment import Environment
from tests.pipeline.forge import TOKEN, Forge
from tests.pipeline.workflows import Done, play, steps
from understudy_failover.rehearsal.bed import RehearsalBed

SYNTH, GATE, VERIFY = "cdk synth --quiet", "understudy gate", "understudy verify --no-ipv6"
DEPLOY = "cdk deploy --all --app cdk.out --require-approval never --progress events"
DRIFT = "cdk diff --app cdk.out --method template --fail"
RENEW = 'understudy renew --certbot "$RUNNER_TEMP/certbot/bin/certbot"'


class Repository:
    """An owner's repository whose settings are the test bed's, and what its jobs did."""

    def __init__(self, environment: Environment, bed: RehearsalBed, here: Forge, folder: Path) -> None:
        self.bed, self.forge, self.folder = bed, here, folder
        self._environment = environment
        self.checkout = folder / "checkout"
        self.temporary = folder / "runner"
        for place in (self.checkout, self.temporary):
            place.mkdir()
        code, printed = environment.run("understudy init --github", self.checkout)
        assert code == 0, printed
        shutil.rmtree(self.checkout / "certificates")
        shutil.copytree(bed.settings_path.parent / "certificates", self.checkout / "certificates")
        self.text = bed.settings_path.read_text(encoding="utf-8")

    def run(self, job: str, text: str, *, merged: str = "", more: Mapping[str, str] | None = None) -> list[Done]:
        """One job of the workflow, of a commit whose failover.toml is `text`; `more` are variables of the runner."""
        (self.checkout / "failover.toml").write_text(text, encoding="utf-8")
        environment = self.bed.aws.environment()
        runner = self.forge.on_github(self.folder, merged=merged) | {"RUNNER_TEMP": str(self.temporary)}
        done = play(
            steps(job),
            self.checkout,
            runner=self._environment.variables(runner | dict(more or {})),
            expressions={"github.token": TOKEN, "secrets.RENEWAL_TOKEN || github.token": TOKEN},
            credentials={name: value for name, value in environment.items() if name.startswith("AWS_")},
            arguments={VERIFY: " ".join(self.bed.options())},
        )
        return list(done)
