"""The kept releases, and what an upgrade from them must not lose."""

import re
import shutil
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.stored_assembly import unpack
from understudy_failover.operations.changelog import CHANGELOG, releases
from understudy_failover.operations.review.change import PROVIDER, REPLACED_BY, properties, value
from understudy_failover.operations.review.templates import Resources
from understudy_failover.settings import SettingsError, load

HERE = Path(__file__).parent
LIVES_ON: Mapping[str, tuple[str, ...]] = {
    kind: (*REPLACED_BY.get(kind, ()), *more)
    for kind, more in {
        "AWS::CloudFront::CachePolicy": (),
        "AWS::CloudFront::Distribution": (),
        "AWS::CloudFront::Function": (),
        "AWS::CloudFront::OriginAccessControl": (),
        "AWS::CloudWatch::Dashboard": ("DashboardName",),
        "AWS::KMS::Key": (),
        "AWS::Logs::LogGroup": ("LogGroupName",),
        "AWS::Route53::HealthCheck": (),
        # To Route 53 it is another one.
        "AWS::Route53::RecordSet": ("Type", "SetIdentifier"),
        "AWS::S3::Bucket": (),
        "AWS::SNS::Subscription": ("Endpoint", "Protocol", "TopicArn"),
        "AWS::SNS::Topic": (),
        "AWS::Scheduler::ScheduleGroup": ("Name",),
        "Custom::CDKBucketDeployment": (PROVIDER, "DestinationBucketName"),
        "Custom::Handover": (PROVIDER,),
        "Custom::RecordCutover": (PROVIDER,),
        # Its name is its physical id.
        "Custom::ServerCertificate": (PROVIDER, "ServerCertificateName"),
    }.items()
}
"""What serves people, holds what no deploy brings back, or was confirmed by somebody; with the properties of which a
change makes another one of it."""

Physical = Mapping[str, tuple[str, str]]
"""Type and physical id of every deployed resource by `stack/logical id`."""


@dataclass(frozen=True)
class Kept:
    """What one release deployed for one settings file."""

    release: str
    part: str
    """`sample` or `options`."""

    @property
    def folder(self) -> Path:
        """Settings, certificates and the archive."""
        return HERE / self.release / self.part

    def settings(self, folder: Path) -> Path:
        """A copy of the settings beside its certificates, for this tree to read: with the lines that it asks for."""
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        file = folder / "failover.toml"
        file.write_text(with_advised_lines(file), encoding="utf-8")
        return file

    def assembly(self, folder: Path) -> Path:
        """`folder`, with the cloud assembly in it."""
        unpack(self.folder, HERE / "assets", folder)
        return folder

    def __str__(self) -> str:
        return f"{self.release}-{self.part}"


@dataclass(frozen=True)
class Loss:
    """Something that an upgrade would take away, or put another in the place of."""

    resource: str
    """`stack/logical id`."""
    what: str
    """`removed` or `replaced`."""
    text: str


def with_advised_lines(file: Path) -> str:
    """Return the settings with every `host_name` that the report of this tree says how to write.

    docs/upgrading.md tells whoever upgrades from 0.1.0 to do the same.
    """
    text = file.read_text(encoding="utf-8")
    try:
        load(file)
    except SettingsError as error:
        problems = error.problems
    else:
        return text
    servers = text.split("[[servers]]")
    for problem in problems:
        line = re.match(r'write (host_name = ".+?") under \[servers.health_check\]', problem.fix)
        if line and not isinstance(problem.place, str):
            number = int(problem.place[1]) + 1
            for table in ("\n[servers.health_check]\n", "\nhealth_check = { "):
                if table in servers[number]:
                    separator = "\n" if table.endswith("\n") else ", "
                    servers[number] = servers[number].replace(table, f"{table}{line[1]}{separator}")
                    break
            else:
                servers[number] = f"{servers[number].rstrip()}\n\n[servers.health_check]\n{line[1]}\n\n"
    return "[[servers]]".join(servers)


def kept_releases() -> list[Kept]:
    """Every release with every settings file that it was kept for, the newest first.

    Raises:
        AssertionError: there is none, or one of CHANGELOG.md was not kept: nothing would be tested.
    """
    versions = releases(CHANGELOG.read_text(encoding="utf-8"))
    assert versions, f"{CHANGELOG.name} has no release yet; make one with `make release VERSION=0.1.0 ARGS=--apply`"
    for version in versions:
        assert (HERE / version).is_dir(), f"release {version} of {CHANGELOG.name} is not kept in tests/upgrade"
    return [Kept(version, folder.name) for version in versions for folder in sorted((HERE / version).iterdir())]


def losses_of_templates(old: Resources, new: Resources) -> Iterator[Loss]:
    """What deploying `new` over `old` would do to what must live on."""
    for name, resource in sorted(old.items()):
        kind = resource["Type"]
        if kind not in LIVES_ON:
            continue
        successor = new.get(name)
        if successor is None or successor["Type"] != kind:
            yield Loss(name, "removed", f"{kind} is in this tree's template no more")
            continue
        for path in LIVES_ON[kind]:
            was, becomes = (value(properties(version), path) for version in (resource, successor))
            if was != becomes:
                yield Loss(name, "replaced", f"{kind} would be another one: {path} {was} → {becomes}")


def losses_of_deployed(old: Physical, new: Physical) -> Iterator[Loss]:
    """The same, of what was deployed before and after."""
    for name, (kind, identifier) in sorted(old.items()):
        if kind not in LIVES_ON:
            continue
        if name not in new:
            yield Loss(name, "removed", f"{kind} {identifier} is gone")
        elif new[name] != (kind, identifier):
            yield Loss(name, "replaced", f"{kind} {identifier} became {new[name][1]}")


def declared() -> list[dict[str, Any]]:
    """`[[declared]]` of declared.toml."""
    declarations: list[dict[str, Any]] = tomllib.loads((HERE / "declared.toml").read_text(encoding="utf-8")).get(
        "declared", []
    )
    return declarations


def undeclared(losses: Sequence[Loss], kept: Kept, declarations: Sequence[Mapping[str, Any]]) -> list[str]:
    """What to say of losses that nobody declared, and of declarations of losses that are none."""
    mine = [
        declaration
        for declaration in declarations
        if (declaration["from"], declaration["settings"]) == (kept.release, kept.part)
    ]
    known = {(declaration["resource"], declaration["what"]) for declaration in mine}
    said = [
        f"{loss.resource} is {loss.what} by an upgrade from {kept.release} ({kept.part}): {loss.text}. Give it back "
        "its logical id or property, or declare it with a reason in tests/upgrade/declared.toml and CHANGELOG.md."
        for loss in losses
        if (loss.resource, loss.what) not in known
    ]
    lost = {(loss.resource, loss.what) for loss in losses}
    said += [f"{name} is declared as {what}, and is not: take it from declared.toml" for name, what in known - lost]
    return said
