"""A small archive of a cloud assembly: what `cdk deploy` needs of it, with assets that all archives share.

An archive has the templates and manifests; `assets/` has each asset under the CDK's hash, so an asset that a release
does not change is stored once. The AWS CLI of BucketDeployment's Lambda layer, 22 MB, is replaced: the embedded AWS
does not run it (docs/decisions/0003-site-deployment-in-the-emulator.md).

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
"""Artifacts about the app that a deploy does not need."""
STAND_IN_FROM_BYTES = 1_000_000
"""Only https://github.com/cdklabs/awscdk-asset-awscli is as large."""


def keep(assembly: Path, folder: Path, assets: Path) -> None:
    """Write the archive of a cloud assembly to `folder`, and its new assets to `assets`."""
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
    """Write the assembly of the archive in `folder` to `assembly`, for `cdk deploy --app`."""
    _read(folder / ARCHIVE, assembly)
    for manifest in sorted(assembly.rglob("*.assets.json")):
        for asset in json.loads(manifest.read_text(encoding="utf-8"))["files"].values():
            source = (manifest.parent / asset["source"]["path"]).resolve()
            if not source.exists():
                _read(assets / f"{source.name}.tar.xz", assembly)


def _normal(file: Path) -> bytes:
    """Return JSON with sorted keys and without unneeded artifacts; other files as they are."""
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
    """Yield name in the assembly and content of each file of an asset."""
    if asset.is_file() and asset.stat().st_size >= STAND_IN_FROM_BYTES:
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w") as archive:
            archive.writestr(zipfile.ZipInfo("stand-in"), "not kept, see tools/stored_assembly.py\n")
        yield asset.name, content.getvalue()
    elif asset.is_file():
        yield asset.name, asset.read_bytes()
    else:
        for file in sorted(asset.rglob("*")):
            if file.is_file():
                yield file.relative_to(asset.parent).as_posix(), file.read_bytes()


def _write(archive: Path, files: dict[str, bytes]) -> None:
    archive.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(archive, "w:xz", preset=9) as target:
        for name, content in sorted(files.items()):
            member = tarfile.TarInfo(name)  # without date and owner
            member.size = len(content)
            target.addfile(member, io.BytesIO(content))


def _read(archive: Path, folder: Path) -> None:
    with tarfile.open(archive, "r:xz") as archived:
        archived.extractall(folder, filter="data")
