"""What all parts of the simulated platform share: accounts, numbers, calls, webhooks."""

import hmac
import json
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from hashlib import sha256
from typing import Any

from flask import request

from gateway.plugin_api import Fault, World

from . import simulator_businesses as businesses
from .settings import NAME
from .simulator_decisions import Decisions
from .simulator_errors import GraphError, no_such_object

_WEBHOOK_PATH = "/webhooks/whatsapp"


class Platform:
    """The simulated platform's memory. `lock` guards what is read and then written."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.lock = threading.RLock()
        self.decisions = Decisions(world.store)
        self.counts: Counter[str] = Counter()

    @property
    def app(self) -> Mapping[str, Any]:
        """The settings of the gateway's app: its id, secret and token."""
        return self.world.providers[NAME]

    @contextmanager
    def call(self, name: str) -> Iterator[None]:
        """One call of the API, counted and under the fault panel."""
        with self.lock:
            self.counts[name] += 1
        try:
            with self.world.faults.around("graph", name):
                yield
        except Fault as fault:
            raise GraphError(fault.code, "The fault panel asked for this.") from fault

    def identifier(self, kind: str, first: int) -> str:
        """A new id of Meta's form: digits only."""
        return str(first + self.world.number(f"graph_{kind}"))

    def timestamp(self) -> str:
        """Now, as webhooks carry it: seconds in a string."""
        return str(int(self.world.now().timestamp()))

    def portfolio_of(self, waba_id: str) -> Mapping[str, Any]:
        """The portfolio that holds a WABA; Meta's refusal where the WABA does not exist."""
        for portfolio in self.world.portfolios:
            if waba_id in portfolio["wabas"]:
                return portfolio
        return businesses.portfolio_of(self.world.store, waba_id)

    def number(self, number_id: str) -> dict[str, Any]:
        found = self.world.store.get("graph_number", number_id)
        if found is None:
            raise no_such_object(number_id)
        return found

    def numbers(self) -> list[dict[str, Any]]:
        return [number for _, number in self.world.store.all("graph_number")]

    def save_number(self, number: Mapping[str, Any]) -> None:
        self.world.store.put("graph_number", number["id"], number)

    def number_on_whatsapp(self, phone: str) -> dict[str, Any] | None:
        """The number registered under this phone, if one is."""
        found = self.world.store.get("graph_registered", phone)
        return self.number(found["id"]) if found else None

    @property
    def callback(self) -> str:
        """Where the app itself hears webhooks."""
        return self.world.gateway_url + _WEBHOOK_PATH

    def subscription(self, waba_id: str) -> dict[str, Any] | None:
        """That the app subscribed to a WABA; `callback`: the address for it, if it has one."""
        return self.world.store.get("graph_subscription", waba_id)

    def webhook(
        self, waba_id: str, field: str, value: Mapping[str, Any], *, entry_id: str | None = None
    ) -> None:
        """Tell the gateway, if it subscribed to the WABA. Non-ASCII is escaped, as Meta does."""
        subscription = self.subscription(waba_id)
        if subscription is None:
            return
        entry = {
            "id": entry_id or waba_id,
            "time": int(self.world.now().timestamp()),
            "changes": [{"field": field, "value": value}],
        }
        body = json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()
        digest = hmac.new(self.app["app_secret"].encode(), body, sha256).hexdigest()
        self.world.post(
            self._address(subscription, field, value),
            body,
            {"Content-Type": "application/json", "X-Hub-Signature-256": f"sha256={digest}"},
        )

    def tell_limits(self, waba_id: str) -> None:
        """Tell how much the portfolio of a WABA may do now."""
        usual = int(self.portfolio_of(waba_id)["number_limit"])
        value = {
            "max_daily_conversations_per_business": self.decisions.messaging_limit(),
            "max_phone_numbers_per_business": self.decisions.number_limit(usual),
        }
        self.webhook(waba_id, "business_capability_update", value)

    def _address(
        self, subscription: Mapping[str, Any], field: str, value: Mapping[str, Any]
    ) -> str:
        """Only messages may go elsewhere than to the app: as the number has it, else its WABA."""
        if field != "messages":
            return self.callback
        number = self.number(value["metadata"]["phone_number_id"])
        return str(number.get("callback") or subscription.get("callback") or self.callback)

    def ago(self, seconds: float) -> float:
        """The time so many seconds ago, for rolling limits."""
        return (self.world.now() - timedelta(seconds=seconds)).timestamp()


def new_number(
    number_id: str, *, waba_id: str, portfolio_id: str, phone: str, name: str, **more: Any
) -> dict[str, Any]:
    """A number as it is when it was just added."""
    return {
        "id": number_id, "waba_id": waba_id, "phone": phone,
        "portfolio_id": portfolio_id, "verified_name": name,
        "name_status": "PENDING_REVIEW", "new_display_name": None,
        "new_name_status": "NONE", "shown_name": None, "verified": False,
        "status": "PENDING", "pin": None, "code": None, "code_until": None,
        "profile": {}, **more,
    }  # fmt: skip


def given() -> dict[str, Any]:
    """The parameters of this request: Meta takes them in the query, a form or JSON alike."""
    body = request.get_json(silent=True) if request.is_json else None
    if request.is_json and request.content_length and not isinstance(body, dict):
        raise GraphError(100, "The body is no JSON object.")
    return request.args.to_dict() | request.form.to_dict() | (body or {})


def page(items: list[dict[str, Any]], url: str) -> dict[str, Any]:
    """One page of a list, with cursors; `next` only where more follows."""
    asked = request.args
    limit, after = asked.get("limit", "25"), asked.get("after", "0")
    if not (limit.isdecimal() and after.isdecimal()):
        raise GraphError(100, "limit or after is not valid.")
    begin, end = int(after), int(after) + int(limit)
    paging: dict[str, Any] = {"cursors": {"before": str(begin), "after": str(end)}}
    if end < len(items):
        paging["next"] = f"{url}?limit={limit}&after={end}"
    return {"data": items[begin:end], "paging": paging}


def chosen(item: Mapping[str, Any], usual: tuple[str, ...]) -> dict[str, Any]:
    """The fields that were asked for, or the usual ones; `id` always."""
    asked = request.args.get("fields")
    names = tuple(name.strip() for name in asked.split(",")) if asked else usual
    for name in names:
        if name not in item:
            raise GraphError(100, f"Tried accessing nonexisting field ({name}).")
    return {name: item[name] for name in dict.fromkeys((*names, "id")) if item[name] is not None}
