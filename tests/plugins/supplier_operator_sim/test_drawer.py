"""The drawer against the suites of suppliers and code captures: its far side is our own table."""

import json
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from sqlalchemy import text

from gateway.database import db
from gateway.plugin_api import (
    CodeMethod,
    HttpClient,
    InboundReport,
    InboundUrls,
    Money,
    NumberOffer,
    OwnedNumber,
    now,
    platform,
)
from gateway.testing.captures import CODE, CodeCaptureContract
from gateway.testing.far_side import FarSide
from gateway.testing.serving import eventually
from gateway.testing.suppliers import SupplierContract, rent
from plugins.supplier_operator_sim import drawer
from plugins.supplier_operator_sim.captures import REPLAY_SECONDS, ModemCapture, sign
from plugins.supplier_operator_sim.models import Sim
from plugins.supplier_operator_sim.settings import OperatorSimSettings
from plugins.supplier_operator_sim.stock import read
from plugins.supplier_operator_sim.supplier import OperatorSimSupplier

SECRET = "a-secret-of-the-modem"
WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"
STOCK = b"""phone_number,label,monthly_price,currency
+212612000001,IAM slot 1,49.00,MAD
+212612000002,IAM slot 2,,
+212612000003,,,
+221770000001,,,
"""


class Drawer(FarSide):
    """Three Moroccan cards, and one of Senegal that is out; a modem that signs what it posts."""

    def __init__(self) -> None:
        settings = OperatorSimSettings().load({"monthly_price": "60", "modem_secret": SECRET})
        self.supplier = OperatorSimSupplier(settings, HttpClient())
        self.capture = ModemCapture(settings, HttpClient())
        wrong = {**settings, "modem_secret": f"not-{SECRET}"}
        self.stranger = ModemCapture(wrong, HttpClient())
        url = "https://gw.test/webhooks/suppliers/operator-sim"
        self.inbound = InboundUrls(voice=f"{url}/voice", sms=f"{url}/sms")
        drawer.put_in(read(STOCK))
        drawer.take("+221770000001", "somebody")

    def rented(self) -> Sequence[str]:
        taken = [sim.reference for sim in drawer.all_sims() if sim.country == "MA"]
        return [reference for reference in taken if reference]

    def say(self, number: OwnedNumber, code: str, method: CodeMethod) -> Sequence[InboundReport]:
        text = f"Your WhatsApp code is {code[:3]}-{code[3:]}"
        assert method == "SMS"
        return [posted({"to": number.phone_number, "text": text})]


def posted(said: object) -> InboundReport:
    """What a modem posts."""
    body, timestamp = json.dumps(said).encode(), str(int(time.time()))
    headers = {
        "x-modem-timestamp": timestamp,
        "x-modem-signature": sign(SECRET, timestamp, body),
    }
    url = "https://gw.test/webhooks/suppliers/operator-sim/sms"
    return InboundReport(kind="sms", url=url, headers=headers, body=body)


class TestDrawer(SupplierContract, CodeCaptureContract):
    methods = ("SMS",)
    replay_seconds = REPLAY_SECONDS

    @pytest.fixture
    def far_side(self, app: Flask) -> Iterator[Drawer]:
        with app.app_context():
            yield Drawer()

    def test_an_order_repeated_has_the_same_card(
        self, far_side: Drawer, number: OwnedNumber, reference: str
    ) -> None:
        other = far_side.supplier.search("MA")[0]
        assert rent(far_side, other, reference) == number
        assert far_side.rented() == [reference]

    def test_a_card_that_somebody_is_taking_is_taken(self, far_side: Drawer, app: Flask) -> None:
        def take() -> object:
            with app.app_context():
                return drawer.take("+212612000001", "line_2")

        with ThreadPoolExecutor(1) as pool:
            with platform() as session:
                sim = session.get_one(Sim, "+212612000001")
                sim.reference, sim.ordered_at = "line_1", now()
                session.flush()
                second = pool.submit(take)
                eventually(lambda: bool(session.scalar(text(WAITING))))
            assert second.result() is None
        assert far_side.rented() == ["line_1"]

    def test_a_late_release_leaves_the_next_line_its_card(
        self, far_side: Drawer, number: OwnedNumber, offer: NumberOffer, reference: str
    ) -> None:
        far_side.supplier.release(number.supplier_ref)
        rent(far_side, offer, f"{reference}-next")
        far_side.supplier.release(number.supplier_ref)
        assert far_side.rented() == [f"{reference}-next"]

    def test_a_card_costs_what_its_line_says_else_what_all_cost(self, far_side: Drawer) -> None:
        prices = {
            offer.phone_number[-1]: far_side.supplier.quote(offer).monthly
            for offer in far_side.supplier.search("MA")
        }
        usual = Money(amount=Decimal("60"), currency="MAD")
        assert prices == {
            "1": Money(amount=Decimal("49.00"), currency="MAD"),
            "2": usual,
            "3": usual,
        }

    def test_texts_with_two_codes_or_none_are_left_to_a_person(self, far_side: Drawer) -> None:
        for words in ("482913 or 111222", "4829131", "call us"):
            report = posted({"to": "+212612000001", "text": words})
            assert not far_side.capture.hear(report), words

    def test_without_a_secret_nobody_may_post(self, far_side: Drawer) -> None:
        open_door = ModemCapture({"modem_secret": ""}, HttpClient())
        body, timestamp = b"{}", str(int(time.time()))
        headers = {
            "x-modem-timestamp": timestamp,
            "x-modem-signature": sign("", timestamp, body),
        }
        report = InboundReport(kind="sms", url="", headers=headers, body=body)
        assert not open_door.is_genuine(report)
        assert CODE not in str(report)


def test_the_migration_makes_what_the_model_says(app: Flask) -> None:
    def ours(thing: Any, name: str | None, kind: str, reflected: bool, other: Any) -> bool:
        return str(name if kind == "table" else thing.table.name).startswith("operator_sim_")

    with app.app_context(), db.engines["owner"].connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": ours})
        assert compare_metadata(context, db.metadata) == []
