"""What every supplier makes of a network and of a far side that fail."""

from collections.abc import Callable
from typing import ClassVar

import pytest

from gateway.errors import AccountStopped, OutcomeUnknown, ProviderError, TryAgain
from gateway.http_client import HttpClient
from gateway.provisioning.capture_contract import ActsOnReports
from gateway.provisioning.contract import NumberOffer, NumberSupplier, OwnedNumber, PendingOrder
from gateway.sandbox.contract import RETRY_AFTER_SECONDS
from gateway.testing.acts import VARIANTS, Acts, Ask, LossyHttp, recorded
from gateway.testing.far_side import SimulatedFarSide
from gateway.testing.papers import PapersContract
from gateway.testing.serving import eventually
from gateway.testing.suppliers import settled
from gateway.testing.usage import UsageContract


class SupplierOverHttp(PapersContract, UsageContract):
    """Inherit beside `SupplierContract` where a simulator plays the far side over HTTP."""

    country: ClassVar[str]

    @pytest.fixture
    def hasty(self, far_side: SimulatedFarSide) -> NumberSupplier:
        """The supplier with less patience than an answer takes that does not come."""
        far_side.world.fault_panel.patience_seconds = 1.0
        return far_side.made(http=HttpClient(read_seconds=0.5))

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

    def test_a_pending_order_can_be_called_off(
        self, far_side: SimulatedFarSide, offer: NumberOffer, reference: str
    ) -> None:
        far_side.world.timers.close()  # nothing is carried out
        ordered = _pending(far_side, offer, reference)
        assert far_side.supplier.find(reference) == ordered
        for _ in range(2):
            far_side.supplier.release(ordered.supplier_ref)
        assert far_side.supplier.find(reference) is None
        assert far_side.rented() == []

    def test_an_order_that_is_carried_out_cannot_be_called_off(
        self, far_side: SimulatedFarSide, offer: NumberOffer, reference: str
    ) -> None:
        ordered = _pending(far_side, offer, reference)
        settled(far_side.supplier, reference, ordered)
        with pytest.raises(TryAgain) as late:
            far_side.supplier.release(ordered.supplier_ref)
        assert late.value.code == "order_under_way"
        assert far_side.rented() == [reference]

    def test_whatever_fails_at_whichever_call_happens_once(
        self, far_side: SimulatedFarSide
    ) -> None:
        """Too fast, then a failure, then no answer: at each call that any act makes."""
        with recorded(far_side) as seen:
            acts = Acts(far_side, self.country, seen)
            tried: set[str] = set()
            for name in acts.names():
                calls = acts.calls_of(name)
                assert calls, name
                if name in VARIANTS:
                    calls = [call for call in calls if call not in tried]
                tried.update(calls)
                for call in calls:
                    act = acts.make(name)
                    _break(far_side, error_rate=1, calls=[call])
                    limited = _raised(act.ask, far_side.made())
                    assert isinstance(limited, TryAgain), (name, call)
                    assert limited.retry_after == RETRY_AFTER_SECONDS, (name, call)
                    _break(far_side, error_rate=1, error_code=20503, calls=[call])
                    failed = _raised(act.again, far_side.made())
                    _break(far_side)
                    lost = _raised(act.again, far_side.made(http=LossyHttp(call, seen)))
                    assert all(it is None or it.retryable for it in (failed, lost)), (name, call)
                    act.again(far_side.supplier)
                    act.ended()

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

    def test_a_report_that_is_acted_on_twice_sets_nothing_more_going(
        self, far_side: SimulatedFarSide, number: OwnedNumber
    ) -> None:
        if not isinstance(far_side.capture, ActsOnReports):
            pytest.skip(f"{far_side.capture.name} only listens")
        told = []
        for rate in (0, 1):
            far_side.world.fault_panel.set({"webhooks": {"duplicate_rate": rate}})
            before = len(far_side.reports)
            far_side.say(number, "482913", number.hears[0])
            eventually(lambda: _is_quiet(far_side))
            told.append(len({report.body for report in far_side.reports[before:]}))
        assert told[0] == told[1] > 1

    def _calls(
        self, supplier: NumberSupplier, number: OwnedNumber, offer: NumberOffer, reference: str
    ) -> dict[str, Callable[[], object]]:
        return {
            "search": lambda: supplier.search(self.country),
            "quote": lambda: supplier.quote(offer),
            "find": lambda: supplier.find(reference),
            "release": lambda: supplier.release(number.supplier_ref),
        }


def _pending(far_side: SimulatedFarSide, offer: NumberOffer, reference: str) -> PendingOrder:
    ordered = far_side.supplier.order(offer, reference=reference, inbound=far_side.inbound)
    if not isinstance(ordered, PendingOrder):
        pytest.skip(f"{far_side.supplier.name} carries orders out at once")
    return ordered


def _break(far_side: SimulatedFarSide, **faults: object) -> None:
    far_side.world.fault_panel.set({"supplier": faults})


def _raised(ask: Ask, supplier: NumberSupplier) -> ProviderError | None:
    try:
        ask(supplier)
    except ProviderError as error:
        return error
    return None


def _is_quiet(far_side: SimulatedFarSide) -> bool:
    world = far_side.world
    return not any(world.store.all("timer")) and world.deliveries.stats()["pending"] == 0
