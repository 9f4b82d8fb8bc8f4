"""DIDWW as the sandbox plays it."""

from typing import Any

from flask import Blueprint

from gateway.plugin_api import Carrier, Simulator, World, hears_texts
from plugins.supplier_didww.simulated_account import Account
from plugins.supplier_didww.simulated_api import make_blueprint
from plugins.supplier_didww.simulated_lines import Lines


class DidwwSimulator(Simulator, Carrier):
    """The one configured account: it sells numbers and brings texts to them."""

    mount = "didww"
    supplier = "didww"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._lines = Lines(world)
        self.account = Account(world, self._lines)

    def blueprint(self) -> Blueprint:
        return make_blueprint(self.account, self.world.faults)

    def carries(self, phone_number: str) -> bool:
        return self.account.rented(phone_number) is not None

    def take_call(self, to: str, *, caller: str, speech: str) -> None:
        """It rings, and nobody here transcribes what is said."""

    def take_text(self, to: str, *, sender: str, body: str) -> bool:
        did = self.account.rented(to)
        hears = did is not None and hears_texts(to)
        if did is not None and hears:
            self._lines.text(did, sender, body)
        return hears

    def ledger(self) -> list[dict[str, Any]]:
        return self.account.stock.ledger()
