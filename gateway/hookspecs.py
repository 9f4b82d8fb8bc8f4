"""Every hook, typed, in firing order. Implement one by a function of its name under `@hookimpl`.

`register_…` is asked once, at start-up, in the order of the configured plugins. `on_…` is told
after commit, each plugin by a job of its own: whoever is slow or fails delays nobody else, and is
told again until it succeeds, so the same event may come twice (compare `event_id`).
Parameters are plain names without defaults; whoever does not need one may leave it out.
"""

from collections.abc import Sequence

import click
import pluggy

from gateway.ats.contract import AtsAdapter
from gateway.costs.contract import Pricing
from gateway.errors import ErrorCode
from gateway.events.contract import Event
from gateway.messaging.contract import MessagingProvider
from gateway.onboarding.contract import OnboardingProvider
from gateway.provisioning.capture_contract import CodeCapture
from gateway.provisioning.connector_contract import Connector
from gateway.provisioning.contract import NumberSupplier
from gateway.provisioning.registrar_contract import NumberRegistrar
from gateway.schedules import Schedule

PROJECT = "gateway"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def register_onboarding_providers() -> list[type[OnboardingProvider]]:  # type: ignore[empty-body]
    """Fires at start-up. Return the classes of the cases this plugin offers."""


@hookspec
def register_number_suppliers() -> list[type[NumberSupplier]]:  # type: ignore[empty-body]
    """Fires at start-up. Return the classes that sell numbers."""


@hookspec
def register_code_captures() -> list[type[CodeCapture]]:  # type: ignore[empty-body]
    """Fires at start-up. Return the classes that hear verification codes."""


@hookspec
def register_number_registrars() -> list[type[NumberRegistrar]]:  # type: ignore[empty-body]
    """Fires at start-up. Return the classes that make a number a WhatsApp number."""


@hookspec
def register_connectors() -> list[type[Connector]]:  # type: ignore[empty-body]
    """Fires at start-up. Return the classes that link a business which is not ours."""


@hookspec
def register_messaging_providers() -> list[type[MessagingProvider]]:  # type: ignore[empty-body]
    """Fires at start-up. Return the classes that carry messages."""


@hookspec
def register_pricing() -> list[type[Pricing]]:  # type: ignore[empty-body]
    """Fires at start-up. Return the class that knows prices; only one plugin may."""


@hookspec
def register_ats_adapters() -> list[type[AtsAdapter]]:  # type: ignore[empty-body]
    """Fires at start-up. Return the classes that read the webhooks of an ATS."""


@hookspec
def register_commands() -> list[click.Command]:  # type: ignore[empty-body]
    """Fires when `gateway` is asked for a command. Return what goes beside the gateway's own."""


@hookspec
def register_schedules() -> list[Schedule]:  # type: ignore[empty-body]
    """Fires at start-up. Return what is to be run again and again."""


@hookspec
def register_error_codes() -> list[ErrorCode]:  # type: ignore[empty-body]
    """Fires at start-up. Return the codes of the errors that this plugin's providers raise."""


@hookspec
def register_history() -> list[str]:  # type: ignore[empty-body]
    """Fires at start-up. Return the types of events that this plugin is to be told of, once it is
    first on, from the very beginning; of others it hears from then on."""


@hookspec
def register_simulators() -> list[str]:  # type: ignore[empty-body]
    """Fires at start-up. Return `package.module:Class` paths; only the sandbox imports them."""


@hookspec
def on_lines_activated(client_id: str, events: Sequence[Event]) -> None:
    """Fires when lines of one client became active, with their `line.activated` events."""


@hookspec
def on_message_statuses_changed(client_id: str, events: Sequence[Event]) -> None:
    """Fires when messages of one client moved on, with their `message.sent`, `message.delivered`,
    `message.read`, `message.played`, `message.failed` and `message.delivery_learned` events, mixed,
    in order of occurrence."""


@hookspec
def on_numbers_replaced(client_id: str, events: Sequence[Event]) -> None:
    """Fires when lines of one client got another number, or theirs another supplier, with their
    `line.number_replaced` and `line.rent_moved` events, mixed."""


@hookspec
def on_lines_released(client_id: str, events: Sequence[Event]) -> None:
    """Fires when lines of one client were given up, with their `line.released` events."""


@hookspec
def on_numbers_given_back(client_id: str, events: Sequence[Event]) -> None:
    """Fires when numbers that waited in quarantine went back to their suppliers, or to the pool,
    with their `number.given_back` and `number.pooled` events; the client is the platform itself."""


@hookspec
def on_templates_changed(client_id: str, events: Sequence[Event]) -> None:
    """Fires when templates of one client stand otherwise with Meta than before, with their
    `template.changed` events."""
