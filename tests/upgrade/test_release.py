"""`make release`: refused in time, done as a whole or not at all, and the same bytes whenever it is done."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tools.release import main
from tools.stored_assembly import keep, unpack
from understudy_failover.operations.changelog import releases, unreleased

ROOT = Path(__file__).resolve().parents[2]
UNRELEASED = "# Changelog\n\n## Unreleased\n\n### Added\n\n- One thing,\n  in two lines.\n- Another.\n"
BETWEEN = "## 0.1.0 - 2026-11-25\n\n### Added\n\n- The first.\n"


def _git(folder: Path, *arguments: str) -> str:
    who = ("-c", "user.name=Somebody", "-c", "user.email=somebody@example.net", "-c", "commit.gpgsign=false")
    return subprocess.run(
        ("git", *who, *arguments), cwd=folder, check=True, capture_output=True, text=True
    ).stdout.strip()


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, processes: None) -> Path:
    """What a release reads, committed."""
    for name in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{name}_NAME", "Somebody")
        monkeypatch.setenv(f"GIT_{name}_EMAIL", "somebody@example.net")
    folder = tmp_path / "repository"
    (folder / "tests" / "upgrade").mkdir(parents=True)
    shutil.copy(ROOT / "tests/sample/failover.toml", folder)
    shutil.copytree(ROOT / "tests/sample/certificates", folder / "certificates")
    for name in ("options.toml", "declared.toml"):
        shutil.copy(ROOT / "tests" / "upgrade" / name, folder / "tests" / "upgrade")
    (folder / "CHANGELOG.md").write_text(UNRELEASED, encoding="utf-8")
    _git(folder, "init", "--quiet")
    _commit(folder)
    return folder


def _commit(folder: Path) -> None:
    _git(folder, "add", ".")
    _git(folder, "commit", "--quiet", "--message", "before")


def _write_changelog(folder: Path, text: str) -> None:
    (folder / "CHANGELOG.md").write_text(text, encoding="utf-8")
    _commit(folder)


def synthesise(settings_file: Path, assembly: Path) -> None:
    """Quicker than the CDK, and as much of a cloud assembly as is kept."""
    stage = assembly / "assembly-Understudy"
    (assembly / "asset.aa").mkdir(parents=True)
    stage.mkdir()
    (assembly / "asset.aa" / "index.py").write_text("handler = None\n")
    (assembly / "asset.bb.zip").write_bytes(bytes(2_000_000))
    files = {name: {"source": {"path": f"../asset.{name}"}} for name in ("aa", "bb.zip")}
    artifacts = {
        "Stack": {"type": "aws:cloudformation:stack", "additionalMetadataFile": "Stack.metadata.json"},
        "Tree": {"type": "cdk:tree"},
    }
    documents = {
        "Stack.assets.json": {"files": files},
        "Stack.metadata.json": {"a": ["stack trace"]},
        "Stack.template.json": {"Resources": {"App": settings_file.parent.name}},
        "manifest.json": {"artifacts": artifacts},
    }
    for name, document in documents.items():
        (stage / name).write_text(json.dumps(document), encoding="utf-8")


def _state(folder: Path) -> tuple[str, str]:
    return _git(folder, "status", "--porcelain", "--ignored"), _git(folder, "rev-parse", "HEAD")


def _dirty(folder: Path) -> None:
    (folder / "failover.toml").write_text("# edited\n", encoding="utf-8")


def _tagged(folder: Path) -> None:
    _git(folder, "tag", "v0.2.0")


def _left_over(folder: Path) -> None:
    (folder / "tests" / "upgrade" / "0.2.0").mkdir()


def _released(folder: Path) -> None:
    _write_changelog(folder, f"{UNRELEASED}\n{BETWEEN}")


def _broken(folder: Path) -> None:
    declaration = '[[declared]]\nfrom = "0.1.0"\nresource = "stack/Lost"\n'
    (folder / "tests" / "upgrade" / "declared.toml").write_text(declaration, encoding="utf-8")
    _released(folder)


def _without_entries(folder: Path) -> None:
    _write_changelog(folder, f"# Changelog\n\n## Unreleased\n\n{BETWEEN}")


def _without_heading(folder: Path) -> None:
    _write_changelog(folder, f"# Changelog\n\n{BETWEEN}")


@pytest.mark.parametrize(
    ("version", "spoil", "said"),
    [
        ("v0.2", _released, '"v0.2" is no version; write X.Y.Z, such as 0.2.0'),
        ("00.2.0", _released, "is no version"),
        ("", _released, "is no version"),
        ("0.0.9", _released, "0.0.9 is not after 0.1.0, the last one in CHANGELOG.md; write 0.2.0, say"),
        ("0.1.1", _broken, "tests/upgrade/declared.toml declares the loss of stack/Lost since 0.1.0; write 0.2.0"),
        ("0.2.0", _dirty, "the working tree is not clean (M failover.toml); commit that, or take it back"),
        ("0.2.0", _without_entries, 'CHANGELOG.md has no entry under "## Unreleased"; there is nothing to release'),
        ("0.2.0", _without_heading, 'CHANGELOG.md has 0 headings "## Unreleased"; give it one'),
        ("0.2.0", _tagged, "the tag v0.2.0 exists already; choose a later version"),
        ("0.2.0", _left_over, "tests/upgrade/0.2.0 exists already; remove it if no release left it there"),
    ],
)
def test_a_release_is_refused_before_anything_is_done(
    repository: Path,
    capsys: pytest.CaptureFixture[str],
    version: str,
    spoil: Callable[[Path], None],
    said: str,
) -> None:
    spoil(repository)
    before = _state(repository)
    assert main([version, "--apply"], repository, synthesise) == 1
    printed = capsys.readouterr()
    assert said in printed.err
    assert "refused, nothing was changed" in printed.err
    assert printed.out == ""
    assert _state(repository) == before


def test_without_apply_the_plan_is_shown_and_nothing_done(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = _state(repository)
    assert main(["0.1.0"], repository, synthesise) == 0
    printed = capsys.readouterr().out
    assert "Release 0.1.0, after none\n" in printed
    assert "CHANGELOG.md: 2 entries become" in printed
    assert "tests/upgrade/assets: 2 that no earlier release has" in printed
    assert printed.endswith("Nothing was done. --apply does it.\n")
    assert _state(repository) == before


def test_with_apply_it_is_one_commit_that_keeps_all_there_is_to_keep(
    repository: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["0.1.0", "--apply"], repository, synthesise) == 0
    assert "git tag --annotate v0.1.0" in capsys.readouterr().out
    assert _git(repository, "status", "--porcelain", "--ignored") == ""
    assert _git(repository, "log", "--format=%s") == "Release 0.1.0\nbefore"
    text = (repository / "CHANGELOG.md").read_text(encoding="utf-8")
    assert (releases(text), unreleased(text)) == (["0.1.0"], [])
    assert "- One thing,\n  in two lines.\n- Another.\n" in text
    upgrade = repository / "tests" / "upgrade"
    for part in ("sample", "options"):
        unpack(upgrade / "0.1.0" / part, upgrade / "assets", tmp_path / part)
        stage = tmp_path / part / "assembly-Understudy"
        assert json.loads((stage / "Stack.template.json").read_text())["Resources"] == {"App": part}
        assert list(json.loads((stage / "manifest.json").read_text())["artifacts"]) == ["Stack"]
        assert (tmp_path / part / "asset.aa" / "index.py").read_text() == "handler = None\n"
        assert (tmp_path / part / "asset.bb.zip").stat().st_size < 1000


def test_done_again_it_does_nothing_and_an_unchanged_asset_is_kept_once(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["0.1.0", "--apply"], repository, synthesise) == 0
    after = _state(repository)
    assert main(["0.1.0", "--apply"], repository, synthesise) == 0
    assert "0.1.0 is released already" in capsys.readouterr().out
    assert _state(repository) == after
    text = (repository / "CHANGELOG.md").read_text(encoding="utf-8")
    _write_changelog(repository, text.replace("## Unreleased\n", "## Unreleased\n\n- More.\n"))
    assert main(["0.2.0", "--apply"], repository, synthesise) == 0
    assert "tests/upgrade/assets: 0 that no earlier release has" in capsys.readouterr().out
    assert releases((repository / "CHANGELOG.md").read_text(encoding="utf-8")) == ["0.2.0", "0.1.0"]


def test_a_commit_that_git_refuses_leaves_everything_as_it_was(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hook = repository / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho 'not today' >&2\nexit 1\n")
    hook.chmod(0o755)
    before = _state(repository)
    assert main(["0.1.0", "--apply"], repository, synthesise) == 1
    assert "git commit failed: not today" in capsys.readouterr().err
    assert _state(repository) == before


def test_the_same_assembly_gives_the_same_bytes(tmp_path: Path) -> None:
    kept = []
    for name in ("one", "two"):
        synthesise(tmp_path / "sample" / "failover.toml", tmp_path / name / "cdk.out")
        keep(tmp_path / name / "cdk.out", tmp_path / name / "kept", tmp_path / name / "assets")
        files = [*(tmp_path / name / "kept").iterdir(), *sorted((tmp_path / name / "assets").iterdir())]
        kept.append({file.name: file.read_bytes() for file in files})
    assert kept[0] == kept[1]
