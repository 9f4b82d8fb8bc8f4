"""The error codes of statements: what each means, and what to do."""

from typing import Final

STATEMENT_STATES: Final = (
    ("earlier_month_open", "An earlier month of the client is not closed yet.",
     "Close that one first; `detail` names it."),
    ("month_not_over", "The month is not over yet, in the time zone that Meta counts in.",
     "Close it once it is over; until then it can be read as it is."),
)  # fmt: skip
