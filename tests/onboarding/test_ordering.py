"""What becomes of an order that is no number yet, and of one that cannot be had."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from marshmallow import Schema
from sqlalchemy import text

from gateway import workers
from gateway.costs.contract import Money
from gateway.database import platform, tenant
from gateway.errors import Refused
from gateway.onboarding import service
from gateway.provisioning import numbers
from gateway.provisioning.contract import (
    ConfiguresInbound,
    InboundUrls,
    NumberOffer,
    NumberSupplier,
    NumberType,
    OwnedNumber,
    PendingOrder,
    Quote,
    Reserves,
)
from gateway.provisioning.papers_contract import HasPapers, PaperRequirement
from gateway.registry import Registry

OFFER = NumberOffer(
    phone_number="+212612000001", country="MA", number_type="mobile", hears=("SMS", "VOICE")
)
PENDING = PendingOrder(
    supplier_ref="order-1", phone_number=OFFER.phone_number, detail="It is set up.", who="supplier"
)
OWNED = OwnedNumber(supplier_ref="n-1", phone_number=OFFER.phone_number, hears=OFFER.hears)


class SlowSupplier(NumberSupplier, Reserves, ConfiguresInbound, HasPapers):
    """Takes orders and carries them out when told to."""

    name = "slow"
    settings_schema = Schema

    def __init__(self) -> None:
        self.said: list[str] = []
        self.wants_papers = ""  # the act that it refuses without them
        self.order_of: dict[str, OwnedNumber | PendingOrder] = {}

    def search(self, country: str, number_type: NumberType | None = None) -> Sequence[NumberOffer]:
        return [OFFER]

    def quote(self, offer: NumberOffer) -> Quote:
        return Quote(monthly=Money(amount=Decimal("1.25"), currency="USD"), set_up=None)

    def reserve(self, offer: NumberOffer, *, reference: str) -> None:
        self._require_papers("reserve")
        self.said.append("reserved")

    def order(
        self, offer: NumberOffer, *, reference: str, inbound: InboundUrls
    ) -> OwnedNumber | PendingOrder:
        self._require_papers("order")
        self.said.append("ordered")
        self.order_of[reference] = PENDING
        return PENDING

    def find(self, reference: str) -> OwnedNumber | PendingOrder | None:
        return self.order_of.get(reference)

    def release(self, supplier_ref: str) -> None:
        self.said.append(f"released {supplier_ref}")
        self.order_of.clear()

    def configure_inbound(self, supplier_ref: str, inbound: InboundUrls) -> None:
        self.said.append(f"pointed {supplier_ref} at {inbound.sms.rpartition('/webhooks')[2]}")

    def requirements(self, country: str, number_type: NumberType) -> Sequence[PaperRequirement]:
        return [PaperRequirement(name="rc", title="Trade register extract", who="client")]

    def _require_papers(self, act: str) -> None:
        if self.wants_papers == act:
            raise Refused("papers_missing", "Not without papers.", who="client")


class Ordering:
    """One activation with that supplier; it gets as far as its order."""

    def __init__(self, app: Flask, client_id: str, supplier: SlowSupplier) -> None:
        self.supplier, self.client_id = supplier, client_id
        with tenant(client_id) as session:
            self.line_id = service.request_line(
                session, client_id, case="virtual-number", country="MA"
            ).id

    def work(self) -> Any:
        """The state of the order after its activation was looked at once more."""
        with platform() as session:
            session.execute(text("UPDATE outbox SET due_at = clock_timestamp()"))
        workers.drain(service.ADVANCE)
        return next(step for step in self.act(service.progress).steps if step.name == "order")

    def act(self, act: Any) -> Any:
        with tenant(self.client_id) as session:
            return act(session, self.client_id, self.line_id)


@pytest.fixture
def ordering(app: Flask, client_id: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ordering]:
    supplier = SlowSupplier()
    known: Registry[NumberSupplier] = Registry("number supplier")
    known.add("slow", supplier, "this test")
    monkeypatch.setattr(app.extensions["plugin_host"], "suppliers", known)
    settings = app.extensions["settings"]
    slow = replace(settings.provisioning, suppliers=("slow",))
    app.extensions["settings"] = replace(settings, provisioning=slow)
    with app.app_context():
        yield Ordering(app, client_id, supplier)


def test_a_pending_order_is_waited_for_and_its_number_then_pointed_at_us(
    ordering: Ordering,
) -> None:
    step = ordering.work()
    assert (step.state, step.error["code"], step.who) == (
        "waiting", "waiting_for_supplier", "supplier",
    )  # fmt: skip
    declined = replace(PENDING, code="papers_declined", who="operator")
    ordering.supplier.order_of[ordering.line_id] = declined
    step = ordering.work()
    assert (step.error["code"], step.who) == ("papers_declined", "operator")
    ordering.supplier.order_of[ordering.line_id] = OWNED
    assert ordering.work().state == "done"

    number = ordering.act(lambda session, _, line: numbers.number_of(session, line))
    assert (str(number.monthly_amount), number.monthly_currency) == ("1.25", "USD")
    pointed = "pointed n-1 at /suppliers/slow/sms"
    assert ordering.supplier.said == ["reserved", "ordered", pointed]


def test_a_pending_order_that_fails_is_said_and_a_retry_orders_anew(ordering: Ordering) -> None:
    ordering.work()
    ordering.supplier.order_of.clear()
    step = ordering.work()
    assert (step.state, step.error["code"], step.who) == ("failed", "order_failed", "supplier")

    ordering.act(service.retry)
    assert ordering.work().error["code"] == "waiting_for_supplier"
    assert ordering.supplier.said.count("ordered") == 2


def test_a_pending_order_is_called_off_when_its_activation_is_cancelled(
    ordering: Ordering,
) -> None:
    ordering.work()
    ordering.act(service.cancel)

    assert ordering.work().state == "undone"
    assert ordering.supplier.said[-1] == "released order-1"


@pytest.mark.parametrize("act", ["reserve", "order"])
def test_missing_papers_are_named_and_waited_for(ordering: Ordering, act: str) -> None:
    ordering.supplier.wants_papers = act
    step = ordering.work()
    assert (step.state, step.error["code"], step.who) == ("waiting", "papers_missing", "client")
    assert step.error["detail"] == "Not without papers. It asks for: Trade register extract."

    ordering.supplier.wants_papers = ""
    assert ordering.work().error["code"] == "waiting_for_supplier"
