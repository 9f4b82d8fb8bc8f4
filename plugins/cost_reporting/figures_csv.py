"""A month's figures as CSV: a row for the client, and one for each line and recruiter."""

import csv
from collections.abc import Iterator, Mapping
from io import StringIO
from typing import Any, Final

_COUNTS: Final = ("messages", "free", "free_percent", "unpriced", "conversations", "replies")
_AMOUNTS: Final = ("spent_on_messages", "per_conversation", "per_reply")
_CURRENCIES: Final = ("USD", "MAD")
COLUMNS: Final = (
    "month",
    "of",
    "id",
    *_COUNTS,
    *(f"{name}_{currency.lower()}" for name in _AMOUNTS for currency in _CURRENCIES),
)


def as_csv(client_id: str, spending: Mapping[str, Any]) -> str:
    """The figures of a client's month, out of its spending as the API shows it."""
    file = StringIO()
    rows = csv.writer(file)
    rows.writerow(COLUMNS)
    for of, which, figures in _parts(client_id, spending):
        money = [figures[name] or {} for name in _AMOUNTS]
        rows.writerow(
            [
                spending["month"],
                of,
                which,
                *(figures[name] for name in _COUNTS),
                *(amounts.get(currency) for amounts in money for currency in _CURRENCIES),
            ]
        )
    return file.getvalue()


def _parts(
    client_id: str, spending: Mapping[str, Any]
) -> Iterator[tuple[str, str | None, Mapping[str, Any]]]:
    yield "client", client_id, spending
    for of in ("line", "recruiter"):
        for figures in spending[f"by_{of}_id"]:
            yield of, figures[f"{of}_id"], figures
