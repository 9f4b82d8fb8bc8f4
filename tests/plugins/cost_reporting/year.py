"""A year that many clients could have had, made up from a seed, and what it comes to by hand.

Statuses are told twice, out of order, after their month was closed, or as `read` alone; prices and
exchange rates change in the middle of months; volumes are a portfolio's, an allowance a line's.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from time import monotonic
from typing import Final

from gateway.events.service import BATCH
from gateway.ids import new_id
from gateway.plugin_api import Event, built
from plugins import cost_reporting
from plugins.cost_reporting import card_files, card_store, ledger, periods, rents, statements
from plugins.cost_reporting.pricing import CostReporting
from tests.plugins.cost_reporting.test_rate_cards import HEADER

CATEGORIES: Final = ("utility", "service", "marketing")
FREE: Final = 15  # service messages a number and month
VOLUME: Final = 150  # utility messages a portfolio and month, until they cost less
_SHARING: Final = 10  # clients on a portfolio
_DEAR_FROM: Final = date(2025, 8, 17)
_RATES: Final = ((date(2025, 1, 1), "10.50"), (date(2025, 7, 12), "9.9375"),
                 (date(2025, 9, 20), "10.013"))  # fmt: skip
_PRICES: Final = {
    "utility": (("0.0230", "0.0191"), ("0.0317", "0.0263")),
    "service": (("0.0233", "0.0233"), ("0.0311", "0.0311")),
    "marketing": (("0.0414", "0.0414"), ("0.0517", "0.0517")),
}

# Month, recruiter, application and category.
What = tuple[str, str, str, str]


@dataclass(frozen=True, kw_only=True)
class Company:
    client_id: str
    line_id: str
    recruiters: Sequence[str]
    portfolio: str


@dataclass
class Came:
    """So many messages, and what they came to."""

    quantity: int = 0
    amount: Decimal = Decimal(0)

    def add(self, quantity: int, amount: Decimal) -> None:
        self.quantity += quantity
        self.amount += amount


@dataclass(frozen=True, kw_only=True, slots=True)
class Sent:
    """A message that was delivered, and whether that was told before its month was closed."""

    company: Company
    message_id: str
    recruiter_id: str
    application: str
    category: str
    at: datetime
    late: bool

    @property
    def month(self) -> str:
        return self.at.date().isoformat()[:7]


def card() -> str:
    """The rate card of the year, as a file."""
    rows = [HEADER, "market,MA,MA,,,,,,,2025-01-01,,x\n", "number,,MA,,,,1.00,USD,,2025-01-01,,x\n"]
    rows.append(f"allowance,,,service,,,{FREE},,,2025-01-01,,x\n")
    for category, prices in _PRICES.items():
        spans = (("2025-01-01", _DEAR_FROM - timedelta(days=1)), (_DEAR_FROM, ""))
        for (before, after), (since, through) in zip(prices, spans, strict=True):
            for price, volumes in ((before, f"1,{VOLUME}"), (after, f"{VOLUME + 1},")):
                span = f"{since},{through}"
                rows.append(f"message,MA,,{category},{volumes},{price},USD,,{span},x\n")
    for number, (since, rate) in enumerate(_RATES):
        until = _RATES[number + 1][0] - timedelta(days=1) if number + 1 < len(_RATES) else ""
        rows.append(f"exchange_rate,,,,,,{rate},MAD,USD,{since},{until},x\n")
    return "".join(rows)


def companies(client_ids: Sequence[str]) -> list[Company]:
    return [
        Company(
            client_id=client_id,
            line_id=new_id("line"),
            recruiters=[new_id("rec") for _ in range(3)],
            portfolio=f"portfolio-{number // _SHARING}",
        )
        for number, client_id in enumerate(client_ids)
    ]


def _sent(company: Company, first: date, count: int, random: Random) -> list[Sent]:
    """What a company had delivered in a month."""
    begins = datetime(first.year, first.month, first.day, tzinfo=UTC)
    return [
        Sent(
            company=company,
            message_id=new_id("msg"),
            recruiter_id=random.choice(company.recruiters),
            application=f"JOB-{random.randrange(5)}",
            category=random.choice(CATEGORIES),
            at=begins + timedelta(seconds=random.randrange(28 * 24 * 3600)),
            late=random.random() < 0.02,
        )
        for _ in range(count)
    ]


def _told(messages: Sequence[Sent], random: Random) -> list[Event]:
    """The statuses that are heard of them, as they come."""
    events: list[Event] = []
    for one in messages:
        luck = random.random()
        if luck > 0.05:
            events.append(_event(one, "delivered", one.at))
        if luck < 0.1:  # of the first half of these nothing else is heard, hence that is the proof
            events.append(_event(one, "read", one.at if luck <= 0.05 else one.at + _LATER))
        if luck > 0.95:
            events.append(_event(one, "delivered", one.at))
    random.shuffle(events)
    return events


def _activated(company: Company, at: datetime) -> Event:
    data = {"line_id": company.line_id, "country": "MA", "paid_by": "platform",
            "portfolio_id": company.portfolio, "phone_number": "+212520000001",
            "supplier": "twilio", "monthly_amount": None, "monthly_currency": None,
            "rented_at": at.isoformat(), "assigned_at": None}  # fmt: skip
    return Event(event_id=new_id("evt"), type="line.activated", client_id=company.client_id,
                 occurred_at=at, data=data)  # fmt: skip


_LATER: Final = timedelta(minutes=3)


def _event(one: Sent, type_: str, at: datetime) -> Event:
    data = {"at": at.isoformat(), "message_id": one.message_id, "conversation_id": "",
            "line_id": one.company.line_id, "recruiter_id": one.recruiter_id,
            "category": one.category, "pricing_type": "regular", "country": "MA",
            "application_ref": one.application}  # fmt: skip
    return Event(event_id="", type=f"message.{type_}", client_id=one.company.client_id,
                 occurred_at=at, data=data)  # fmt: skip


def play(
    firms: Sequence[Company],
    months: Sequence[date],
    *,
    messages: int,
    seed: int,
    closed_in: Callable[[date, float], None] = lambda month, seconds: None,
) -> list[Sent]:
    """Live through the months, each closed as soon as it is over; all that was delivered."""
    random, pricing = Random(seed), built(CostReporting)
    card_store.put_in("meta", card_files.read(card().encode()))
    ends = datetime.combine(months[-1], time(12), UTC) + timedelta(days=27)
    for firm in firms:
        begun = _activated(firm, datetime.combine(months[0], time(), UTC))
        rents.start(firm.client_id, [begun], pricing, ends)
        rents.end(firm.client_id, [replace(begun, occurred_at=ends)], pricing)
    history: list[Sent] = []
    late: dict[str, list[Sent]] = {firm.client_id: [] for firm in firms}
    for first in months:
        for firm in firms:
            mine = _sent(firm, first, messages, random)
            history += mine
            known = [*late[firm.client_id], *(it for it in mine if not it.late)]
            late[firm.client_id] = [it for it in mine if it.late]
            _tell(firm, _told(known, random))
        ledger.correct_moved()
        began = monotonic()
        closed, refused = statements.close_all(pricing, first)
        closed_in(first, monotonic() - began)
        assert (len(closed), refused) == (len(firms), {})
    for firm in firms:
        _tell(firm, _told(late[firm.client_id], random))
    ledger.correct_moved()
    return history


def _tell(firm: Company, events: Sequence[Event]) -> None:
    """As the gateway does, so many at a time."""
    for number in range(0, len(events), BATCH):
        some = events[number : number + BATCH]
        cost_reporting.on_message_statuses_changed(firm.client_id, some)


def require_right(firms: Sequence[Company], months: Sequence[date], history: Sequence[Sent]) -> int:
    """AssertionError where anything is not what it comes to by hand, to the last decimal; how many
    lines of statements corrected another."""
    corrections = 0
    expected = _recomputed(history)
    for firm in firms:
        by_hand = expected[firm.client_id]
        _require_months(firm, months, by_hand)
        corrections += _require_statements(firm, months, by_hand)
    return corrections


def _require_statements(firm: Company, months: Sequence[date], by_hand: Mapping[What, Came]) -> int:
    """All statements of a client together are its year, each line what was delivered of its kind;
    how many lines corrected another."""
    pricing = built(CostReporting)
    shown = [
        pricing.statement(firm.client_id, periods.first_day(it["month"]))
        for it in pricing.statements(firm.client_id)
    ]
    assert [it["status"] for it in shown].count("open") <= 1
    lines = [line for one in shown for line in one["lines"]]
    found: dict[What, Came] = defaultdict(Came)
    for line in lines:
        if line["kind"] == "message":
            what = (line["month"], line["recruiter_id"], line["application"], line["category"])
            found[what].add(line["quantity"], Decimal(line["exact"]["amount"]))
    assert found == by_hand
    numbers = [line["exact"] for line in lines if line["kind"] != "message"]
    assert numbers == [{"amount": "1.00", "currency": "USD"}] * len(months)
    for one in shown:
        dollars = sum(Decimal(line["exact"]["amount"]) for line in one["lines"])
        mad = dollars * _rate(periods.last_day(one["month"]))
        assert Decimal(one["totals"]["USD"]) == dollars
        assert one["totals"]["MAD"] == str(mad.quantize(Decimal("0.01"), ROUND_HALF_UP))
    return sum(line["correction"] for line in lines)


def _require_months(firm: Company, months: Sequence[date], by_hand: Mapping[What, Came]) -> None:
    """A month as it is read is what was delivered in it, whichever statement that went into."""
    pricing = built(CostReporting)
    for first in months:
        found = {
            line["category"]: Came(line["quantity"], Decimal(line["amount"]["amount"]))
            for line in pricing.month(firm.client_id, first)["lines"]
            if line["kind"] == "message"
        }
        sums: dict[str | None, Came] = defaultdict(Came)
        for (month, _, _, category), came in by_hand.items():
            if month == f"{first:%Y-%m}":
                sums[category].add(came.quantity, came.amount)
        assert found == sums


def _recomputed(messages: Sequence[Sent]) -> dict[str, dict[What, Came]]:
    """By client, what the messages cost in dollars, counted by hand in the order of delivery."""
    used: Counter[tuple[str, ...]] = Counter()
    found: dict[str, dict[What, Came]] = defaultdict(lambda: defaultdict(Came))
    for one in sorted(messages, key=lambda it: (it.at, f"message:{it.message_id}")):
        counter = (one.month, one.company.portfolio, one.category)
        if one.category == "service":
            counter = (one.month, one.company.line_id, "free")
        used[counter] += 1
        prices = _PRICES[one.category][one.at.date() >= _DEAR_FROM]
        is_free = one.category == "service" and used[counter] <= FREE
        price = Decimal(0) if is_free else Decimal(prices[used[counter] > VOLUME])
        what = (one.month, one.recruiter_id, one.application, one.category)
        found[one.company.client_id][what].add(1, price)
    return found


def _rate(on: date) -> Decimal:
    return Decimal(next(rate for since, rate in reversed(_RATES) if since <= on))


def month_starts(first: date, count: int) -> Iterator[date]:
    for number in range(first.month - 1, first.month - 1 + count):
        yield date(first.year + number // 12, number % 12 + 1, 1)
