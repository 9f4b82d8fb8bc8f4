"""A portfolio writes first to no more people than it may; the others wait their turn, unfailed."""

from collections import Counter
from typing import Any

import pytest

from gateway import doctor
from tests.harness import Desk, Gateway
from tests.messaging.test_introductions import introduction
from tests.messaging.test_rehearsing import rehearse

A_DAY_AND_A_BIT = 24 * 3600 + 660


def desk_of(gateway: Gateway, company: str) -> Desk:
    client = gateway.client(company)
    recruiter = gateway.recruiter(client)
    return Desk(gateway=gateway, client=client, recruiter=recruiter, line=gateway.line(client))


def tell_limit(desk: Desk, people: Any) -> None:
    """Meta tells how many people the portfolio may write to first."""
    value = {"max_daily_conversations_per_business": people}
    change = {"field": "business_capability_update", "value": value}
    entry = {"id": desk.line["waba_id"], "time": 1_790_000_000, "changes": [change]}
    body = {"object": "whatsapp_business_account", "entry": [entry]}
    assert desk.gateway.webhook(body).status_code == 200
    desk.gateway.work()


def phones(first: int, count: int) -> list[str]:
    return [f"+2126630{number:05}" for number in range(first, first + count)]


def states(desk: Desk, talks: list[str]) -> Counter[tuple[str, str | None]]:
    shown = [desk.get(f"/conversations/{talk}")["introduction"] for talk in talks]
    return Counter((it["status"], it["reason"]) for it in shown)


def arrived(desk: Desk, talks: list[str], count: int) -> None:
    desk.gateway.until(lambda: states(desk, talks), lambda found: found["delivered", None] == count)


WAITS = ("held", "portfolio_limit")


@pytest.mark.timeout(150)
def test_the_budget_is_shared_and_nothing_fails(gateway: Gateway) -> None:
    big, small = desk_of(gateway, "Atlas Logistics"), desk_of(gateway, "Rif Textile")
    assert big.line["portfolio_id"] == small.line["portfolio_id"]
    tell_limit(big, 4)

    many = [big.talk(phone) for phone in phones(0, 8)]
    arrived(big, many, 3)  # one place is kept for the other client
    assert states(big, many)[WAITS] == 5
    few = [small.talk(phone) for phone in phones(100, 2)]
    arrived(small, few, 1)
    assert states(small, few)[WAITS] == 1
    gateway.work()
    assert gateway.panel("GET", "/stats")["calls"]["people_reached"] == 4

    # Who has a place is written to again; who writes needs none; who is given up frees his turn.
    assert rehearse(big, many[0], introduction("Sara El Amrani"))["verdict"] == "allowed"
    big.writes(phones(0, 8)[5])
    arrived(big, many, 4)
    big.post(f"/candidates/{big.get(f'/conversations/{many[4]}')['candidate']['id']}/opt-out", {})
    assert states(big, many)["cancelled", "candidate_opted_out"] == 1
    assert gateway.panel("GET", "/stats")["calls"]["people_reached"] == 4

    # A day later: the client that has the fewest goes first.
    gateway.panel("PUT", "/clock", {"advance_seconds": A_DAY_AND_A_BIT})
    arrived(small, few, 2)
    arrived(big, many, 7)
    assert gateway.panel("GET", "/stats")["calls"]["people_reached"] == 4

    # It is full again: a dry run says until when another one would wait.
    told = rehearse(big, many[0], introduction("Sara El Amrani"))
    assert (told["verdict"], told["rule"]) == ("held", "portfolio_limit")
    assert told["until"] > gateway.panel("GET", "/clock")["now"]
    assert [it["status"] for it in told["messages"]] == ["held"]
    more = [big.talk(phone) for phone in phones(8, 3)]
    gateway.until(lambda: states(big, more), lambda found: found[WAITS] == 3)
    with gateway.app.app_context():
        (budget,) = [it for it in doctor.examine() if it.check.startswith("budget")]
    assert (budget.verdict, "4 of 4" in budget.detail) == ("warn", True)

    tell_limit(small, "TIER_2K")
    arrived(big, more, 3)
