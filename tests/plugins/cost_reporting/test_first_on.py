"""The plugin on for the first time, on a gateway that has been at work: nothing is missing."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from sqlalchemy import text

from gateway.ids import new_id
from gateway.plugin_api import built, platform, record_event, tenant
from plugins.cost_reporting import card_files, repricing
from plugins.cost_reporting.periods import first_day
from plugins.cost_reporting.pricing import CostReporting
from plugins.cost_reporting.rate_cards import RateCard
from tests.harness import Desk, Gateway
from tests.plugins.cost_reporting.test_ledger import META, activated, entries, status, told
from tests.plugins.cost_reporting.test_switched_off import look, talk_and_reply, without_it


@pytest.fixture(autouse=True)
def context(gateway: Gateway) -> Iterator[None]:
    with gateway.app.app_context():
        yield


def costs(gateway: Gateway, client: str, month: str = "") -> Any:
    return gateway.get(f"/v1/clients/{client}/costs{month and f'?month={month}'}")


def quantities(found: Any) -> dict[str | None, int]:
    return {line["category"]: line["quantity"] for line in found["lines"]}


def test_what_was_rented_and_delivered_before_is_in_the_ledger_once(gateway: Gateway) -> None:
    with without_it(gateway):
        look(gateway)
        client = gateway.client()
        line = gateway.line(client)
        desk = Desk(gateway=gateway, client=client, recruiter=gateway.recruiter(client), line=line)
        assert talk_and_reply(desk, "+212665100001") is None
    assert costs(gateway, client)["lines"] == []

    look(gateway)
    assert quantities(costs(gateway, client)) == {None: 1, "utility": 1, "service": 1}
    assert costs(gateway, client)["totals"] == {"USD": "1.0230", "MAD": "10.74"}
    assert talk_and_reply(desk, "+212665100002")["currency"] == "USD"
    gateway.until(
        lambda: quantities(costs(gateway, client)) == {None: 1, "utility": 2, "service": 2}
    )
    forget_that_it_was_on()
    look(gateway)
    assert quantities(costs(gateway, client)) == {None: 1, "utility": 2, "service": 2}
    assert [it["status"] for it in gateway.get(f"/v1/clients/{client}/costs/statements")["data"]]


def forget_that_it_was_on() -> None:
    with platform() as session:
        session.execute(text("DELETE FROM plugin_presences"))


def happened(client: str, type_: str, at: str, data: Mapping[str, Any]) -> None:
    """The core recorded this then, and nobody heard of it."""
    with tenant(client) as session:
        record_event(session, client, type_, **data)
        session.execute(
            text(
                "UPDATE events SET occurred_at = :at WHERE id ="
                " (SELECT id FROM events ORDER BY id DESC LIMIT 1)"
            ),
            {"at": at},
        )


def test_each_is_priced_by_its_day_and_a_line_that_changed_or_ended_by_what_it_was_then(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rented in July for 2.00, another number since September for 3.00, a third in October for
    2.50, released later that month; a message in July and one in October, by Meta's list of their
    days. Another line, priced by the card, ended in October too."""
    client, line, listed = gateway.client(), new_id("line"), new_id("line")
    rented = {"monthly_amount": "2.00", "monthly_currency": "USD"}
    begun = activated(client, line, "2026-07-03T09:00:00+00:00", **rented)
    other = {"supplier": "telnyx", "phone_number": "+212520000009", "monthly_amount": "3.00"}
    with without_it(gateway):
        happened(client, "line.activated", "2026-07-03T09:00:00+00:00", begun.data)
        for day in ("2026-07-10", "2026-10-10"):
            message = status(client, line, at=f"{day}T09:00:00+00:00")
            happened(client, message.type, f"{day}T09:00:01+00:00", message.data)
        moved = {**begun.data, **other, "replaced_number": "+212520000001",
                 "retires_at": "2026-09-12T09:00:00+00:00"}  # fmt: skip
        happened(client, "line.number_replaced", "2026-09-05T09:00:00+00:00", moved)
        third = {**moved, "phone_number": "+212520000010", "monthly_amount": "2.50"}
        happened(client, "line.number_replaced", "2026-10-02T09:00:00+00:00", third)
        unlike = activated(client, listed, "2026-10-03T09:00:00+00:00")
        happened(client, "line.activated", "2026-10-03T09:00:00+00:00", unlike.data)
        for one in (line, listed):
            ended = told(client, "line.released", "2026-10-20T09:00:00+00:00", line_id=one)
            happened(client, ended.type, "2026-10-20T09:00:00+00:00", ended.data)

    look(gateway)
    months = {f"2026-{number:02}": costs(gateway, client, f"2026-{number:02}")["totals"]["USD"]
              for number in range(6, 13)}  # fmt: skip
    assert months == {
        "2026-06": "0.0000",
        "2026-07": "2.0040",
        "2026-08": "2.0000",
        "2026-09": "5.0000",  # both
        "2026-10": "6.5230",  # both again, and the other line's
        "2026-11": "0.0000",
        "2026-12": "0.0000",
    }
    known = len(entries(client))
    forget_that_it_was_on()
    look(gateway)
    assert len(entries(client)) == known, "what is told again changes nothing"
    dearer = card_files.write(META.rows).replace(",1.00,USD", ",7.00,USD")
    card = RateCard("new", 1, card_files.read(dearer.encode()))
    monkeypatch.setattr(CostReporting, "card", card)
    repricing.reprice(first_day("2026-11"), built(CostReporting))
    assert len(entries(client)) == known, "what was taken back is not priced"
