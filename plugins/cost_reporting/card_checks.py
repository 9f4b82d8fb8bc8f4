"""What a card must be before it is taken: of everything, one day has one price."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import pairwise

from plugins.cost_reporting.rate_cards import Row, Series

_DAY = timedelta(days=1)


def problems(rows: Sequence[Row]) -> list[str]:
    """Every overlap, every gap and every market without countries, with the rows' lines."""
    series: dict[Series, list[Row]] = defaultdict(list)
    for row in rows:
        for name in row.series():
            series[name].append(row)
    found = [problem for name, parts in series.items() for problem in _of_series(name, parts)]
    markets = {row.market for row in rows if row.kind == "market"}
    found += [
        f"Line {row.line}: no row of the kind market says which countries {row.market!r} is."
        for row in rows
        if row.kind == "message" and row.market not in markets
    ]
    return list(dict.fromkeys(found))


def _of_series(name: Series, rows: Sequence[Row]) -> Iterator[str]:
    periods: dict[tuple[date, date | None], list[Row]] = defaultdict(list)
    for row in rows:
        periods[row.since, row.through].append(row)
    for parts in periods.values():
        yield from _volumes(name, sorted(parts, key=lambda row: (row.volume_from, row.line)))
    firsts = sorted((parts[0] for parts in periods.values()), key=lambda row: row.since)
    for earlier, later in pairwise(firsts):
        where = f"Lines {earlier.line} and {later.line}: {_named(name)}"
        if earlier.through is None or earlier.through >= later.since:
            yield (
                f"{where} overlap: let line {earlier.line} end on {later.since - _DAY} (through)."
            )
        elif earlier.through + _DAY < later.since:
            yield (
                f"{where} leave a gap: nothing covers {earlier.through + _DAY}"
                f" through {later.since - _DAY}."
            )


def _volumes(name: Series, rows: Sequence[Row]) -> Iterator[str]:
    """Of one period: the first begins at 1, each begins where the one before ends, the last has
    no end."""
    first, last = rows[0], rows[-1]
    if first.volume_from != 1:
        yield f"Line {first.line}: {_named(name)} begin at volume_from {first.volume_from}, not 1."
    for lower, upper in pairwise(rows):
        where = f"Lines {lower.line} and {upper.line}: {_named(name)}"
        if lower.volume_to is None or lower.volume_to >= upper.volume_from:
            yield f"{where} overlap: two rows for one day and volume."
        elif lower.volume_to + 1 < upper.volume_from:
            yield f"{where} leave a gap between the volumes."
    if last.volume_to is not None:
        yield f"Line {last.line}: {_named(name)} end at volume_to {last.volume_to}; leave it empty."


def _named(name: Series) -> str:
    kind, *which = name
    plural = {
        "market": "the markets of",
        "message": "the prices of",
        "allowance": "the allowances of",
        "number": "the prices of a number of",
        "exchange_rate": "the exchange rates of",
        "markup": "the markups",
    }[kind]
    return " ".join([plural, *(part for part in which if part)])
