"""A drawer of SIM cards as a supplier of numbers.

Providers translate and touch no database; this one has no other side than a table of its own, so
what is elsewhere an HTTP API is here `drawer.py`: each call one short transaction in the platform's
scope, inside none of the core's. What it did is there or not, never unknown.
"""

from collections.abc import Sequence

from gateway.plugin_api import (
    CodeMethod,
    InboundUrls,
    Money,
    NumberOffer,
    NumberSupplier,
    NumberType,
    OwnedNumber,
    Quote,
    Refused,
    TryAgain,
)
from plugins.supplier_operator_sim import drawer
from plugins.supplier_operator_sim.models import Sim
from plugins.supplier_operator_sim.settings import OperatorSimSettings

# A mobile hears both; a text is there in writing.
_HEARS: tuple[CodeMethod, ...] = ("SMS", "VOICE")


class OperatorSimSupplier(NumberSupplier):
    """Takes cards out of the drawer by reference, and puts them back."""

    name = "operator-sim"
    settings_schema = OperatorSimSettings

    def search(self, country: str, number_type: NumberType | None = None) -> Sequence[NumberOffer]:
        if not drawer.holds(country):
            raise Refused(
                "country_not_sold",
                f"No SIM card of {country} was ever put in the drawer; `gateway sims import` does.",
            )
        if number_type not in (None, "mobile"):
            raise Refused("type_not_sold", f"A SIM card is a mobile number, not {number_type}.")
        offers = [
            NumberOffer(
                phone_number=sim.phone_number, country=country, number_type="mobile", hears=_HEARS
            )
            for sim in drawer.free(country)
        ]
        if not offers:
            raise Refused(
                "out_of_stock",
                f"Every SIM card of {country} is in use; put more in with `gateway sims import`.",
            )
        return offers

    def quote(self, offer: NumberOffer) -> Quote:
        sim = drawer.card(offer.phone_number)
        return Quote(monthly=self._monthly(sim) if sim else None, set_up=None)

    def order(self, offer: NumberOffer, *, reference: str, inbound: InboundUrls) -> OwnedNumber:
        """Take the card out; who puts it into a modem points that at `inbound`."""
        sim = drawer.of_order(reference) or drawer.take(offer.phone_number, reference)
        if sim is None:
            raise TryAgain("number_taken", "Another line took this SIM card.")
        return self._owned(sim)

    def find(self, reference: str) -> OwnedNumber | None:
        sim = drawer.of_order(reference)
        return self._owned(sim) if sim else None

    def release(self, supplier_ref: str) -> None:
        """Put the card back. It goes by its order: the next one that has it is left alone."""
        drawer.give_back(supplier_ref)

    def _owned(self, sim: Sim) -> OwnedNumber:
        return OwnedNumber(
            supplier_ref=sim.reference or "",
            phone_number=sim.phone_number,
            hears=_HEARS,
            monthly_price=self._monthly(sim),
        )

    def _monthly(self, sim: Sim) -> Money | None:
        if sim.monthly_amount is not None and sim.monthly_currency is not None:
            return Money(amount=sim.monthly_amount, currency=sim.monthly_currency)
        price = self.settings["monthly_price"]
        return (
            Money(amount=price, currency=self.settings["currency"]) if price is not None else None
        )
