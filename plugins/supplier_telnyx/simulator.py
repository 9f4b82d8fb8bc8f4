"""Telnyx as the sandbox plays it.

`public_key` of the settings has to be the public half of `signing_key(api_key)`.
"""

from typing import Any

from flask import Blueprint

from gateway.plugin_api import Carrier, Simulator, World
from plugins.supplier_telnyx.simulated_account import Account
from plugins.supplier_telnyx.simulated_api import make_blueprint
from plugins.supplier_telnyx.simulated_calls import Lines, Reports
from plugins.supplier_telnyx.simulated_papers import Papers


class TelnyxSimulator(Simulator, Carrier):
    """The one configured account: it sells numbers and brings calls and texts to them."""

    mount = "telnyx"
    supplier = "telnyx"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._account = Account(world)
        reports = Reports(world, self._account)
        self._lines = Lines(world, self._account, reports)
        self._papers = Papers(world, self._account.stock, reports)

    def blueprint(self) -> Blueprint:
        return make_blueprint(self._account, self._lines, self._papers, self.world.faults)

    def carries(self, phone_number: str) -> bool:
        return self._account.rented(phone_number) is not None

    def take_call(self, to: str, *, caller: str, speech: str) -> None:
        self._lines.ring(to, caller, speech)

    def take_text(self, to: str, *, sender: str, body: str) -> bool:
        return self._lines.text(to, sender, body)

    def ledger(self) -> list[dict[str, Any]]:
        return self._account.stock.ledger()

    def submissions(self) -> list[dict[str, Any]]:
        return self._papers.submissions()
