"""Pages with hostile texts, for hypothesis."""

from hypothesis import strategies as st

from understudy_failover.settings import Page

FRAGMENTS = (
    "<script>alert(1)</script>",
    "</title></style></script>",
    "<!--",
    "-->",
    "]]>",
    "&lt;",
    "&#x3c;b&#62;",
    '" onload="alert(1)',
    "' onload='alert(1)",
    "`${SITE}`",
    "$title",
    "${style}",
    "$$",
    "\\",
    "\\u003c",
    '\\"};//',
    "*/",
    "//",
    "%s%n",
    "\u2028\u2029",
    "\u202e",
    "\ufeff",
    "é",
    "😀",
    "\U0010ffff",
)


def _texts(most: int, *, least: int = 0, lines: bool = False) -> st.SearchStrategy[str]:
    """Texts that settings accept, of fragments that mean something to HTML, JavaScript or `string.Template`."""
    characters = st.characters(exclude_categories=("Cc", "Cs"))
    part = st.sampled_from(FRAGMENTS) | st.text(characters, max_size=20)
    if lines:
        part |= st.just("\n")
    return st.lists(part, max_size=30).map(lambda parts: "".join(parts)[:most]).filter(lambda text: len(text) >= least)


PAGES = st.builds(
    Page,
    language=st.sampled_from(["en", "ja", "ar"]),
    service=_texts(60),
    title=_texts(80, least=1),
    message=_texts(600, least=1, lines=True),
    contact=_texts(200),
    retry_after_seconds=st.integers(10, 86_400),
)
