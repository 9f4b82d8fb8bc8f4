"""Days that cost a line far more than its days do.

A spike is a day on which a line's messages cost more than three times what its dearer days cost
(the third dearest of the 28 before it), and at least one dollar more. Only a line that has sent for
a week has days to compare with.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from sqlalchemy.orm import Session

from gateway.plugin_api import Money
from plugins.cost_reporting.anomaly import Anomaly
from plugins.cost_reporting.day_sums import added_up_by, money, of_days
from plugins.cost_reporting.models import DaySum
from plugins.cost_reporting.rate_cards import RateCard
from plugins.cost_reporting.rules import USD

_MESSAGES: Final = added_up_by(DaySum.line_id, DaySum.day, DaySum.currency, messages=True)
_BEFORE: Final = 28
_AT_WORK: Final = timedelta(days=7)
_DEARER: Final = 3  # so a campaign each week is usual, and one spike makes no other usual
_TIMES: Final = 3
_LEAST_MORE: Final = Decimal(1)
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Day:
    messages: int
    spent: Decimal  # USD


def found(
    session: Session, card: RateCard, client_id: str, first: date, last: date
) -> list[Anomaly]:
    """The spikes from the first day through the last, whoever is paid."""
    lines = _days(session, card, client_id, first - _BEFORE * _DAY, last)
    return [
        Anomaly(
            kind="spike",
            day=day,
            line_id=line,
            messages=days[day].messages,
            cost=[Money(amount=days[day].spent, currency=USD)],
            usual=[Money(amount=usual, currency=USD)],
        )
        for line, days in sorted(lines.items())
        for day, usual in spikes(days)
        if first <= day <= last
    ]


def spikes(days: Mapping[date, Day]) -> Iterator[tuple[date, Decimal]]:
    """Each day of one line that is a spike, with what is usual there; a day that is not named cost
    nothing."""
    for day in sorted(days):
        before = [day - number * _DAY for number in range(1, _BEFORE + 1)]
        known = [other for other in before if other in days]
        if not known or day - min(known) < _AT_WORK:
            continue
        spent = sorted((days[other].spent for other in known), reverse=True)
        usual = spent[_DEARER - 1] if len(spent) >= _DEARER else Decimal(0)
        here = days[day].spent
        if here > _TIMES * usual and here - usual >= _LEAST_MORE:
            yield day, usual


def _days(
    session: Session, card: RateCard, client_id: str, first: date, last: date
) -> Mapping[str, Mapping[date, Day]]:
    lines: dict[str, dict[date, Day]] = defaultdict(dict)
    for row in of_days(session, _MESSAGES, client_id, first, last):
        was = lines[row.line_id].get(row.day, Day(messages=0, spent=Decimal(0)))
        here = money(row)
        spent = here and card.convert(here, USD, row.day)
        lines[row.line_id][row.day] = Day(
            messages=was.messages + row.quantity,
            spent=was.spent + (spent.amount if spent else Decimal(0)),
        )
    return lines
