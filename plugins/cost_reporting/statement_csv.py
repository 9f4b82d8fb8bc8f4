"""A statement as CSV, one row a line: for spreadsheets and for bookkeeping."""

import csv
from collections.abc import Mapping
from io import StringIO
from typing import Any, Final

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
COLUMNS: Final = (
    "statement",
    "number",
    "status",
    "month",
    "correction",
    "kind",
    "line_id",
    "recruiter_id",
    "application",
    "category",
    "paid_to",
    "quantity",
    "free",
    "exact_amount",
    "exact_currency",
    "usd",
    "mad",
)


def as_csv(statement: Mapping[str, Any]) -> str:
    """The lines; amounts both exact, in their own currency, and rounded, in USD and MAD."""
    file = StringIO()
    rows = csv.writer(file)
    rows.writerow(COLUMNS)
    head = [statement["month"], statement["number"], statement["status"]]
    for line in statement["lines"]:
        exact = line["exact"] or {"amount": None, "currency": None}
        rows.writerow(
            [
                *head,
                line["month"],
                "yes" if line["correction"] else "no",
                line["kind"],
                line["line_id"],
                line["recruiter_id"],
                _text(line["application"]),
                line["category"],
                line["paid_to"],
                line["quantity"],
                line["free"],
                exact["amount"],
                exact["currency"],
                line["amounts"]["USD"],
                line["amounts"]["MAD"],
            ]
        )
    return file.getvalue()


def _text(given: str | None) -> str | None:
    """No spreadsheet reads what somebody typed as a formula."""
    return f"'{given}" if given and given.startswith(_FORMULA) else given
