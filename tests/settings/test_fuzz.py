"""Whatever text stands in failover.toml, `load` answers Settings or a SettingsError with a printable report."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, seed, settings

from tests.settings.toml_texts import FILES, nested, quoted
from understudy_failover.settings import SettingsError, load

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]
EVERY_RUN = settings(max_examples=200, deadline=None, derandomize=True, suppress_health_check=SLOW)
PARTS = 10
"""Of the 10,000 texts: each takes some ten seconds."""
PARTS_OF_EVERY_CHANGE = 2
LONG = settings(max_examples=1_000, deadline=None, database=None, suppress_health_check=SLOW)

SMALLEST = """\
app = "demo"
page = {}
[certificate]
name = "example"
private_key_secret = "demo/private-key"
[[zones]]
name = "example.com"
id = "Z0EXAMPLE"
[[servers]]
name = "web"
ipv4 = "203.0.113.10"
hosts = ["www.example.com"]
"""
CORPUS = {
    "brackets that hold nothing in status_page": SMALLEST.replace("{}", '{status_page = "https://["}'),
    "brackets that hold no address in status_page": SMALLEST.replace("{}", '{status_page = "https://[x]/"}'),
    "a number of 5,000 digits": SMALLEST.replace("{}", f"{{retry_after_seconds = {'9' * 5_000}}}"),
    "a number of 5,000 hexadecimal digits": SMALLEST.replace("{}", f"{{retry_after_seconds = 0x{'f' * 5_000}}}"),
    "3,000 lists in each other": SMALLEST.replace("{}", nested(3_000, ("[", "]"))),
    "3,000 tables in each other": SMALLEST.replace("{}", nested(3_000, ("{a=", "}"))),
    "3,000 names in a row": SMALLEST + ".".join("a" * 3_000) + " = 1\n",
    "3,000 names in a header": SMALLEST + f"[{'.'.join('a' * 3_000)}]\n",
    "a token of the CDK": SMALLEST.replace('"demo"', quoted("${Token[TOKEN.1]}")),
    "a token of the CDK in a text": SMALLEST.replace("{}", f"{{title = {quoted('${Token[TOKEN.1]}')}}}"),
    "a reference of CloudFormation": SMALLEST.replace("{}", f"{{title = {quoted('{{resolve:ssm:/x}}')}}}"),
    "escape sequences in a value": SMALLEST.replace('"demo"', quoted("\x1b[2J")),
    "escape sequences in a key": SMALLEST + '"\\u001b[2J" = 1\n',
    "a date in place of a text": SMALLEST.replace('"demo"', "9999-12-31T23:59:59-23:59"),
    "not a number": SMALLEST.replace("{}", "{retry_after_seconds = nan}"),
    "servers in a list of a list": SMALLEST.partition("[[servers]]")[0].replace(
        "page = {}",
        'servers = [[{name = "web", hosts = ["www.example.com"], health_check = {type = "TCP", path = "/"}}]]',
    ),
    "servers as a table": SMALLEST.replace("[[servers]]", "[servers]") + 'health_check = {type = "TCP", path = "/"}\n',
    "certificates in a list of a list": SMALLEST.replace("page = {}", 'certificates = [[{name = "b", folder = "c"}]]'),
    "certificates as a table": SMALLEST + '[certificates]\nname = "b"\nfolder = "c"\n',
    "a null character": SMALLEST + "\x00",
}
"""Texts that ended in a traceback or an unreadable report once, or nearly."""


def refusal(folder: Path, content: bytes) -> str:
    """The report; empty for settings that were read. Any other error fails the test."""
    (folder / "failover.toml").write_bytes(content)
    error = None
    try:
        load(folder / "failover.toml")
    except SettingsError as caught:
        error = caught
    if error is None:
        return ""
    report = str(error)
    assert report.replace("\n", "").isprintable()
    assert report.count("\n   fix:     ") == len(error.problems) >= 1
    return report


@pytest.mark.parametrize("text", CORPUS.values(), ids=CORPUS)
def test_what_was_a_traceback_once_is_refused(folder: Path, text: str) -> None:
    assert refusal(folder, text.encode())


def test_without_these_the_smallest_file_is_read(folder: Path) -> None:
    assert not refusal(folder, SMALLEST.encode())


@pytest.mark.parametrize("name", ["\0", "x" * 5_000, "\ud800"])
def test_a_path_that_can_be_none_is_refused(folder: Path, name: str) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        load(folder / name)


def test_an_endless_file_is_refused() -> None:
    with pytest.raises(SettingsError, match="cannot be read: not a regular file"):
        load(Path("/dev/zero"))


@EVERY_RUN
@given(FILES)
def test_any_text_is_read_or_refused(folder: Path, text: str) -> None:
    refusal(folder, text.encode("utf-8", "surrogatepass"))


@pytest.mark.lengthy
@pytest.mark.parametrize(
    "part",
    [pytest.param(part, marks=[pytest.mark.release] if part >= PARTS_OF_EVERY_CHANGE else []) for part in range(PARTS)],
)
def test_10_000_texts_are_read_or_refused(folder: Path, part: int) -> None:
    @seed(part)
    @LONG
    @given(FILES)
    def each(text: str) -> None:
        refusal(folder, text.encode("utf-8", "surrogatepass"))

    each()
