"""Text from outside, as it may stand on a terminal, in a job's log and in a report."""

LIMIT_CHARACTERS = 1_000


def printable(text: str, *, limit: int = LIMIT_CHARACTERS, keep: str = "") -> str:
    r"""Return `text` with everything that is not printable escaped: `\x1b`, `\n`, `\u202e`.

    So a server can move no cursor, begin no line (`::error::` in a job's log), and turn no text around. Characters
    in `keep` stay. What is longer than `limit` characters is cut off, with `…` at its end.
    """
    cut = text if len(text) <= limit else text[: limit - 1] + "…"
    if cut.isprintable():
        return cut
    return "".join(
        one if one.isprintable() or one in keep else one.encode("unicode_escape").decode("ascii") for one in cut
    )
