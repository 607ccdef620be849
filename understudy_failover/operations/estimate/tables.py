"""An estimate in columns, one for each timing."""

from collections.abc import Iterator, Sequence
from textwrap import wrap

from understudy_failover.operations.estimate.audience import Arrivals
from understudy_failover.operations.estimate.bill import Item, total
from understudy_failover.operations.estimate.choices import Choice
from understudy_failover.operations.estimate.contenders import Contender
from understudy_failover.operations.estimate.prices import prices

GAP = "  "
LEAST_WORDS = 16
"""Columns for the words of a line, however narrow the terminal is."""
MARK = " *"
"""Behind the name of what the file has."""


def bill_rows(contenders: Sequence[Contender]) -> list[tuple[str, ...]]:
    """A head, the items, and their sum, with the remarks in the last column."""
    head = (f"USD a month, prices of {prices().as_of}", *map(_name, contenders), "")
    # How many, and why, is told of the one that the file has.
    told = next(number for number, one in enumerate(contenders) if one.chosen)
    by_name = [{item.what: item for item in one.items} for one in contenders]
    names = dict.fromkeys(name for items in (by_name[told], *by_name) for name in items)
    rows = []
    for name in names:
        found = [items.get(name, Item(name, 0, 0.0, 0.0)) for items in by_name]
        shown = found[told] if found[told].count else max(found, key=lambda item: item.count)
        rows.append((_what(shown), *map(_amount, found), shown.remark))
    sums = [Item("sum", 1, *total(one.items)) for one in contenders]
    return [head, *rows, ("sum", *map(_amount, sums), "")]


def choice_rows(choices: Sequence[Choice]) -> list[tuple[str, ...]]:
    """A head, and of each value of a setting what a month costs with it."""
    rows = [(f"{one.setting}{MARK if one.chosen else ''}", _range(one.low_usd, one.high_usd)) for one in choices]
    return [("USD a month with", "sum"), *rows]


def time_rows(contenders: Sequence[Contender]) -> list[tuple[str, ...]]:
    """Return a head, and by kind of client the seconds until it is on the page, and back on the server."""
    kinds = list(contenders[0].there)
    return [
        ("how long clients wait: median / 95 % / worst", *map(_name, contenders)),
        ("checked every, failures, TTL", *map(_timing, contenders)),
        ("on the page: bound for resolvers that honor the TTL", *(f"{one.there_seconds} s" for one in contenders)),
        *((f"  {kind}", *(_wait(one.there[kind]) for one in contenders)) for kind in kinds),
        ("back: bound for resolvers that honor the TTL", *(f"{one.back_seconds} s" for one in contenders)),
        *((f"  {kind}", *(_wait(one.back[kind]) for one in contenders)) for kind in kinds),
    ]


def _wait(arrivals: Arrivals | None) -> str:
    if arrivals is None:
        return "never while used"
    return f"{arrivals.within(0.5)} / {arrivals.within(0.95)} / {arrivals.worst} s"


def bill_table(contenders: Sequence[Contender], width: int | None = None) -> str:
    """The bill as text, for a terminal of `width` columns if there is one."""
    rows = bill_rows(contenders)
    return _aligned([row[:-1] for row in rows], [row[-1] for row in rows], width)


def choice_table(choices: Sequence[Choice]) -> str:
    """The choices as text."""
    rows = choice_rows(choices)
    return _aligned(rows, [""] * len(rows))


def time_table(contenders: Sequence[Contender], width: int | None = None) -> str:
    """The times as text; likewise."""
    rows = time_rows(contenders)
    return _aligned(rows, [""] * len(rows), width) + f"\n{MARK.strip()} as failover.toml has it"


def _name(one: Contender) -> str:
    return one.name + (MARK if one.chosen else "")


def _timing(one: Contender) -> str:
    timing = one.timing
    return f"{timing.request_interval_seconds} s × {timing.failure_threshold}, {timing.ttl_seconds} s"


def _what(item: Item) -> str:
    return f"{item.what} ({item.count:,})" if item.count > 1 else item.what


def _amount(item: Item) -> str:
    return _range(item.low_usd, item.high_usd)


def _range(low_usd: float, high_usd: float) -> str:
    low, high = f"{low_usd:.2f}", f"{high_usd:.2f}"
    return high if low == high else f"{low} to {high}"


def _aligned(rows: Sequence[tuple[str, ...]], remarks: Sequence[str], width: int | None = None) -> str:
    """Words to the left, figures to the right, and a remark behind each line, or below it where it is narrow."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    figures_width = sum(one + len(GAP) for one in widths[1:])
    room = widths[0] if width is None else min(widths[0], max(LEAST_WORDS, width - figures_width))
    narrow = room < widths[0]

    def lines(row: tuple[str, ...], remark: str) -> Iterator[str]:
        figures = [f"{text:>{column}}" for text, column in zip(row[1:], widths[1:], strict=True)]
        first, *more = wrap(row[0], room, subsequent_indent="  ")
        yield GAP.join((f"{first:{room}}", *figures, "" if narrow else remark)).rstrip()
        yield from more
        if narrow and remark:
            yield f"  {remark}"

    return "\n".join(line for row, remark in zip(rows, remarks, strict=True) for line in lines(row, remark))
