"""The CDK with less work: a third of the time of `cdk deploy`, or less.

`SynthesizedCdk` is the real command line over an assembly that this process has synthesized: for tests of what it does
and prints. `QuickCdk` deploys and destroys by the CloudFormation API: for tests of what is deployed. That `cdk` runs
the app itself is tested where an owner does it: tests/rehearsal/test_owner.py, test_two_commands.py.
"""

import io
import json
import time
import zipfile
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from tests.stacks.templates import assemble
from understudy_failover.emulator.aws_client import REGION
from understudy_failover.operations.interruption import Interruption
from understudy_failover.rehearsal.bed import ACCOUNT, RehearsalBed
from understudy_failover.rehearsal.cdk import EVERY_STACK, Cdk
from understudy_failover.rehearsal.errors import CdkError

BUCKET = f"cdk-hnb659fds-assets-{ACCOUNT}-{REGION}"
VERSION = "/cdk-bootstrap/hnb659fds/version"
LIMIT_SECONDS = 240
BY_COMMAND_LINE = {"aws:cdk:enable-path-metadata": True}
"""Context that the command line adds: its `diff` would show templates without these paths as changed."""
UNCHANGED = "No updates are to be performed"
"""CloudFormation's words for it; its error has no code of its own."""
DONE = {"CREATE_COMPLETE", "UPDATE_COMPLETE", "DELETE_COMPLETE"}


def bootstrap(bed: RehearsalBed) -> None:
    """Create what a deploy needs of the CDK's bootstrap stack: the bucket of assets, and the version."""
    bed.aws.client("s3").create_bucket(Bucket=BUCKET)
    bed.aws.client("ssm").put_parameter(Name=VERSION, Value="30", Type="String", Overwrite=True)


class SynthesizedCdk(Cdk):
    """The real command line; the app is run in this process, in which Node and aws-cdk-lib are loaded already."""

    def __init__(self, bed: RehearsalBed) -> None:
        self._bed = bed
        self._folder = bed.settings_path.parent
        super().__init__(bed.aws.environment(), bed.settings_path, self._folder, Interruption())

    def _run_app(self, arguments: tuple[str, ...], listener: Callable[[str], None]) -> str:
        self.synthesize()
        return self._run(self._folder, (*arguments, "--app", str(self._assembly)), listener)

    def synthesize(self) -> None:
        """Write the cloud assembly again."""
        assemble(self._bed.settings_path, self._assembly, **BY_COMMAND_LINE)


class QuickCdk(SynthesizedCdk):
    """Deploys and destroys by boto3; `diff` is the real one."""

    def __init__(self, bed: RehearsalBed) -> None:
        super().__init__(bed)
        self._cloudformation = bed.aws.client("cloudformation")

    def deploy(self, listener: Callable[[str], None], *arguments: str, stacks: str = EVERY_STACK) -> str:
        """Deploy every stack, or the one with the artifact id `stacks`; `arguments` are for the command line alone."""
        assert not arguments
        self.synthesize()
        artifacts = self._artifacts()
        for artifact in _ordered(artifacts):
            if stacks in {EVERY_STACK, artifact}:
                self._publish(self._assembly / artifacts[f"{artifact}.assets"]["properties"]["file"])
                self._deploy(artifacts[artifact]["properties"])
        return ""

    def destroy(self, listener: Callable[[str], None], stacks: str = EVERY_STACK) -> str:
        artifacts = self._artifacts()
        for artifact in reversed(list(_ordered(artifacts))):
            name = artifacts[artifact]["properties"]["stackName"]
            if fnmatchcase(artifact, stacks) or stacks == name:
                self._delete(name)
        return ""

    def _artifacts(self) -> dict[str, Any]:
        manifest = json.loads((self._assembly / "manifest.json").read_text(encoding="utf-8"))
        artifacts: dict[str, Any] = manifest["artifacts"]
        return artifacts

    def _publish(self, manifest: Path) -> None:
        s3 = self._bed.aws.client("s3")
        for asset in json.loads(manifest.read_text(encoding="utf-8"))["files"].values():
            path = self._assembly / asset["source"]["path"]
            body = _zipped(path) if asset["source"]["packaging"] == "zip" else path.read_bytes()
            for destination in asset["destinations"].values():
                s3.put_object(Bucket=BUCKET, Key=destination["objectKey"], Body=body)

    def _deploy(self, stack: dict[str, Any]) -> None:
        name, key = stack["stackName"], stack["stackTemplateAssetObjectUrl"].rpartition("/")[2]
        described = {
            "StackName": name,
            "TemplateURL": f"https://s3.{REGION}.amazonaws.com/{BUCKET}/{key}",
            "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"],
            "Tags": [{"Key": key, "Value": value} for key, value in stack.get("tags", {}).items()],
        }
        if [stack for stack in self._stacks(name) if stack["StackStatus"] == "ROLLBACK_COMPLETE"]:
            self._delete(name)  # as `cdk deploy` does: nothing else can be done with such a stack
        change = self._cloudformation.update_stack if self._stacks(name) else self._cloudformation.create_stack
        try:
            self._wait(change(**described)["StackId"])
        except ClientError as error:
            if UNCHANGED not in str(error):
                raise

    def _delete(self, name: str) -> None:
        for stack in self._stacks(name):
            self._cloudformation.delete_stack(StackName=stack["StackId"])
            self._wait(stack["StackId"])

    def _stacks(self, name: str) -> list[dict[str, Any]]:
        return [stack for stack in self._cloudformation.describe_stacks()["Stacks"] if stack["StackName"] == name]

    def _wait(self, stack: str) -> None:
        give_up_at = time.monotonic() + LIMIT_SECONDS
        while (status := self._status(stack)).endswith("_IN_PROGRESS"):
            if time.monotonic() > give_up_at:
                raise CdkError(f"{stack} is still {status}")
            time.sleep(0.1)
        if status not in DONE:
            events = self._cloudformation.describe_stack_events(StackName=stack)["StackEvents"]
            reasons = [f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', '')}" for event in events]
            raise CdkError("\n".join([f"{stack}: failed, {status}", *reasons]))

    def _status(self, stack: str) -> str:
        (result,) = self._cloudformation.describe_stacks(StackName=stack)["Stacks"]
        status: str = result["StackStatus"]
        return status


def _ordered(artifacts: dict[str, Any]) -> Iterator[str]:
    """Artifact ids of the stacks, each after those that it depends on."""
    waiting = {name for name, artifact in artifacts.items() if artifact["type"] == "aws:cloudformation:stack"}
    while waiting:
        ready = sorted(name for name in waiting if not waiting & set(artifacts[name]["dependencies"]))
        yield from ready
        waiting -= set(ready)


def _zipped(folder: Path) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.rglob("*")):
            archive.write(file, file.relative_to(folder))
    return written.getvalue()
