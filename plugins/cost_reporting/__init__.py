"""What everything costs: prices before, and a ledger of what was delivered and rented after."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import click

from gateway.plugin_api import Event, Pricing, Schedule, built, hookimpl, now
from plugins.cost_reporting import anomalies, budgets, ledger, rents, set_ups, unused
from plugins.cost_reporting.commands import costs
from plugins.cost_reporting.pricing import CostReporting
from plugins.cost_reporting.rules import deliveries

_ENTERED: Final = (
    "line.activated",
    "line.number_replaced",
    "line.rent_moved",
    "line.released",
    "number.given_back",
    "number.pooled",
    "message.delivered",
    "message.delivery_learned",
    "message.read",
    "message.played",
    "template.changed",
)


@hookimpl
def register_pricing() -> list[type[Pricing]]:
    return [CostReporting]


@hookimpl
def register_commands() -> list[click.Command]:
    return [costs]


@hookimpl
def register_schedules() -> list[Schedule]:
    minute = timedelta(minutes=1)
    return [
        Schedule(name="number-rents", every=minute, run=rents.enter_this_month),
        Schedule(name="moved-messages", every=minute, run=ledger.correct_moved),
        Schedule(name="budgets", every=10 * minute, run=_look_at_budgets),
        Schedule(name="anomalies", every=10 * minute, run=_look_for_anomalies),
    ]


@hookimpl
def register_history() -> list[str]:
    """All that the ledger is made of: what was delivered and rented before is priced by its day."""
    return [*_ENTERED]


@hookimpl
def on_lines_activated(client_id: str, events: Sequence[Event]) -> None:
    rents.start(client_id, events, built(CostReporting), now())
    set_ups.enter(client_id, events, built(CostReporting))
    budgets.look(built(CostReporting), client_id)


@hookimpl
def on_message_statuses_changed(client_id: str, events: Sequence[Event]) -> None:
    pricing = built(CostReporting)
    anomalies.note(client_id, events)
    ledger.enter_messages(client_id, deliveries(events, pricing.zone), pricing.card)
    budgets.look(pricing, client_id)


@hookimpl
def on_numbers_replaced(client_id: str, events: Sequence[Event]) -> None:
    rents.replace(client_id, events, built(CostReporting))
    set_ups.enter(client_id, events, built(CostReporting))
    budgets.look(built(CostReporting), client_id)


@hookimpl
def on_lines_released(client_id: str, events: Sequence[Event]) -> None:
    rents.end(client_id, events, built(CostReporting))


@hookimpl
def on_numbers_given_back(client_id: str, events: Sequence[Event]) -> None:
    unused.enter(client_id, events, built(CostReporting))
    budgets.look(built(CostReporting), client_id)


@hookimpl
def on_templates_changed(client_id: str, events: Sequence[Event]) -> None:
    anomalies.hear(built(CostReporting), client_id, events)


def _look_for_anomalies() -> None:
    anomalies.look_at_all(built(CostReporting))


def _look_at_budgets() -> None:
    budgets.look_at_all(built(CostReporting))
