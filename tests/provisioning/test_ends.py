"""The end of lines: taken back in time or not, crash or not; numbers wait until Meta lets go."""

import json
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import requests

from gateway.doctor import ends
from gateway.onboarding import ending
from gateway.provisioning import numbers
from gateway.roles import DatabaseUrls
from gateway.tenancy import house
from tests.console.browser import Browser
from tests.harness import Gateway, running

PHONE = "+212661000001"
TEXT = {"type": "text", "text": {"body": "Welcome"}}


@pytest.fixture
def gateway(database: DatabaseUrls, redis_url: str, tmp_path: Path) -> Iterator[Gateway]:
    """A gateway whose clock is its own."""
    with running(database, redis_url, tmp_path / "clock.json") as made:
        yield made


class Office:
    """A client with an active line and one candidate who has answered."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway
        self.client = gateway.client()
        self.path = f"/v1/clients/{self.client}"
        self.recruiter = gateway.recruiter(self.client)
        self.number = gateway.line(self.client)
        self.line_path = f"{self.path}/lines/{self.number['id']}"
        talk = gateway.talk(self.client, self.number["id"], self.recruiter)
        self.talk_page = f"/console/conversations/{talk['id']}"
        self.talk_path = f"{self.path}/conversations/{talk['id']}"
        gateway.until(gateway.phone)
        gateway.writes(PHONE, self.number["phone_number"])
        gateway.until(lambda: self.talk()["reply_window"]["open"])

    def line(self) -> Any:
        return self.gateway.get(self.line_path)

    def talk(self) -> Any:
        return self.gateway.get(self.talk_path)

    def texts(self) -> list[Any]:
        found: list[Any] = self.gateway.get(f"{self.talk_path}/messages")["data"]
        return found

    def send(self) -> requests.Response:
        return self.gateway.request("POST", f"{self.talk_path}/messages", TEXT)

    def release(self) -> Any:
        return self.gateway.post(f"{self.line_path}/release")

    def keep(self) -> requests.Response:
        return self.gateway.request("POST", f"{self.line_path}/release/cancel")

    def events(self, type_: str) -> list[Any]:
        found = self.gateway.get("/v1/events?limit=500")["data"]
        return [event["data"] for event in found if event["type"] == type_]

    def ledger(self) -> list[str]:
        entries = self.gateway.panel("GET", "/suppliers/twilio/ledger")["data"]
        return [entry["event"] for entry in entries]

    def browser(self) -> Browser:
        return Browser(self.gateway.app).sign_in(self.client)

    def over(self) -> Any:
        later(self.gateway, timedelta(hours=72))
        return self.gateway.until(self.line, lambda line: line["status"] == "released")


def later(gateway: Gateway, time: timedelta) -> None:
    gateway.panel("PUT", "/clock", {"advance_seconds": time.total_seconds()})


def test_a_release_stops_sends_at_once_and_can_be_taken_back(gateway: Gateway) -> None:
    office = Office(gateway)
    held = office.send().json()
    asked = office.release()
    assert (asked["status"], asked["suspension"]["code"]) == ("suspended", "release_requested")
    browser = office.browser()
    assert "This line is to be released" in browser.read("/console/")
    assert "is to be released" in browser.read(office.talk_page)
    again = office.release()
    assert again["release_at"] == asked["release_at"]
    gateway.work()
    assert len(office.events("line.release_requested")) == 1
    refused = office.send()
    assert (refused.status_code, refused.json()["code"]) == (409, "line_not_active")
    assert gateway.get(f"{office.path}/messages/{held['id']}")["status"] == "queued"
    gateway.writes(PHONE, office.number["phone_number"], body="Are you there?")
    gateway.until(office.texts, lambda texts: texts[-1]["direction"] == "inbound")

    later(gateway, timedelta(hours=1))
    assert browser.post(f"/console/lines/{office.number['id']}/keep").status_code == 303
    kept = office.line()
    assert (kept["status"], kept["release_at"]) == ("active", None)
    gateway.until(gateway.phone, lambda seen: seen[-1]["text"]["body"] == "Welcome")
    later(gateway, timedelta(hours=72))
    gateway.work()
    assert office.line()["status"] == "active"
    assert office.keep().json()["code"] == "line_state"
    assert office.events("line.released") == []
    assert office.ledger() == ["bought"]


def test_after_the_end_the_number_waits_for_meta_and_the_history_stays(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = Office(gateway)
    quarantine = partial(gateway.run, "lines", "quarantine")
    phone = office.number["phone_number"]
    office.release()
    crashes = iter([True, False])
    end_number = numbers.end_number

    def crash(*args: Any) -> None:
        if next(crashes):
            raise RuntimeError("killed after the number was deregistered")
        end_number(*args)

    monkeypatch.setattr(ending.numbers, "end_number", crash)
    line = office.over()
    assert (line["phone_number"], line["release_at"], line["suspension"]) == (phone, None, None)
    assert gateway.panel("GET", "/stats")["calls"]["deregister"] == 1
    [told] = office.events("line.released")
    assert (told["phone_number"], told["number_state"]) == (phone, "quarantined")
    assert office.keep().json()["code"] == "line_state"
    assert office.release()["status"] == "released"
    assert office.ledger() == ["bought"]

    # What was written is there, nothing can be added, and the company may have another line.
    assert [text["direction"] for text in office.texts()] == ["outbound", "inbound"]
    refused = office.send()
    assert (refused.status_code, refused.json()["code"]) == (409, "line_released")
    browser = office.browser()
    assert f"{phone}</bdi> was released" in browser.read("/console/")
    assert "This line was released" in browser.read(office.talk_page)
    card = f"{gateway.sandbox_url}/sandbox/phones/{PHONE}/contacts/{phone}"
    assert gateway.session.get(card, timeout=30).status_code == 404
    other = gateway.client("Rif Textile")
    gateway.webhook(_written_to(office.number))
    gateway.until(office.texts, lambda texts: texts[-1]["text"]["body"] == "Hello?")
    assert gateway.get(f"/v1/clients/{other}/conversations")["data"] == []
    assert gateway.line(office.client)["phone_number"] != phone

    # The number is the platform's cost until Meta lets it go; then its supplier gets it back.
    [held] = json.loads(quarantine("list", "--json").stdout)
    assert (held["phone_number"], held["line_id"], held["gone_at"]) == (phone, line["id"], None)
    with gateway.app.app_context():
        [finding] = ends.quarantined()
    assert (finding.verdict, held["monthly_amount"] in finding.detail) == ("warn", True)
    refused_yet = quarantine("confirm", phone)
    assert (refused_yet.exit_code, "Meta still shows" in refused_yet.stderr) == (1, True)
    assert office.ledger() == ["bought", "bought"]
    gateway.panel("PUT", "/graph/decisions", {"deleted": phone})
    later(gateway, timedelta(days=62))
    for _ in range(2):
        assert quarantine("confirm", phone).exit_code == 0
    gateway.until(office.ledger, lambda events: events == ["bought", "bought", "released"])
    assert quarantine("confirm", phone).exit_code == 1
    assert json.loads(quarantine("list", "--json").stdout) == []
    months = gateway.until(lambda: billed(gateway, house.CLIENT))
    assert (len(months), *set(months.values())) == (2, f"{held['monthly_amount']}00")
    assert max(billed(gateway, office.client)) < min(months), "until then its client bore the rent"


def billed(gateway: Gateway, client: str) -> dict[str, str]:
    """What a client's months cost in dollars, those that cost anything."""
    listed = gateway.run("costs", "statements", "list", client, "--json")
    totals = {month["month"]: month["totals"]["USD"] for month in json.loads(listed.stdout)}
    return {month: total for month, total in totals.items() if Decimal(total)}


def _written_to(line: Any) -> Any:
    value = {
        "messaging_product": "whatsapp",
        "metadata": {
            "display_phone_number": line["phone_number"].removeprefix("+"),
            "phone_number_id": line["phone_number_id"],
        },
        "contacts": [{"profile": {"name": "Imane"}, "wa_id": PHONE.removeprefix("+")}],
        "messages": [
            {
                "from": PHONE.removeprefix("+"),
                "id": "wamid.late",
                "timestamp": "1790000000",
                "type": "text",
                "text": {"body": "Hello?"},
            }
        ],
    }
    entry = {"id": line["waba_id"], "changes": [{"field": "messages", "value": value}]}
    return {"object": "whatsapp_business_account", "entry": [entry]}
