"""A stock of SIM cards as a CSV file: read whole, or refused with every line that is wrong."""

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

import phonenumbers
from phonenumbers import PhoneNumberType

COLUMNS = ("phone_number", "label", "monthly_price", "currency")
_MOST_BYTES = 4 * 2**20
_MOBILE = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)


@dataclass(frozen=True, kw_only=True)
class StockLine:
    """One card of the file; `line` is where it stands, the header being line 1."""

    line: int
    phone_number: str  # E.164
    country: str
    label: str
    monthly_amount: Decimal | None
    monthly_currency: str | None


class WrongStock(Exception):
    """The file cannot be taken; `problems` are sentences, each with its line."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def read(content: bytes) -> list[StockLine]:
    """The cards in a file. WrongStock names every line that is wrong."""
    rows = list(_rows(content))
    found: dict[str, StockLine] = {}
    problems: list[str] = []
    for number, row in rows:
        try:
            card = _card(number, row)
        except ValueError as error:
            problems.append(f"Line {number}: {error}")
            continue
        first = found.setdefault(card.phone_number, card)
        if first is not card:
            problems.append(f"Line {number}: {card.phone_number} is on line {first.line} already.")
    if problems:
        raise WrongStock(*problems)
    if not found:
        raise WrongStock("There is no card in the file.")
    return list(found.values())


def _rows(content: bytes) -> Iterator[tuple[int, Mapping[str, str]]]:
    """The lines that are not empty, by column; the header has been checked."""
    if len(content) > _MOST_BYTES:
        raise WrongStock(f"The file is over {_MOST_BYTES} bytes.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise WrongStock("The file is no UTF-8 text; save it as CSV (UTF-8).") from None
    lines = text.splitlines()
    delimiter = ";" if lines and ";" in lines[0] else ","  # as spreadsheets write it in French
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    try:
        header = [name.strip().lower() for name in next(reader, [])]
        unknown = [name for name in header if name not in COLUMNS]
        if "phone_number" not in header or unknown or len(set(header)) < len(header):
            raise WrongStock(
                "Line 1: name the columns, each once: phone_number, and where wanted"
                f" {', '.join(COLUMNS[1:])}."
            )
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield reader.line_num, _named(reader.line_num, header, cells)
    except csv.Error as error:
        raise WrongStock(f"Line {reader.line_num}: the file is no CSV ({error}).") from None


def _named(line: int, header: list[str], cells: list[str]) -> Mapping[str, str]:
    if len(cells) > len(header):
        raise WrongStock(f"Line {line}: there are more cells than columns.")
    return dict(zip(header, (cell.strip() for cell in cells), strict=False))


def _card(line: int, row: Mapping[str, str]) -> StockLine:
    """ValueError says what is wrong with the line."""
    written = row["phone_number"]
    try:
        number = phonenumbers.parse(written)
    except phonenumbers.NumberParseException:
        raise ValueError(f"{written!r} is no phone number; write it as +212612345678.") from None
    if not phonenumbers.is_valid_number(number):
        raise ValueError(f"{written!r} is no phone number that exists.")
    if phonenumbers.number_type(number) not in _MOBILE:
        raise ValueError(f"{written!r} is no mobile number.")
    amount = _amount(row.get("monthly_price", ""))
    currency = row.get("currency") or None
    if (amount is None) != (currency is None):
        raise ValueError("a price and its currency come together.")
    if currency and not re.fullmatch(r"[A-Z]{3}", currency):
        raise ValueError(f"{currency!r} is no currency; write it as MAD.")
    return StockLine(
        line=line,
        phone_number=phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164),
        country=str(phonenumbers.region_code_for_number(number)),
        label=row.get("label", ""),
        monthly_amount=amount,
        monthly_currency=currency,
    )


def _amount(written: str) -> Decimal | None:
    if not written:
        return None
    try:
        amount = Decimal(written)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or amount < 0:
        raise ValueError(f"{written!r} is no price; write it as 49.00.")
    return amount
