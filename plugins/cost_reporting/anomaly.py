"""One thing that stands out, as the API, the page and the event have it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from gateway.plugin_api import Money
from plugins.cost_reporting.rate_cards import RateCard
from plugins.cost_reporting.statement import amounts


@dataclass(frozen=True, kw_only=True)
class Anomaly:
    """What it cost and what is usual; the latter is None where it is not known."""

    kind: str
    day: date
    until: date | None = None
    line_id: str | None = None
    template: Mapping[str, str] | None = None  # id, name, language
    messages: int
    cost: Sequence[Money]
    usual: Sequence[Money] | None
    each: Sequence[Money] | None = None  # how much more one costs, by list


def shown(card: RateCard, on: date, one: Anomaly) -> dict[str, Any]:
    more = None
    if one.usual is not None:
        less = [Money(amount=-it.amount, currency=it.currency) for it in one.usual]
        more = [*one.cost, *less]
    template = one.template or {}
    return {
        "kind": one.kind,
        "day": one.day.isoformat(),
        "until": one.until and one.until.isoformat(),
        "line_id": one.line_id,
        "template_id": template.get("id"),
        "template_name": template.get("name"),
        "template_language": template.get("language"),
        "messages": one.messages,
        "amounts": amounts(card, on, one.cost),
        "usual": amounts(card, on, one.usual),
        "costs_more": amounts(card, on, more),
        "each_costs_more": None if one.each is None else amounts(card, on, one.each),
    }
