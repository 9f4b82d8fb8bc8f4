"""What groups would be for a line: looked at over there by a job."""

from dataclasses import asdict
from typing import Any, Final

from flask import current_app
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gateway import clock, outbox
from gateway.groups.contract import GroupCarrier, InvestigatesGroups
from gateway.groups.models import GroupsLook
from gateway.messaging.contract import MessagingProvider
from gateway.plugin_host import PluginHost
from gateway.problems import Problem
from gateway.provisioning import access, numbers
from gateway.provisioning import service as provisioning
from gateway.provisioning.models import Number

LOOK: Final = "groups.look"


def ask(session: Session, client_id: str, line_id: str) -> GroupsLook:
    """Promise a fresh look at how the line stands; what was seen before is kept until then."""
    _number(session, line_id)
    investigator()
    values = {"client_id": client_id, "line_id": line_id, "asked_at": clock.now()}
    session.execute(
        insert(GroupsLook)
        .values(values)
        .on_conflict_do_update(
            index_elements=["client_id", "line_id"], set_={"asked_at": values["asked_at"]}
        )
    )
    outbox.put(session, LOOK, line_id, client_id=client_id)
    return session.get_one(GroupsLook, (client_id, line_id), populate_existing=True)


def seen(session: Session, client_id: str, line_id: str) -> GroupsLook:
    """What was seen last; 404 where nobody ever asked."""
    provisioning.line(session, client_id, line_id)
    found = session.get(GroupsLook, (client_id, line_id))
    if found is None:
        raise Problem(404, "not_investigated", "Nobody has asked for this line yet: POST here.")
    return found


def investigate(number: Number, client_id: str) -> dict[str, Any]:
    """The report on a client's number as it stands over there now."""
    acting = access.of_waba(carrier(), client_id, number.waba_id)
    return asdict(investigator().report(acting.group_standing(str(number.phone_number_id))))


def _number(session: Session, line_id: str) -> Number:
    number = numbers.number_of(session, line_id)
    if number is None or number.phone_number_id is None:
        raise Problem(409, "line_not_ready", "The line has no number at WhatsApp yet.")
    return number


def investigator() -> InvestigatesGroups:
    for provider in _host().onboarding_providers:
        if isinstance(provider, InvestigatesGroups):
            return provider
    raise Problem(501, "no_investigation", "No enabled plugin investigates groups.")


def carrier() -> GroupCarrier:
    found = messaging()
    if not isinstance(found, GroupCarrier):
        raise Problem(501, "no_investigation", "The messaging provider knows nothing of groups.")
    return found


def messaging() -> MessagingProvider:
    name = current_app.extensions["settings"].messaging.provider
    found: MessagingProvider = _host().messaging_providers.get(name)
    return found


def _host() -> PluginHost:
    host: PluginHost = current_app.extensions["plugin_host"]
    return host
