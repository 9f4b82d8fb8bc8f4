"""The exchange rates that a closed statement is read by, whatever the cards say later."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from plugins.cost_reporting.rate_cards import RateCard, Row


def frozen(card: RateCard, on: date) -> list[dict[str, str]]:
    """Those of a card that hold on a day, as JSON."""
    return [
        {
            "from": row.per,
            "to": row.currency,
            "rate": format(row.amount, "f"),
            "as_of": row.since.isoformat(),
            "source": row.source,
        }
        for row in card.rows
        if row.kind == "exchange_rate" and row.covers(on)
    ]


def as_card(rates: Iterable[Mapping[str, str]]) -> RateCard:
    """A card that knows these alone."""
    return RateCard(
        "frozen",
        0,
        [
            Row(
                line=line,
                kind="exchange_rate",
                amount=Decimal(rate["rate"]),
                currency=rate["to"],
                per=rate["from"],
                since=date.fromisoformat(rate["as_of"]),
                through=None,
                source=rate["source"],
            )
            for line, rate in enumerate(rates, 1)
        ],
    )
