"""The version: the newest heading `## X.Y.Z - DATE` of CHANGELOG.md; a wheel has it in its metadata.

No template has it: every stack would differ after a release that changes no resource.
"""

import re
from importlib import metadata
from pathlib import Path

CHANGELOG = Path(__file__).resolve().parents[2] / "CHANGELOG.md"
RELEASE = re.compile(r"^## (\d+\.\d+\.\d+) - \d{4}-\d\d-\d\d$", re.MULTILINE)
DISTRIBUTION = "understudy-failover"
UNRELEASED = "## Unreleased\n"


def releases(text: str) -> list[str]:
    return RELEASE.findall(text)


def unreleased(text: str) -> list[str]:
    section = text.partition(UNRELEASED)[2].partition("\n## ")[0]
    return [line.removeprefix("- ") for line in section.splitlines() if line.startswith("- ")]


def wheel_version() -> str:
    """Return the version of a wheel built from this tree: `0.2.0`, or `0.2.1.dev3` with 3 changes since 0.2.0.

    https://packaging.python.org/en/latest/specifications/version-specifiers/#developmental-releases
    """
    text = CHANGELOG.read_text(encoding="utf-8")
    newest = next(iter(releases(text)), "0.0.0")
    since = len(unreleased(text))
    major, minor, patch = newest.split(".")
    return f"{major}.{minor}.{int(patch) + 1}.dev{since}" if since else newest


def version() -> str:
    """Return the output of `understudy --version`: `0.1.0`, or `0.1.0, and 3 changes since`."""
    if not CHANGELOG.is_file():
        return metadata.version(DISTRIBUTION)
    text = CHANGELOG.read_text(encoding="utf-8")
    newest = next(iter(releases(text)), "before the first release")
    since = len(unreleased(text))
    return f"{newest}, and {since} changes since" if since else newest
