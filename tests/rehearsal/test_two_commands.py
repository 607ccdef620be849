"""`make rehearse` and `make up` print what README.md shows, and the commands that `make up` prints work."""

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.markdown import ROOT, code
from tests.real_tools import real_tool
from tests.rehearsal.newcomer import LIMIT_SECONDS, copied

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def folder(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copied(root, tmp_path_factory.mktemp("newcomer") / "understudy")


def _shape(line: str) -> str:
    """Return a line without its numbers, and without what only fills."""
    return re.sub(r"\s+", " ", re.sub(r"\d+(\.\d+)?( to \d+(\.\d+)?)?", "N", line)).strip()


def test_the_transcript_of_a_rehearsal_is_what_it_prints(folder: Path) -> None:
    (report,) = (finding.text for finding in code(ROOT / "README.md") if "hypotheses held" in finding.text)
    process = subprocess.run(["make", "rehearse"], cwd=folder, capture_output=True, text=True, check=False)
    assert process.returncode == 0, process.stdout + process.stderr
    printed = iter(map(_shape, process.stdout.splitlines()))
    for line in report.splitlines():
        assert line == "…" or _shape(line) in printed, f"README shows {line!r}; this was printed:\n{process.stdout}"
    match = re.search(r"All \d+ hypotheses held", report)
    assert match
    assert match[0] in process.stdout


@pytest.fixture(scope="module")
def made_up(folder: Path) -> Iterator[str]:
    """`make up` while it runs: all that it has printed."""
    process = subprocess.Popen(
        ["make", "up"],
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert process.stdout
    try:
        text = ""
        while "ends everything" not in text:
            line = process.stdout.readline()
            assert line, f"it ended: {text}"
            text += line
        yield text
    finally:
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does
        process.communicate(timeout=LIMIT_SECONDS)


def _commands(made_up: str) -> list[str]:
    block = made_up.partition("In another terminal, in this folder:\n")[2].partition("\n\n")[0]
    return [line.strip() for line in block.splitlines()]


def _typed(folder: Path, *commands: str) -> list[str]:
    """Return the output of commands in one shell, which ends at the first failure."""
    script = re.sub(r"^(?!source )", "echo '$' ; ", "\n".join(commands), flags=re.MULTILINE)
    process = subprocess.run(
        ["bash", "-ec", script], cwd=folder, capture_output=True, text=True, check=False, timeout=LIMIT_SECONDS
    )
    assert process.returncode == 0, process.stdout + process.stderr
    return [part.strip() for part in process.stdout.split("$\n")[1:]]


def test_what_make_up_prints_can_be_typed(folder: Path, made_up: str) -> None:
    for tool in ("dig", "curl"):
        real_tool(tool)
    # One ends with Ctrl-C, and one asks for confirmation.
    instead = {"status --watch": "status", " drill web ": " drill web --dry-run "}
    text = "\n".join(_commands(made_up))
    for old, new in instead.items():
        assert text.count(old) == 1
        text = text.replace(old, new)
    text = text.replace("cdk diff ", "cdk diff 2>&1 ")
    # The drill's probe prints only to stderr, and sets the exit code. Maintenance ends for the next test.
    off = next(line for line in text.splitlines() if "maintenance on" in line).replace(
        "maintenance on", "maintenance off"
    )
    certificates, diff, dig, page, verify, status, *_ = _typed(folder, *text.splitlines(), off)
    assert '"ServerCertificateName"' in certificates
    assert "Number of stacks with differences: 0" in diff
    assert re.search(r"^example\.com\.\s+\d+\s+IN\s+A\s+203\.0\.113\.10$", dig, re.MULTILINE)
    assert page
    assert "✔ record pairs" in verify
    assert "example.com" in status


def _settings(made_up: str) -> Path:
    """Return the copy of failover.toml that `make up` names for edits."""
    file = re.search(r"source (\S+)", made_up)
    assert file
    match = re.search(r"export UNDERSTUDY_SETTINGS=(\S+)", Path(file[1]).read_text(encoding="utf-8"))
    assert match
    return Path(match[1])


def _exports(made_up: str) -> list[str]:
    return [line for line in _commands(made_up) if line.startswith("source ")]


def test_make_diff_has_words_above_the_cdks_text_and_fails_where_a_host_goes(folder: Path, made_up: str) -> None:
    settings = _settings(made_up)
    text = settings.read_text(encoding="utf-8")

    def preview_change(new: str) -> tuple[int, str, str]:
        """Return exit code, words, and the CDK's output."""
        settings.write_text(new, encoding="utf-8")
        command = ["bash", "-c", "\n".join([*_exports(made_up), "make diff 2>&1"])]
        process = subprocess.run(
            command, cwd=folder, stdout=subprocess.PIPE, text=True, check=False, timeout=LIMIT_SECONDS
        )
        words, _, rest = process.stdout.partition("Stack ")
        return process.returncode, words, rest

    try:
        nothing, more, less = (
            preview_change(text),
            preview_change(text.replace('"shop.example.com"]', '"shop.example.com", "tickets.example.com"]')),
            preview_change(text.replace(', "shop.example.com"]', "]")),
        )
    finally:
        settings.write_text(text, encoding="utf-8")
    code, words, cdk = nothing
    assert code == 0
    assert "No changes.\n" in words
    assert "Number of stacks with differences: 0" in cdk
    code, words, cdk = more
    assert code == 0
    assert "DESTRUCTIVE" not in words
    assert "  + host added: tickets.example.com at server web" in words
    assert "[+] AWS::Route53::RecordSet" in cdk
    code, words, cdk = less
    assert "DESTRUCTIVE" in words
    # The CDK's text is longer than a terminal: what must not be overlooked stands at its end, too.
    assert "DESTRUCTIVE" in cdk.partition("Number of stacks with differences: 2")[2]
    assert "  - host removed: shop.example.com" in words
    assert "[-] AWS::Route53::RecordSet" in cdk
    # make's exit code is 2 for any failure; it prints that of the review.
    assert code == 2
    assert re.search(r"\bdiff\] Error 2$", cdk, re.MULTILINE), cdk


def test_a_new_host_name_is_added_by_stock_commands_as_the_readme_says(folder: Path, made_up: str) -> None:
    (dig,) = (line for line in _commands(made_up) if line.startswith("dig "))
    settings = _settings(made_up)
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace('"shop.example.com"]', '"shop.example.com", "blog.example.com"]'))
    commands = ("cdk diff 2>&1", "cdk deploy --all --require-approval never 2>&1")
    process, _, answered = _typed(
        folder, *_exports(made_up), *commands, dig.replace(" example.com", " blog.example.com")
    )
    assert "blog.example.com" in process
    assert re.search(r"^blog\.example\.com\.\s+\d+\s+IN\s+A\s+203\.0\.113\.10$", answered, re.MULTILINE)
