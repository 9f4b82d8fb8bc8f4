"""How lines stand with Meta: looked at by schedule and on notices, told once, acted upon."""

from datetime import timedelta
from typing import Any

from gateway import clock, scheduler
from gateway.database import platform
from gateway.provisioning import health, looking
from tests.harness import Gateway


class Watched:
    """A client's active line, whose health is watched."""

    def __init__(self, gateway: Gateway, name: str) -> None:
        self.gateway = gateway
        self.client = gateway.client(name)
        self.line = gateway.line(self.client)
        self.path = f"/v1/clients/{self.client}/lines/{self.line['id']}"

    def health(self) -> Any:
        return self.gateway.get(f"{self.path}/health")

    def status(self) -> str:
        return str(self.gateway.get(self.path)["status"])

    def codes(self) -> list[str]:
        return [problem["code"] for problem in self.health()["problems"]]

    def events(self, type_: str) -> list[Any]:
        found = self.gateway.get("/v1/events?limit=500")["data"]
        mine = [event for event in found if event["data"].get("line_id") == self.line["id"]]
        return [event["data"] for event in mine if event["type"] == type_]

    def look(self) -> Any:
        """Have it looked at now; what was seen."""
        before = self.health()["seen_at"]
        later(self.gateway, looking.SHORTEST)
        with self.gateway.app.app_context(), platform() as session:
            health.ask(session, self.line["waba_id"])
        return self.gateway.until(self.health, lambda seen: seen["seen_at"] != before)


def later(gateway: Gateway, time: timedelta) -> None:
    gateway.panel("PUT", "/clock", {"advance_seconds": time.total_seconds()})


def calls(gateway: Gateway) -> int:
    return int(gateway.panel("GET", "/stats")["calls"].get("read_phone_numbers", 0))


def decide(gateway: Gateway, **decisions: Any) -> None:
    gateway.panel("PUT", "/graph/decisions", decisions)


def test_lines_are_looked_at_in_one_call_and_shown_with_their_age(gateway: Gateway) -> None:
    one = Watched(gateway, "Atlas Logistics")
    assert (one.health()["state"], one.health()["seen_at"]) == ("unknown", None)
    before = calls(gateway)

    with gateway.app.app_context():
        scheduler.tick()
        gateway.work()
        looking.ask_all()
    seen = one.look()

    assert calls(gateway) == before + 1
    assert (seen["state"], seen["problems"], seen["messaging_limit"]) == ("good", [], None)
    assert (seen["seen"]["registered"], seen["seen"]["quality_rating"]) == (True, "GREEN")
    assert {entity["kind"] for entity in seen["seen"]["entities"]} == {
        "PHONE_NUMBER", "WABA", "BUSINESS", "APP",
    }  # fmt: skip
    later(gateway, timedelta(minutes=30))
    assert 1800 <= one.health()["age_seconds"] < 1900
    assert one.events("line.health_changed") == []


def test_a_ban_stops_the_lines_of_its_account_alone_until_it_is_lifted(gateway: Gateway) -> None:
    banned, other = Watched(gateway, "Atlas Logistics"), Watched(gateway, "Rif Textile")
    assert banned.line["waba_id"] != other.line["waba_id"]
    recruiter = gateway.recruiter(banned.client)
    talk = gateway.talk(banned.client, banned.line["id"], recruiter)["id"]
    gateway.until(gateway.phone)
    gateway.writes("+212661000001", banned.line["phone_number"])
    path = f"/v1/clients/{banned.client}/conversations/{talk}"
    gateway.until(lambda: gateway.get(path)["reply_window"]["open"])
    message = {"type": "text", "text": {"body": "Welcome"}}

    decide(gateway, waba_ban=banned.line["waba_id"])
    gateway.until(banned.status, lambda status: status == "suspended")
    assert other.status() == "active"
    assert banned.codes() == ["sending_blocked"]
    [problem] = banned.health()["problems"]
    assert (problem["provider_code"], problem["who"]) == ("141014", "operator")
    assert "banned" in problem["detail"]
    assert "Appeal" in problem["do"]
    refused = gateway.request("POST", f"{path}/messages", message)
    assert (refused.status_code, refused.json()["code"]) == (409, "line_not_active")
    for _ in range(2):
        banned.look()
    [told] = banned.events("line.health_changed")
    assert (told["state"], told["previous_state"], told["worse"]) == ("blocked", "unknown", True)
    assert len(banned.events("line.suspended")) == 1

    later(gateway, looking.SHORTEST)
    decide(gateway, waba_ban=None)
    gateway.until(banned.status, lambda status: status == "active")
    assert [event["code"] for event in banned.events("line.resumed")] == ["sending_blocked"]
    assert [event["state"] for event in banned.events("line.health_changed")] == ["blocked", "good"]
    gateway.post(f"{path}/messages", message)
    gateway.until(gateway.phone, lambda seen: len(seen) == 2)
    assert other.events("line.health_changed") == []


def test_what_a_stopped_line_held_leaves_when_it_sends_again(gateway: Gateway) -> None:
    line = Watched(gateway, "Atlas Logistics")
    recruiter = gateway.recruiter(line.client)
    faults = {"error_rate": 1, "error_code": 131042, "calls": ["messages"]}
    gateway.panel("PUT", "/faults", {"graph": faults})
    gateway.talk(line.client, line.line["id"], recruiter)
    gateway.until(line.status, lambda status: status == "suspended")
    gateway.panel("PUT", "/faults", {})

    line.look()

    assert line.status() == "active"
    assert [event["code"] for event in line.events("line.resumed")] == ["payment_required"]
    assert len(gateway.until(gateway.phone)) == 1


def test_a_number_that_fell_off_is_registered_again_a_few_times(gateway: Gateway) -> None:
    line = Watched(gateway, "Atlas Logistics")
    phone = line.line["phone_number"]
    decide(gateway, fallen_off=phone)
    assert line.look()["state"] == "good"

    decide(gateway, fallen_off=phone)
    seen = line.look()
    assert (seen["seen"]["status"], seen["seen"]["registered"]) == ("DISCONNECTED", False)
    assert (line.codes(), line.status()) == (["number_not_connected"], "suspended")
    later(gateway, timedelta(hours=8))
    assert line.look()["state"] == "good"
    assert line.status() == "active"

    decide(gateway, deleted=phone)
    line.look()
    assert (line.codes(), line.status()) == (["number_gone"], "suspended")


def test_quality_and_restrictions_are_a_risk_that_is_told_once(gateway: Gateway) -> None:
    line = Watched(gateway, "Atlas Logistics")
    decide(gateway, quality={line.line["phone_number"]: "RED"})
    gateway.until(line.codes, lambda codes: codes == ["quality_low"])
    line.look()
    assert line.status() == "active"
    assert len(line.events("line.health_changed")) == 1

    with gateway.app.app_context():
        until = clock.now() + timedelta(days=1)
    value = {
        "event": "ACCOUNT_RESTRICTION",
        "restriction_info": [
            {
                "restriction_type": "RESTRICTED_BIZ_INITIATED_MESSAGING",
                "expiration": int(until.timestamp()),
            }
        ],
    }
    change = {"field": "account_update", "value": value}
    entry = {"id": line.line["waba_id"], "changes": [change]}
    later(gateway, looking.SHORTEST)
    gateway.webhook({"object": "whatsapp_business_account", "entry": [entry]})
    both = ["account_restricted", "quality_low"]
    gateway.until(line.codes, lambda codes: sorted(codes) == both)
    [shown] = [it for it in line.health()["problems"] if it["code"] == "account_restricted"]
    assert f"{until:%Y-%m-%d %H:%M}" in shown["detail"]

    decide(gateway, quality=None)
    later(gateway, timedelta(days=1))
    assert line.look()["state"] == "good"
    assert [it["worse"] for it in line.events("line.health_changed")] == [True, False, False]


def test_an_account_that_lets_nobody_look_says_so_on_its_lines(gateway: Gateway) -> None:
    line = Watched(gateway, "Atlas Logistics")
    faults = {"error_rate": 1, "error_code": 190, "calls": ["read_account"]}
    gateway.panel("PUT", "/faults", {"graph": faults})
    later(gateway, looking.SHORTEST)
    with gateway.app.app_context(), platform() as session:
        health.ask(session, line.line["waba_id"])
    gateway.until(line.codes, lambda codes: codes == ["token_invalid"])
    assert (line.status(), line.health()["seen_at"]) == ("suspended", None)

    gateway.panel("PUT", "/faults", {})
    assert line.look()["state"] == "good"
    assert line.status() == "active"
