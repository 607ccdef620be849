"""Synthesised templates as the tests look at them: by type and with references followed, never by literal id."""

import json
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import trustme

from understudy_failover.settings import Settings, load

ROOT = Path(__file__).resolve().parents[2]

PSEUDO_PARAMETERS = {
    "AWS::AccountId": "111122223333",
    "AWS::Partition": "aws",
    "AWS::Region": "us-east-1",
    "AWS::URLSuffix": "amazonaws.com",
}


@dataclass(frozen=True)
class Template:
    """One stack's template."""

    document: dict[str, Any]
    imports: Mapping[str, Any]
    """What other stacks export, by export name."""

    def of_type(self, type_: str) -> dict[str, dict[str, Any]]:
        """Properties of every resource of a type, by logical id; there must be one at least."""
        resources = {
            logical_id: resource["Properties"]
            for logical_id, resource in self.document["Resources"].items()
            if resource["Type"] == type_
        }
        assert resources, f"no {type_} in the template"
        return resources

    def only(self, type_: str, begins: str = "") -> tuple[str, dict[str, Any]]:
        """Logical id and properties of the one resource of a type, or of those whose id begins so."""
        (match,) = ((id_, resource) for id_, resource in self.of_type(type_).items() if id_.startswith(begins))
        return match

    def statements(self, role: str) -> list[dict[str, Any]]:
        """Every statement of a role, by the reference to it (`<Id>` or `<Id.Arn>`): in itself or attached."""
        properties = self.of_type("AWS::IAM::Role")[role.strip("<>").removesuffix(".Arn")]
        assert "ManagedPolicyArns" not in properties
        attached = [
            resource["Properties"]
            for resource in self.document["Resources"].values()
            if resource["Type"] == "AWS::IAM::Policy"
            and self.resolved(resource["Properties"]["Roles"]) == [role.replace(".Arn", "")]
        ]
        policies = self.resolved([*properties["Policies"], *attached])
        return [statement for policy in policies for statement in policy["PolicyDocument"]["Statement"]]

    def granted(self, function: str) -> dict[str, tuple[set[str], Any]]:
        """What a function may do, by its logical id: action → resources and condition."""
        role = self.resolved(self.of_type("AWS::Lambda::Function")[function]["Role"])
        return {
            action: (_set(statement["Resource"]), statement.get("Condition"))
            for statement in self.statements(role)
            for action in sorted(_set(statement["Action"]))
        }

    def resolved(self, value: Any) -> Any:
        """`value` with intrinsic functions worked out; a `Ref` gives `<Id>`, a `Fn::GetAtt` `<Id.Attribute>`."""
        result = value
        match value:
            case {"Ref": name}:
                result = PSEUDO_PARAMETERS.get(name, f"<{name}>")
            case {"Fn::GetAtt": [logical_id, attribute]}:
                result = f"<{logical_id}.{attribute}>"
            case {"Fn::Join": [separator, parts]}:
                result = separator.join(self.resolved(part) for part in parts)
            case {"Fn::Sub": str(text)}:
                result = re.sub(r"\$\{(.+?)\}", lambda match: self.resolved({"Ref": match[1]}), text)
            case {"Fn::ImportValue": name}:
                result = self.imports[name]
            case dict():
                result = {key: self.resolved(inner) for key, inner in value.items()}
            case list():
                result = [self.resolved(inner) for inner in value]
        return result


def _set(value: str | list[str]) -> set[str]:
    return {value} if isinstance(value, str) else set(value)


@dataclass(frozen=True)
class Synthesis:
    """What one synthesis wrote, beside the settings it was made from."""

    settings: Settings
    folder: Path
    """The cloud assembly, with its assets."""
    maintenance: Template
    failover: Template

    def asset(self, object_key: str) -> Path:
        """The folder of an asset that a template names by its key in the bootstrap bucket."""
        return self.folder / f"asset.{object_key.removesuffix('.zip')}"


def cdk_context() -> dict[str, Any]:
    """What the CDK command line hands to the app: feature flags decide about logical ids too."""
    context: dict[str, Any] = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]
    return context


def assemble(settings_file: Path, folder: Path, **context: Any) -> Settings:
    """Writes the cloud assembly of `settings_file` into `folder`, as `cdk synth` would; answers the settings.

    `context` comes on top of what cdk.json has.
    """
    # Here and not above: the import starts Node, and whoever wants no synthesis imports this module, too.
    from aws_cdk import App  # noqa: PLC0415

    from stacks import Failover  # noqa: PLC0415

    settings = load(settings_file)
    # Without the validation, which takes most of the time and which tests/test_synthesis.py has done. Not by
    # CDK_VALIDATION: Node, which looks at that, may have been running before it was set.
    app = App(context=cdk_context() | context, outdir=str(folder), builtin_cloud_formation_validation=False)
    Failover(app, settings=settings)
    app.synth()
    return settings


def synthesise(settings_file: Path, folder: Path) -> Synthesis:
    """Synthesises the settings in `settings_file` into `folder`."""
    return read_assembly(folder, assemble(settings_file, folder))


def read_assembly(folder: Path, settings: Settings) -> Synthesis:
    """What a synthesis of `settings` wrote into `folder`."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    documents = {
        id_: json.loads((folder / artifact["properties"]["templateFile"]).read_text(encoding="utf-8"))
        for id_, artifact in manifest["artifacts"].items()
        if artifact["type"] == "aws:cloudformation:stack"
    }
    maintenance = Template(documents["Maintenance"], {})
    exports = {
        maintenance.resolved(output["Export"]["Name"]): maintenance.resolved(output["Value"])
        for output in maintenance.document["Outputs"].values()
        if "Export" in output
    }
    return Synthesis(settings, folder, maintenance, Template(documents["Failover"], exports))


def with_sample_certificate(folder: Path) -> Path:
    """`folder`, with the shipped sample's certificate in it."""
    shutil.copytree(ROOT / "tests/sample/certificates", folder / "certificates")
    return folder


def issue_certificate(
    folder: Path, *names: str, intermediate: bool = True, key_type: trustme.KeyType = trustme.KeyType.RSA
) -> Path:
    """`folder`, with a new certificate `example` in it, made by a CA of its own."""
    authority = trustme.CA(key_type=trustme.KeyType.RSA)
    issuer = authority.create_child_ca(key_type=trustme.KeyType.RSA) if intermediate else authority
    leaf, *chain = issuer.issue_cert(*names, key_type=key_type).cert_chain_pems
    place = folder / "certificates" / "example"
    place.mkdir(parents=True)
    leaf.write_to_path(str(place / "certificate.pem"))
    (place / "chain.pem").write_bytes(b"".join(pem.bytes() for pem in chain))
    return folder


def sample_text() -> str:
    """The shipped failover.toml."""
    return (ROOT / "tests/sample/failover.toml").read_text(encoding="utf-8")


def replaced(text: str, old: str, new: str) -> str:
    """`text` with its one `old` replaced."""
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in the settings"
    return text.replace(old, new)
