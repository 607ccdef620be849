"""A cloud assembly kept small: what `cdk deploy` needs of it, with assets that all kept assemblies share.

An archive has the templates and manifests; `assets/` has each asset under the hash that the CDK gave it, so that one
which a release did not change is kept once. The AWS CLI that BucketDeployment takes along as a Lambda layer, 22 MB, has
a stand-in: on the embedded AWS nothing runs it (docs/decisions/0003-site-deployment-in-the-emulator.md).

The same assembly gives the same bytes.
"""

import io
import json
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ARCHIVE = "assembly.tar.xz"
NOT_NEEDED = ("cdk:tree", "cdk:feature-flag-report")
"""Artifacts that tell about the app, not about what is deployed."""
STAND_IN_FROM_BYTES = 1_000_000
"""Nothing of ours is as large; https://github.com/cdklabs/awscdk-asset-awscli is."""


def keep(assembly: Path, folder: Path, assets: Path) -> None:
    """Writes the archive of what `cdk synth` wrote to `assembly` into `folder`, and into `assets` what is new there."""
    files: dict[str, bytes] = {}
    for file in sorted(assembly.rglob("*")):
        name = file.relative_to(assembly)
        if name.parts[0].startswith("asset."):
            continue
        if file.is_file() and not name.name.startswith("tree.") and not name.name.endswith(".metadata.json"):
            files[name.as_posix()] = _normal(file)
    _write(folder / ARCHIVE, files)
    for asset in sorted(assembly.glob("asset.*")):
        archive = assets / f"{asset.name}.tar.xz"
        if not archive.exists():
            _write(archive, dict(_contents(asset)))


def unpack(folder: Path, assets: Path, assembly: Path) -> None:
    """Writes the assembly that is kept in `folder` to `assembly`, as `cdk deploy --app` takes it."""
    _read(folder / ARCHIVE, assembly)
    for manifest in sorted(assembly.rglob("*.assets.json")):
        for asset in json.loads(manifest.read_text(encoding="utf-8"))["files"].values():
            source = (manifest.parent / asset["source"]["path"]).resolve()
            if not source.exists():
                _read(assets / f"{source.name}.tar.xz", assembly)


def _normal(file: Path) -> bytes:
    """JSON with its keys sorted and without what is not needed; anything else as it is."""
    if file.suffix != ".json":
        return file.read_bytes()
    document: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    if file.name == "manifest.json":
        artifacts = document["artifacts"]
        document["artifacts"] = {
            name: artifact for name, artifact in artifacts.items() if artifact["type"] not in NOT_NEEDED
        }
        for artifact in document["artifacts"].values():
            artifact.pop("additionalMetadataFile", None)
            artifact.pop("metadata", None)
    return json.dumps(document, indent=1, sort_keys=True).encode()


def _contents(asset: Path) -> Iterator[tuple[str, bytes]]:
    """Name in the assembly and content of each of an asset's files."""
    if asset.is_file() and asset.stat().st_size >= STAND_IN_FROM_BYTES:
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w") as archive:
            archive.writestr(zipfile.ZipInfo("stand-in"), "not kept, see tools/kept_assembly.py\n")
        yield asset.name, content.getvalue()
    elif asset.is_file():
        yield asset.name, asset.read_bytes()
    else:
        for file in sorted(asset.rglob("*")):
            if file.is_file():
                yield file.relative_to(asset.parent).as_posix(), file.read_bytes()


def _write(archive: Path, files: dict[str, bytes]) -> None:
    archive.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(archive, "w:xz", preset=9) as written:
        for name, content in sorted(files.items()):
            member = tarfile.TarInfo(name)  # of no date and nobody
            member.size = len(content)
            written.addfile(member, io.BytesIO(content))


def _read(archive: Path, folder: Path) -> None:
    with tarfile.open(archive, "r:xz") as archived:
        archived.extractall(folder, filter="data")
