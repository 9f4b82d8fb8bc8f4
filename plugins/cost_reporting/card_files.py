"""A card as a CSV file: read whole, or refused with every line that is wrong."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Final, get_args

from plugins.cost_reporting.card_checks import problems
from plugins.cost_reporting.rate_cards import Kind, Row

COLUMNS: Final = (
    "kind", "market", "countries", "category", "volume_from", "volume_to",
    "amount", "currency", "per", "from", "through", "source",
)  # fmt: skip
_NEEDED: Final[Mapping[str, tuple[str, ...]]] = {
    "market": ("market", "countries"),
    "message": ("market", "category", "amount", "currency"),
    "allowance": ("category", "amount"),
    "number": ("countries", "amount", "currency"),
    "exchange_rate": ("amount", "currency", "per"),
    "markup": ("amount",),
}
_OPTIONAL: Final[Mapping[str, tuple[str, ...]]] = {"message": ("volume_from", "volume_to")}
_ALWAYS: Final = ("kind", "from", "through", "source")
_MOST_BYTES: Final = 4 * 2**20


class WrongCard(Exception):
    """The card cannot be taken; `problems` are sentences, each with its line."""

    def __init__(self, *found: str) -> None:
        super().__init__("\n".join(found))
        self.problems = found


def read(content: bytes) -> tuple[Row, ...]:
    """The rows of a card. WrongCard names every line that is wrong, every gap and overlap."""
    rows: list[Row] = []
    wrong: list[str] = []
    for line, cells in _lines(content):
        try:
            rows.append(_row(line, cells))
        except ValueError as error:
            wrong.append(f"Line {line}: {error}")
    wrong += problems(rows)
    if wrong:
        raise WrongCard(*wrong)
    if not rows:
        raise WrongCard("There is no row in the file.")
    return tuple(rows)


def write(rows: Iterable[Row]) -> str:
    """The card as `read` takes it."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(cells(row) for row in rows)
    return text.getvalue()


def cells(row: Row) -> Sequence[str]:
    """A row as it is written, a cell a column."""
    amount = "" if row.kind == "market" else format(row.amount, "f")
    volumes = ("", "")
    if row.kind == "message" and (row.volume_from, row.volume_to) != (1, None):
        volumes = (str(row.volume_from), "" if row.volume_to is None else str(row.volume_to))
    return (
        row.kind, row.market, " ".join(row.countries), row.category, *volumes,
        amount, row.currency, row.per,
        row.since.isoformat(), row.through.isoformat() if row.through else "", row.source,
    )  # fmt: skip


def _lines(content: bytes) -> Iterator[tuple[int, Mapping[str, str]]]:
    if len(content) > _MOST_BYTES:
        raise WrongCard(f"The file is over {_MOST_BYTES} bytes.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise WrongCard("The file is no UTF-8 text; save it as CSV (UTF-8).") from None
    lines = text.splitlines()
    delimiter = ";" if lines and ";" in lines[0] else ","  # as spreadsheets write it in French
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    try:
        header = [name.strip().lower() for name in next(reader, [])]
        if sorted(header) != sorted(COLUMNS):
            raise WrongCard(
                f"Line 1: this is no rate card; its columns are {', '.join(COLUMNS)}, each once"
                " (`gateway costs cards export` writes one)."
            )
        for found in reader:
            if len(found) > len(header):
                raise WrongCard(f"Line {reader.line_num}: there are more cells than columns.")
            if any(cell.strip() for cell in found):
                row = dict.fromkeys(COLUMNS, "")
                row |= zip(header, (cell.strip() for cell in found), strict=False)
                yield reader.line_num, row
    except csv.Error as error:
        raise WrongCard(f"Line {reader.line_num}: the file is no CSV ({error}).") from None


def _row(line: int, given: Mapping[str, str]) -> Row:
    kind = _kind(given["kind"])
    needed = _NEEDED[kind]
    if missing := [name for name in (*needed, "from", "source") if not given[name]]:
        raise ValueError(f"a row of the kind {kind} needs {', '.join(missing)}.")
    known = (*needed, *_OPTIONAL.get(kind, ()), *_ALWAYS)
    if odd := [name for name in COLUMNS if given[name] and name not in known]:
        raise ValueError(f"a row of the kind {kind} has no {', '.join(odd)}.")
    row = Row(
        line=line,
        kind=kind,
        market=given["market"],
        countries=_countries(given["countries"]),
        category=given["category"],
        volume_from=_volume("volume_from", given["volume_from"] or "1"),
        volume_to=_volume("volume_to", given["volume_to"]) if given["volume_to"] else None,
        amount=_amount(given["amount"] or "0", kind),
        currency=_currency("currency", given["currency"]),
        per=_currency("per", given["per"]),
        since=_day("from", given["from"]),
        through=_day("through", given["through"]) if given["through"] else None,
        source=given["source"],
    )
    if row.through and row.through < row.since:
        raise ValueError("through is before from.")
    if row.volume_to is not None and row.volume_to < row.volume_from:
        raise ValueError("volume_to is below volume_from.")
    return row


def _kind(text: str) -> Kind:
    kinds: tuple[Kind, ...] = get_args(Kind)
    found = next((kind for kind in kinds if kind == text), None)
    if found is None:
        raise ValueError(f"{text!r} is no kind of row; write {', '.join(kinds)}.")
    return found


def _countries(text: str) -> tuple[str, ...]:
    found = tuple(text.split())
    if wrong := [one for one in found if not re.fullmatch(r"[A-Z]{2}", one)]:
        raise ValueError(
            f"{wrong[0]!r} is no country; write codes such as MA, with a space between."
        )
    if len(set(found)) < len(found):
        raise ValueError("a country is written twice.")
    return found


def _amount(text: str, kind: Kind) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        raise ValueError(f"{text!r} is no amount; write it as 0.0414.") from None
    if not amount.is_finite() or not re.fullmatch(r"-?\d{1,12}(\.\d{1,12})?", text):
        raise ValueError(f"{text!r} is no amount; write it as 0.0414.")
    if amount < 0:
        raise ValueError(f"the amount {text} is negative.")
    if kind == "exchange_rate" and not amount:
        raise ValueError("an exchange rate of 0 converts nothing.")
    if kind == "allowance" and amount != int(amount):
        raise ValueError(f"an allowance is a number of messages, not {text}.")
    return amount


def _volume(column: str, text: str) -> int:
    if not re.fullmatch(r"[1-9]\d{0,11}", text):
        raise ValueError(f"{column} {text!r} is no number of messages from 1 on.")
    return int(text)


def _currency(column: str, text: str) -> str:
    if text and not re.fullmatch(r"[A-Z]{3}", text):
        raise ValueError(f"{column} {text!r} is no currency; write its code, such as USD.")
    return text


def _day(column: str, text: str) -> date:
    try:
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{column} {text!r} is no day; write it as 2026-10-01.") from None
