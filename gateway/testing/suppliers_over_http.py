"""What every supplier makes of a network and of a far side that fail."""

from collections.abc import Callable
from typing import ClassVar, Final

import pytest

from gateway.errors import AccountStopped, OutcomeUnknown, ProviderError, TryAgain
from gateway.provisioning.contract import NumberOffer, NumberSupplier, OwnedNumber
from gateway.testing.far_side import SimulatedFarSide
from gateway.testing.serving import eventually
from gateway.testing.suppliers import settled

# What may be asked again without a look: it changes nothing, or the same twice.
_REPEATABLE: Final = ("search", "quote", "find", "release")


class SupplierOverHttp:
    """Inherit beside `SupplierContract` where a simulator plays the far side over HTTP."""

    country: ClassVar[str]

    @pytest.fixture
    def hasty(self, far_side: SimulatedFarSide) -> NumberSupplier:
        """The supplier with less patience than an answer takes that does not come."""
        far_side.world.fault_panel.patience_seconds = 1.0
        return far_side.made(read_seconds=0.5)

    def test_an_order_whose_answer_was_lost_is_found_and_bought_once(
        self, far_side: SimulatedFarSide, hasty: NumberSupplier, offer: NumberOffer, reference: str
    ) -> None:
        _break(far_side, timeout_after_accept_rate=1, calls=["order"])
        with pytest.raises(OutcomeUnknown):
            hasty.order(offer, reference=reference, inbound=far_side.inbound)
        found = settled(far_side.supplier, reference, far_side.supplier.find(reference))
        assert found.phone_number == offer.phone_number
        assert far_side.rented() == [reference]

    def test_an_order_that_never_happened_is_not_found(
        self, far_side: SimulatedFarSide, hasty: NumberSupplier, offer: NumberOffer, reference: str
    ) -> None:
        far_side.world.fault_panel.patience_seconds = 0.3  # by then the caller has given up
        _break(far_side, hold_before="order")
        with pytest.raises(OutcomeUnknown):
            hasty.order(offer, reference=reference, inbound=far_side.inbound)
        _break(far_side)
        eventually(lambda: not far_side.world.fault_panel.show()["held"])
        assert far_side.supplier.find(reference) is None
        assert far_side.rented() == []

    @pytest.mark.parametrize("call", _REPEATABLE)
    def test_a_call_without_an_answer_can_be_repeated(
        self,
        far_side: SimulatedFarSide,
        hasty: NumberSupplier,
        number: OwnedNumber,
        offer: NumberOffer,
        reference: str,
        call: str,
    ) -> None:
        _break(far_side, timeout_after_accept_rate=1)
        with pytest.raises(ProviderError) as raised:
            self._calls(hasty, number, offer, reference)[call]()
        assert raised.value.retryable
        _break(far_side)
        self._calls(far_side.supplier, number, offer, reference)[call]()
        assert far_side.rented() == ([] if call == "release" else [reference])

    def test_whatever_is_limited_did_not_happen(
        self, far_side: SimulatedFarSide, number: OwnedNumber, offer: NumberOffer, reference: str
    ) -> None:
        _break(far_side, error_rate=1)
        for ask in self._calls(far_side.supplier, number, offer, reference).values():
            with pytest.raises(TryAgain):
                ask()
        with pytest.raises(TryAgain):
            far_side.supplier.order(offer, reference=f"{reference}-2", inbound=far_side.inbound)
        assert far_side.rented() == [reference]

    def test_a_wrong_secret_stops_the_account(
        self, far_side: SimulatedFarSide, number: OwnedNumber, offer: NumberOffer, reference: str
    ) -> None:
        locked_out = far_side.made(far_side.simulated.wrong)
        for ask in self._calls(locked_out, number, offer, reference).values():
            with pytest.raises(AccountStopped):
                ask()
        assert far_side.rented() == [reference]

    def test_reports_that_come_twice_late_and_disordered_say_the_same(
        self, far_side: SimulatedFarSide, number: OwnedNumber
    ) -> None:
        far_side.world.fault_panel.set(
            {"webhooks": {"duplicate_rate": 1, "reorder": True, "drop_rate": 0.3}}
        )
        far_side.say(number, "482913", number.hears[0])
        eventually(lambda: far_side.world.deliveries.stats()["pending"] == 0)
        heard = {(code.phone_number, code.code) for code in far_side.heard(far_side.reports)}
        assert heard == {(number.phone_number, "482913")}

    def _calls(
        self, supplier: NumberSupplier, number: OwnedNumber, offer: NumberOffer, reference: str
    ) -> dict[str, Callable[[], object]]:
        return {
            "search": lambda: supplier.search(self.country),
            "quote": lambda: supplier.quote(offer),
            "find": lambda: supplier.find(reference),
            "release": lambda: supplier.release(number.supplier_ref),
        }


def _break(far_side: SimulatedFarSide, **faults: object) -> None:
    far_side.world.fault_panel.set({"supplier": faults})
