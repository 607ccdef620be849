"""TOML texts that nobody would write, most of them with the product's own keys."""

from pathlib import Path

from hypothesis import strategies as st

from understudy_failover.settings import Settings
from understudy_failover.settings.keys import described_keys

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = (ROOT / "tests/sample/failover.toml").read_text(encoding="utf-8").split("\n")
KEYS = sorted({described_key.name for described_key in described_keys(Settings)})
TABLES = sorted(
    {".".join(map(str, described_key.table)) for described_key in described_keys(Settings) if described_key.table}
)

ODD_TEXTS = (
    "https://[",
    "https://[::1]/",
    "https://[x]:y/",
    "https://user@host/",
    "{{resolve:ssm:/name}}",
    "{{ resolve:secretsmanager:x}}",
    "${Token[TOKEN.123]}",
    "#{Token[1.2]}",
    "${AWS::AccountId}",
    "\x1b[2J",
    "::error::x",
    "..",
    "../../etc",
    "*.*.example.com",
    "xn--",
    "a" * 300,
    "1" * 40,
    "::",
    "::ffff:1.2.3.4",
    "fe80::1%1",
    "203.0.113.256",
    "٣.٣.٣.٣",
    "#b45309",
    "/",
    "//",
    "\U0001f600",
)
ODD_NUMBERS = ("9" * 5_000, "0x" + "f" * 5_000, "-0", "1e400", "inf", "nan", "-nan", "1_0", "0b1", "0o17", "1.5", "٣")
OTHERS = ("true", "1979-05-27", "07:32:00", "1979-05-27T07:32:00Z", "9999-12-31T23:59:59-23:59", "", "x", '"', "'''")


def quoted(text: str) -> str:
    """A basic string."""
    escaped = (
        f"\\U{ord(character):08x}" if character in '"\\' or ord(character) < 32 or ord(character) == 127 else character
        for character in text
    )
    return f'"{"".join(escaped)}"'


def nested(levels: int, brackets: tuple[str, str]) -> str:
    """Lists or tables in each other."""
    return brackets[0] * levels + brackets[1] * levels


def inline_table(pairs: list[tuple[str, str]]) -> str:
    """On one line."""
    return "{" + ", ".join(f"{key} = {value}" for key, value in pairs) + "}"


NESTS = st.builds(
    nested, st.sampled_from([1, 2, 17, 400, 3_000]), st.sampled_from([("[", "]"), ("{a=", "}"), ("[{a=", "}]")])
)
VALUES = st.recursive(
    st.one_of(
        (st.text(max_size=40) | st.sampled_from(ODD_TEXTS)).map(quoted),
        st.integers(-(2**70), 2**70).map(str),
        st.sampled_from((*ODD_NUMBERS, *OTHERS)),
        NESTS,
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4).map(lambda items: "[" + ", ".join(items) + "]"),
        st.lists(inner, max_size=4).map(lambda items: "[\n" + ",\n# note\n".join(items) + "\n]"),
        st.lists(st.tuples(st.sampled_from(KEYS), inner), max_size=3).map(inline_table),
    ),
    max_leaves=6,
)
NAMES = st.one_of(
    st.sampled_from(KEYS),
    st.builds("{}.{}".format, st.sampled_from(KEYS), st.sampled_from(KEYS)),
    st.sampled_from(['""', '"a b"', "a.b.c", "x", ".".join("a" * 3_000), '"\\u001b"', "1"]),
)
LINES = st.one_of(
    st.builds("{} = {}".format, NAMES, VALUES),
    st.sampled_from([f"[{table}]" for table in TABLES] + [f"[[{table}]]" for table in TABLES]),
    st.sampled_from(["[a", "[[a]", "[]", "# \x1b", "", "app", "=", f"[{'.'.join('a' * 3_000)}]", "\x00", "\ufeff"]),
    st.sampled_from(SAMPLE),
)


@st.composite
def edited(draw: st.DrawFn) -> str:
    """The shipped sample with some lines replaced, taken out or put in."""
    lines = list(SAMPLE)
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, len(lines) - 1))
        end = place + draw(st.integers(0, 2))
        key = lines[place].partition("=")[0].strip(" #")
        lines[place:end] = [draw(LINES) if draw(st.booleans()) else f"{key} = {draw(VALUES)}"]
    return "\n".join(lines)


FILES = edited() | st.lists(LINES, max_size=12).map("\n".join)
