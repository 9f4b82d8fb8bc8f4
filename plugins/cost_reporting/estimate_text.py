"""An estimate as a person reads it in a terminal."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from plugins.cost_reporting.statement import MAD, USD

_ITEMS: Final = {"number_month": "number, a month"}


def as_text(figures: Mapping[str, Any]) -> str:
    lines = list(_card(figures))
    if figures["in_force"]:
        lines += ["", "The same by the rate card in force:", *_card(figures["in_force"])]
    return "\n".join(lines)


def _card(figures: Mapping[str, Any]) -> Iterable[str]:
    where = figures["market"] or "no market of this card"
    yield f"Rate card {figures['rate_card']}, {figures['on']}, {figures['country']} ({where})"
    rate = figures["exchange_rate"]
    if rate:
        yield f"  1 {rate['from']} = {rate['rate']} {rate['to']} ({rate['source']})"
    else:
        yield f"  {figures['note']}"
    yield from (_price(price) for price in figures["prices"])
    clients = figures["clients"]
    yield f"A month of {clients} client{'s' if clients > 1 else ''}:"
    yield from (_case(case) for case in figures["cases"])
    yield from (f"  {case}: {note}" for case, note in _notes(figures["cases"]).items())
    if figures["markup"]:
        yield figures["markup"]["says"]


def _price(price: Mapping[str, Any]) -> str:
    item = _ITEMS.get(price["item"], price["item"])
    if price["price"] is None:
        return f"  {item:<18} not on this card"
    volume = "" if price["volume_from"] == 1 else f", from the {price['volume_from']}th on"
    free = (
        f", the first {price['free_each_month']} a month free" if price["free_each_month"] else ""
    )
    one = f"{price['price']['amount']} {price['price']['currency']}"
    mad = price["rounded"][MAD]
    return f"  {item:<18} {one:>12}  {f'{mad} MAD' if mad else '':>12}{volume}{free}"


def _case(case: Mapping[str, Any]) -> str:
    name = case["case"] if case["offered"] else f"{case['case']} (not offered)"
    parts = [f"  {name:<21} introductions as {case['introduction']:<10}"]
    if case["unpriced"]:
        return f"{parts[0]} not known: no price for {', '.join(case['unpriced'])}"
    parts.append(f"invoiced {_both(case['invoiced'])}")
    if any(line["paid_to"] == "meta" for line in case["lines"]):
        parts.append(f"paid to Meta directly {_both(case['paid_to_meta'])}")
    return "  ".join(parts)


def _both(amounts: Mapping[str, str | None]) -> str:
    mad = f" ({amounts[MAD]} MAD)" if amounts[MAD] else ""
    return f"{amounts[USD]} USD{mad}"


def _notes(cases: Iterable[Mapping[str, Any]]) -> Mapping[str, str]:
    return {case["case"]: case["note"] for case in cases if case["note"]}
