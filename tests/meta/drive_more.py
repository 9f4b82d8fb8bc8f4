"""The calls for a client's own number, its app, pre-verified numbers, groups, and how all stand."""

import contextlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import requests

from gateway.plugin_api import ProviderError

from .loopback import OTHER_LINE, PORTFOLIO, WABA, WAIT_SECONDS, Loopback, digits_in

_IN_APP, _ON_API = "+212600111001", "+212600111002"
_PRE_VERIFIED = "+212520000009"


def drive_more(meta: Loopback) -> None:
    """Once each, with a refusal of each kind of call that has one of its own."""
    _sign_up(meta)
    _pre_verify(meta)
    _look(meta)
    _group(meta)


def _sign_up(meta: Loopback) -> None:
    """A client links a number of the API and one of its app, and leaves."""
    connector = meta.connector
    token = connector.exchange(_finished(meta, _ON_API)["code"])
    (waba_id,) = connector.inspect(token).accounts
    registrar = meta.registrar.acting_by(token)
    registrar.subscribe(waba_id)
    (one,) = connector.numbers(token, waba_id)
    registrar.register(one.number.phone_number_id, pin="135790")
    connector.has_payment_method(token, waba_id)
    _finished(meta, _IN_APP, coexists=True)
    (in_app,) = [it for it in connector.numbers(token, waba_id) if it.coexists]
    number_id = in_app.number.phone_number_id
    for part in ("contacts", "history"):
        registrar.ask_app_data(number_id, part)
        _refused(lambda part=part: registrar.ask_app_data(number_id, part))
    _refused(lambda: registrar.register(number_id, pin="135790"))
    _refused(lambda: registrar.deregister(number_id))
    registrar.health(waba_id)
    connector.leave(token, waba_id)
    _refused(lambda: connector.inspect("EAAmadeup"))
    _refused(lambda: connector.exchange("AQBmadeup"))


def _finished(meta: Loopback, phone: str, **more: Any) -> Mapping[str, Any]:
    """What the pop-up tells at its end."""
    sent = _in_popup(meta, "number", {"phone": phone, **more})
    given = {"business": "Atlas SARL", "phone": phone, "code": sent["sandbox_code"], **more}
    return _in_popup(meta, "finish", given)


def _in_popup(meta: Loopback, step: str, body: Mapping[str, Any]) -> Any:
    answer = requests.post(f"{meta.url}/graph/dialog/{step}", json=body, timeout=WAIT_SECONDS)
    answer.raise_for_status()
    return answer.json()


def _pre_verify(meta: Loopback) -> None:
    registrar = meta.registrar
    offered = registrar.add_pre_verified(portfolio_id=PORTFOLIO, phone_number=_PRE_VERIFIED)
    registrar.request_code(offered, method="SMS", language="en_US")
    _, text = meta.operator.heard.get(timeout=WAIT_SECONDS)
    registrar.verify_code(offered, digits_in(text))
    registrar.pre_verified(PORTFOLIO)
    registrar.remove_pre_verified(offered)
    registrar.remove_pre_verified(offered)  # the form of a refusal


def _look(meta: Loopback) -> None:
    registrar = meta.registrar
    registrar.health(WABA)
    registrar.verification(PORTFOLIO)
    registrar.acts_for_others()
    until = datetime.now(UTC)
    registrar.charges(WABA, since=until - timedelta(days=2), until=until)


def _group(meta: Loopback) -> None:
    number_id = meta.connect(phone=OTHER_LINE)
    _refused(lambda: meta.messaging.open_group(number_id, subject="Driver in Safi"))
    meta.panel("PUT", "graph/decisions", {"official": [OTHER_LINE]})
    meta.messaging.group_standing(number_id)
    meta.messaging.open_group(number_id, subject="Driver in Safi")
    meta.next_change(lambda change: change.field == "group_lifecycle_update")
    (group,) = meta.messaging.groups(number_id)
    note = {"body": "Nobody is there yet"}
    _refused(
        lambda: meta.messaging.write_to_group(number_id, group.group_id, type="text", content=note)
    )


def _refused(call: Callable[[], Any]) -> None:
    """A call that the platform refuses: the form of its refusal is checked."""
    with contextlib.suppress(ProviderError):
        call()
        raise AssertionError("the platform refuses this")
