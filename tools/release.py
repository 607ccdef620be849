"""Create a release: its heading in CHANGELOG.md, and the assemblies that later versions must upgrade without a loss.

At the end it prints the commands for the owner of the repository: the wheel, and the annotated tag.

    make release VERSION=0.1.0                  # print the plan
    make release VERSION=0.1.0 ARGS=--apply     # release, as one commit

Exit code 0: planned, released, or released already; 1: refused, and nothing was changed.
"""

import argparse
import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from tools.stored_assembly import ARCHIVE, keep
from tools.stored_authority import StoredAuthority
from understudy_failover.operations.changelog import UNRELEASED, releases, unreleased
from understudy_failover.settings import SettingsError, load

ROOT = Path(__file__).resolve().parents[1]
CHANGELOG = Path("CHANGELOG.md")
KEPT = Path("tests", "upgrade")
ASSETS = KEPT / "assets"
DECLARED = KEPT / "declared.toml"
OPTIONS = KEPT / "options.toml"
SAMPLE = Path("tests", "sample", "failover.toml")
OPTIONS_CERTIFICATES = {
    "main": ("example.com", "*.example.com", "*.each.example.com"),
    "shops-2026": ("*.shops.example",),
}
"""The names in the certificates of `OPTIONS`, by folder."""
VERSION = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)")

Synthesize = Callable[[Path, Path], None]
"""Settings file, folder for the cloud assembly."""


class ReleaseError(Exception):
    """The release is refused; the text says what to do."""


@dataclass(frozen=True)
class Release:
    """A prepared release, ready to be written to the repository."""

    version: str
    entries: int
    changelog: str
    """The new text."""
    stored: Path
    """Settings, certificates and assemblies, in a temporary folder."""
    assets: Path
    """The new assets, in a temporary folder."""


def problems(root: Path, version: str) -> list[str]:
    """Return the reasons to refuse the release."""
    faults = []
    text = (root / CHANGELOG).read_text(encoding="utf-8")
    wanted = VERSION.fullmatch(version)
    earlier = releases(text)
    if not wanted:
        faults.append(f'"{version}" is no version; write X.Y.Z, such as {_next(earlier)}')
    elif earlier and _numbers(version) <= _numbers(earlier[0]):
        faults.append(f"{version} is not after {earlier[0]}, the last one in {CHANGELOG}; write {_next(earlier)}, say")
    elif earlier and _is_small(version, earlier[0]) and (broken := _declared(root, earlier[0])):
        faults.append(f"{DECLARED} declares the loss of {broken} since {earlier[0]}; write {_next(earlier)}")
    if text.count(UNRELEASED) != 1:
        faults.append(f'{CHANGELOG} has {text.count(UNRELEASED)} headings "{UNRELEASED.strip()}"; give it one')
    elif not unreleased(text):
        faults.append(f'{CHANGELOG} has no entry under "{UNRELEASED.strip()}"; there is nothing to release')
    if (root / SAMPLE).is_file() and (root / SAMPLE).read_bytes() != (root / "failover.toml").read_bytes():
        faults.append(f"failover.toml differs from {SAMPLE}, the example that tests read; make them the same")
    if dirty := _git(root, "status", "--porcelain"):
        shown = "; ".join(line.strip() for line in dirty.splitlines()[:5])
        faults.append(f"the working tree is not clean ({shown}); commit that, or take it back")
    if wanted and (root / KEPT / version).exists():
        faults.append(f"{KEPT / version} exists already; remove it if no release left it there")
    if wanted and _git(root, "tag", "--list", _tag(version)):
        faults.append(f"the tag {_tag(version)} exists already; choose a later version")
    return faults


@contextlib.contextmanager
def prepared(root: Path, version: str, today: date, synthesize: Synthesize) -> Iterator[Release]:
    """Yield the release, without a change to the repository. Raise ReleaseError: it is refused."""
    if faults := problems(root, version):
        raise ReleaseError("\n".join(f"- {problem}" for problem in faults))
    text = (root / CHANGELOG).read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory(prefix="understudy-release-") as name:
        stored, assets = Path(name, "kept"), Path(name, "assets")
        # Existing assets need not be written again.
        shutil.copytree(root / ASSETS, assets) if (root / ASSETS).exists() else assets.mkdir()
        before = set(assets.iterdir())
        for part, (settings_file, certificates) in _settings(root).items():
            folder = stored / part
            folder.mkdir(parents=True)
            shutil.copy(settings_file, folder / "failover.toml")
            for certificate, names in certificates.items():
                StoredAuthority().issue(names).write_public_files(folder / "certificates" / certificate)
            assembly = Path(name, "assembly", part)
            synthesize(folder / "failover.toml", assembly)
            keep(assembly, folder, assets)
        for file in before:
            file.unlink()
        yield Release(
            version,
            len(unreleased(text)),
            text.replace(UNRELEASED, f"{UNRELEASED}\n## {version} - {today}\n"),
            stored,
            assets,
        )


def put(root: Path, release: Release) -> None:
    """Write the release and commit it; on an error, restore the repository.

    Raise ReleaseError: git refuses the commit.
    """
    changelog, folder = root / CHANGELOG, root / KEPT / release.version
    before = changelog.read_text(encoding="utf-8")
    assets = [root / ASSETS / file.name for file in release.assets.iterdir()]
    try:
        shutil.copytree(release.stored, folder)
        shutil.copytree(release.assets, root / ASSETS, dirs_exist_ok=True)
        changelog.write_text(release.changelog, encoding="utf-8")
        _git(root, "add", "--force", "--", str(CHANGELOG), str(KEPT / release.version), str(ASSETS))
        _git(root, "commit", "--quiet", "--message", f"Release {release.version}")
    except BaseException:
        changelog.write_text(before, encoding="utf-8")
        shutil.rmtree(folder, ignore_errors=True)
        for file in assets:
            file.unlink(missing_ok=True)
        _git(root, "reset", "--quiet")
        raise


def main(words: list[str] | None = None, root: Path = ROOT, synthesize: Synthesize | None = None) -> int:
    """Return the exit code."""
    parser = argparse.ArgumentParser(
        prog="make release", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("version", metavar="VERSION", help="X.Y.Z")
    parser.add_argument("--apply", action="store_true", help="create the release (default: print the plan)")
    arguments = parser.parse_args(words)
    version = arguments.version
    try:
        if version == next(iter(releases((root / CHANGELOG).read_text(encoding="utf-8"))), None):
            print(f"{version} is released already.")
            if not _git(root, "tag", "--list", _tag(version)):
                print(_next_commands(version))
            return 0
        today = datetime.now(UTC).date()
        with prepared(root, version, today, synthesize or _run_app) as release:
            print("\n".join(_plan(root, release, today)))
            if arguments.apply:
                put(root, release)
    except (ReleaseError, SettingsError) as error:
        print(f"release {version}: refused, nothing was changed\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted, nothing was changed", file=sys.stderr)
        return 130
    print(f"Released.\n{_next_commands(version)}" if arguments.apply else "Nothing was done. --apply does it.")
    return 0


def _settings(root: Path) -> Mapping[str, tuple[Path, Mapping[str, tuple[str, ...]]]]:
    """Return the settings of a stored release, the sample and one of many options, with the names to certify."""
    sample = load(root / "failover.toml")
    return {
        "sample": (root / "failover.toml", {sample.certificate.name: sample.certificate.public.names}),
        "options": (root / OPTIONS, OPTIONS_CERTIFICATES),
    }


def _run_app(settings_file: Path, assembly: Path) -> None:
    """Run `python app.py` as the CDK does, without its slow validation."""
    context = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"] | {"settings": str(settings_file)}
    environment = os.environ | {
        "CDK_CONTEXT_JSON": json.dumps(context),
        "CDK_OUTDIR": str(assembly),
        "CDK_VALIDATION": "false",
    }
    command = [sys.executable, "app.py"]
    process = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if process.returncode:
        raise ReleaseError(f"{settings_file.parent.name} cannot be synthesized:\n{process.stdout}{process.stderr}")


def _plan(root: Path, release: Release, today: date) -> Iterator[str]:
    earlier = releases((root / CHANGELOG).read_text(encoding="utf-8"))
    yield f"Release {release.version}, after {earlier[0] if earlier else 'none'}"
    yield f'  {CHANGELOG}: {release.entries} entries become "## {release.version} - {today}"'
    for folder in sorted(release.stored.iterdir()):
        size = (folder / ARCHIVE).stat().st_size / 1000
        yield f"  {KEPT / release.version / folder.name}: settings, certificates, assembly of {size:.0f} kB"
    assets = list(release.assets.iterdir())
    size = sum(file.stat().st_size for file in assets) / 1000
    yield f"  {ASSETS}: {len(assets)} that no earlier release has, {size:.0f} kB"
    yield f'  git commit --message "Release {release.version}"'


def _next_commands(version: str) -> str:
    tag = f'git tag --annotate {_tag(version)} --message "Understudy {version}"'
    return f"When .ci/run is green on this commit:\n  make wheel\n  {tag}\n  git push origin HEAD {_tag(version)}"


def _git(root: Path, *arguments: str) -> str:
    process = subprocess.run(("git", *arguments), cwd=root, capture_output=True, text=True, check=False)
    if process.returncode:
        raise ReleaseError(f"git {arguments[0]} failed: {process.stderr.strip() or process.stdout.strip()}")
    return process.stdout.strip()


def _tag(version: str) -> str:
    return f"v{version}"


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def _is_small(version: str, earlier: str) -> bool:
    """Return whether nothing may break from `earlier` to `version`: docs/upgrading.md."""
    (major, minor, _), (major_before, minor_before, _) = _numbers(version), _numbers(earlier)
    return major == major_before and (major > 0 or minor == minor_before)


def _declared(root: Path, earlier: str) -> str:
    """Return the first resource that an upgrade from `earlier` loses on purpose, or an empty text."""
    declared = tomllib.loads((root / DECLARED).read_text(encoding="utf-8")).get("declared", [])
    return next((str(entry["resource"]) for entry in declared if entry["from"] == earlier), "")


def _next(earlier: list[str]) -> str:
    """Return the next version that may have any change."""
    if not earlier:
        return "0.1.0"
    major, minor, _ = _numbers(earlier[0])
    return f"{major + 1}.0.0" if major else f"0.{minor + 1}.0"


if __name__ == "__main__":
    sys.exit(main())
