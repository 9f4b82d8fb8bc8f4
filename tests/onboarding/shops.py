"""Suppliers that do in memory what a test tells them to, and activations that go shopping."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from flask import Flask
from marshmallow import Schema
from sqlalchemy import text

from gateway import workers
from gateway.costs.contract import Money
from gateway.database import platform, tenant
from gateway.errors import ProviderError, Refused, TryAgain
from gateway.onboarding import service
from gateway.provisioning import numbers
from gateway.provisioning.contract import (
    InboundUrls,
    NumberOffer,
    NumberSupplier,
    NumberType,
    OwnedNumber,
    Quote,
)
from gateway.registry import Registry
from gateway.settings_values import NumberPolicy

_NUMBERS = count(1)


class Shop(NumberSupplier):
    """Sells local and mobile numbers; `fails` and `fails_after` make its calls fail."""

    settings_schema = Schema

    def __init__(self, name: str, price: str = "1.00") -> None:
        self.name = name  # type: ignore[misc]
        self.price = Money(amount=Decimal(price), currency="USD")
        self.types: tuple[NumberType, ...] = ("local", "mobile")
        self.fails: dict[str, ProviderError] = {}
        self.fails_after: dict[str, ProviderError] = {}
        self.said: list[str] = []
        self.rented: dict[str, OwnedNumber] = {}  # by reference
        self.bought = 0

    def search(self, country: str, number_type: NumberType | None = None) -> Sequence[NumberOffer]:
        self._call("search")
        kinds = [kind for kind in self.types if number_type in (None, kind)]
        if not kinds:
            raise Refused("type_not_sold", f"{self.name} has no {number_type}.")
        return [
            NumberOffer(
                phone_number=f"+2126{next(_NUMBERS):08}",
                country=country,
                number_type=kind,
                hears=("VOICE",),
            )
            for kind in kinds
        ]

    def quote(self, offer: NumberOffer) -> Quote:
        return Quote(monthly=self.price, set_up=None)

    def order(self, offer: NumberOffer, *, reference: str, inbound: InboundUrls) -> OwnedNumber:
        self._call("order")
        assert inbound.sms.endswith(f"/webhooks/suppliers/{self.name}/sms")
        self.bought += 1
        self.rented[reference] = OwnedNumber(
            supplier_ref=reference, phone_number=offer.phone_number, hears=offer.hears
        )
        if error := self.fails_after.get("order"):
            raise error
        return self.rented[reference]

    def find(self, reference: str) -> OwnedNumber | None:
        self._call("find")
        return self.rented.get(reference)

    def release(self, supplier_ref: str) -> None:
        self.rented.pop(supplier_ref, None)

    def _call(self, name: str) -> None:
        self.said.append(name)
        if error := self.fails.get(name):
            raise error


class Street:
    """The shops of a gateway in order, and one client who asks for lines."""

    def __init__(self, client_id: str, shops: Sequence[Shop]) -> None:
        self.client_id = client_id
        self.shops = shops

    def line(self) -> str:
        with tenant(self.client_id) as session:
            return service.request_line(
                session, self.client_id, case="virtual-number", country="MA"
            ).id

    def work(self, line_id: str) -> Any:
        """The step `order` of the line after every activation was looked at once more."""
        with platform() as session:
            session.execute(text("UPDATE outbox SET due_at = clock_timestamp()"))
        workers.drain(service.ADVANCE)
        with tenant(self.client_id) as session:
            steps = service.progress(session, self.client_id, line_id).steps
            return next(step for step in steps if step.name == "order")

    def bought_of(self) -> str | None:
        """Whose number a new line gets."""
        line = self.line()
        self.work(line)
        return self.seller(line)

    def seller(self, line_id: str) -> str | None:
        """Whose number the line has."""
        with tenant(self.client_id) as session:
            number = numbers.number_of(session, line_id)
        return number.supplier if number else None

    def act(self, act: Any, line_id: str) -> Any:
        with tenant(self.client_id) as session:
            return act(session, self.client_id, line_id)


@contextmanager
def opened(
    app: Flask,
    monkeypatch: pytest.MonkeyPatch,
    client_id: str,
    *shops: Shop,
    policies: Sequence[NumberPolicy] = (),
) -> Iterator[Street]:
    known: Registry[NumberSupplier] = Registry("number supplier")
    for shop in shops:
        known.add(shop.name, shop, "this test")
    monkeypatch.setattr(app.extensions["plugin_host"], "suppliers", known)
    settings = app.extensions["settings"]
    provisioning = replace(
        settings.provisioning,
        suppliers=tuple(shop.name for shop in shops),
        policies=tuple(policies),
        portfolios=(),  # there it waits: nothing here is about what follows an order
    )
    app.extensions["settings"] = replace(settings, provisioning=provisioning)
    with app.app_context():
        yield Street(client_id, shops)


DOWN = TryAgain("supplier_failed", "It fails.")
