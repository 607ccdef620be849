"""The tables of an estimate, with a column for each candidate."""

from collections.abc import Iterator, Sequence
from textwrap import wrap

from understudy_failover.operations.estimate.bill import Item, prices, total
from understudy_failover.operations.estimate.candidates import Candidate, Choice
from understudy_failover.operations.estimate.client_behavior import Arrivals

GAP = "  "
LEAST_WORDS = 16
"""Least columns for the words of a line, however narrow the terminal is."""
MARK = " *"
"""Suffix of the name of what the file has."""


def bill_rows(candidates: Sequence[Candidate]) -> list[tuple[str, ...]]:
    """Return a head, the items, and their sum, with the remarks in the last column."""
    head = (f"USD a month, prices of {prices().as_of}", *map(_name, candidates), "")
    # Counts and remarks are those of the candidate that the file has.
    chosen = next(number for number, candidate in enumerate(candidates) if candidate.chosen)
    by_name = [{item.what: item for item in candidate.items} for candidate in candidates]
    names = dict.fromkeys(name for items in (by_name[chosen], *by_name) for name in items)
    rows = []
    for name in names:
        items = [candidate.get(name, Item(name, 0, 0.0, 0.0)) for candidate in by_name]
        described = items[chosen] if items[chosen].count else max(items, key=lambda item: item.count)
        rows.append((_label(described), *map(_amount, items), described.remark))
    sums = [Item("sum", 1, *total(candidate.items)) for candidate in candidates]
    return [head, *rows, ("sum", *map(_amount, sums), "")]


def choice_rows(choices: Sequence[Choice]) -> list[tuple[str, ...]]:
    """Return a head, and for each value of a setting the monthly cost with it."""
    rows = [(choice.setting + MARK * choice.chosen, _range(choice.low_usd, choice.high_usd)) for choice in choices]
    return [("USD a month with", "sum"), *rows]


def time_rows(candidates: Sequence[Candidate]) -> list[tuple[str, ...]]:
    """Return a head, and by kind of client the seconds until it is on the page, and back on the server."""
    kinds = list(candidates[0].there)
    return [
        ("how long clients wait: median / 95 % / worst", *map(_name, candidates)),
        ("checked every, failures, TTL", *map(_timing, candidates)),
        (
            "on the page: bound for resolvers that honor the TTL",
            *(f"{candidate.there_seconds} s" for candidate in candidates),
        ),
        *((f"  {kind}", *(_wait(candidate.there[kind]) for candidate in candidates)) for kind in kinds),
        ("back: bound for resolvers that honor the TTL", *(f"{candidate.back_seconds} s" for candidate in candidates)),
        *((f"  {kind}", *(_wait(candidate.back[kind]) for candidate in candidates)) for kind in kinds),
    ]


def _wait(arrivals: Arrivals | None) -> str:
    if arrivals is None:
        return "never while used"
    return f"{arrivals.within(0.5)} / {arrivals.within(0.95)} / {arrivals.worst} s"


def bill_table(candidates: Sequence[Candidate], width: int | None = None) -> str:
    rows = bill_rows(candidates)
    return _aligned([row[:-1] for row in rows], [row[-1] for row in rows], width)


def choice_table(choices: Sequence[Choice]) -> str:
    rows = choice_rows(choices)
    return _aligned(rows, [""] * len(rows))


def time_table(candidates: Sequence[Candidate], width: int | None = None) -> str:
    rows = time_rows(candidates)
    return _aligned(rows, [""] * len(rows), width) + f"\n{MARK.strip()} as failover.toml has it"


def _name(candidate: Candidate) -> str:
    return candidate.name + MARK * candidate.chosen


def _timing(candidate: Candidate) -> str:
    timing = candidate.timing
    return f"{timing.request_interval_seconds} s × {timing.failure_threshold}, {timing.ttl_seconds} s"


def _label(item: Item) -> str:
    return f"{item.what} ({item.count:,})" if item.count > 1 else item.what


def _amount(item: Item) -> str:
    return _range(item.low_usd, item.high_usd)


def _range(low_usd: float, high_usd: float) -> str:
    low, high = f"{low_usd:.2f}", f"{high_usd:.2f}"
    return high if low == high else f"{low} to {high}"


def _aligned(rows: Sequence[tuple[str, ...]], remarks: Sequence[str], width: int | None = None) -> str:
    """Return words to the left, figures to the right, and a remark behind each line, or below it where it is narrow."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    figures_width = sum(column + len(GAP) for column in widths[1:])
    first_width = widths[0] if width is None else min(widths[0], max(LEAST_WORDS, width - figures_width))
    narrow = first_width < widths[0]

    def lines(row: tuple[str, ...], remark: str) -> Iterator[str]:
        figures = [f"{text:>{column}}" for text, column in zip(row[1:], widths[1:], strict=True)]
        first, *more = wrap(row[0], first_width, subsequent_indent="  ")
        yield GAP.join((f"{first:{first_width}}", *figures, "" if narrow else remark)).rstrip()
        yield from more
        if narrow and remark:
            yield f"  {remark}"

    return "\n".join(line for row, remark in zip(rows, remarks, strict=True) for line in lines(row, remark))
