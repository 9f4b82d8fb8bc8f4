"""The control panel over HTTP, with small simulators of its own."""

import io
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Blueprint
from flask.testing import FlaskClient
from PIL import Image

from gateway.clock import Clock
from gateway.sandbox.app import create_sandbox
from gateway.sandbox.contract import Carrier, ChatNetwork, Simulator
from gateway.sandbox.world import SandboxWorld
from gateway.settings import load_settings

Eventually = Callable[[Callable[[], bool]], None]
LINE = "+212520000001"
PHONE = "+212600000001"


class Shop(Simulator, Carrier):
    """Sells one number, which hears no texts."""

    mount = "shop"
    supplier = "corner-shop"

    def blueprint(self) -> Blueprint:
        routes = Blueprint("shop", __name__)
        routes.get("/order")(self._order)
        return routes

    def _order(self) -> dict[str, str]:
        with self.world.faults.around("supplier", "order"):
            return {"phone_number": LINE}

    def carries(self, phone_number: str) -> bool:
        return phone_number == LINE

    def take_call(self, to: str, *, caller: str, speech: str) -> None:
        self.world.store.put("heard", to, {"caller": caller, "speech": speech})

    def take_text(self, to: str, *, sender: str, body: str) -> bool:
        return False

    def ledger(self) -> list[dict[str, Any]]:
        return [{"event": "bought", "phone_number": LINE}]


class Chat(Simulator, ChatNetwork):
    """Knows one business, and shows a person what it wrote itself."""

    mount = "chat"

    def blueprint(self) -> Blueprint:
        return Blueprint("chat", __name__)

    def person_writes(self, phone: str, *, to: str, type: str, content: Mapping[str, Any]) -> str:
        if to != LINE:
            raise LookupError(to)
        echo = {"wamid": f"wamid.{self.world.number('wamid')}", "from": to, "type": type}
        self.world.phone_received(phone, echo | {type: content})
        return str(echo["wamid"])

    def contact_card(self, phone: str, business: str) -> dict[str, Any]:
        if business != LINE:
            raise LookupError(business)
        return {"title": business, "seen_by": phone}

    def decide(self, decisions: Mapping[str, Any]) -> None:
        if "display_name" not in decisions:
            raise ValueError("Known: display_name.")

    def stats(self) -> dict[str, int]:
        return {"send": 3}


class Impostor(Chat):
    """Wants a place that is taken."""


@pytest.fixture
def clock_file(tmp_path: Path) -> Path:
    return tmp_path / "clock.json"


@pytest.fixture
def start(tmp_path: Path, clock_file: Path) -> Iterator[Callable[..., FlaskClient]]:
    worlds: list[SandboxWorld] = []

    def start(*simulators: str) -> FlaskClient:
        environ = {
            "GATEWAY_ENVIRONMENT": "sandbox",
            "GATEWAY_SANDBOX__CLOCK_FILE": str(clock_file),
            "GATEWAY_PROVIDERS__CORNER_SHOP__KEY": "k",
        }
        app = create_sandbox(
            load_settings(environ),
            [f"{__name__}:{name}" for name in simulators],
            gateway_url="http://gateway.test",
            sandbox_url="http://sandbox.test",
            state_file=tmp_path / "state.db",
        )
        worlds.append(app.extensions["sandbox"])
        return app.test_client()

    yield start
    for world in worlds:
        world.close()


@pytest.fixture
def client(start: Callable[..., FlaskClient]) -> FlaskClient:
    return start("Shop", "Chat")


def world(client: FlaskClient) -> SandboxWorld:
    found: SandboxWorld = client.application.extensions["sandbox"]
    return found


def test_the_world_holds_the_gateways_settings(client: FlaskClient) -> None:
    it = world(client)
    assert it.settings["approve_after_seconds"] == 1.0
    assert it.providers["corner-shop"] == {"key": "k"}
    assert it.portfolios[0]["number_limit"] == 20
    assert (it.gateway_url, it.sandbox_url) == ("http://gateway.test", "http://sandbox.test")


def test_a_phone_shows_what_it_received_in_order(client: FlaskClient) -> None:
    for body in ("one", "two"):
        sent = {"to": LINE, "type": "text", "text": {"body": body}}
        answer = client.post(f"/sandbox/phones/{PHONE}/messages", json=sent)
        assert answer.status_code == 201
    messages = client.get(f"/sandbox/phones/{PHONE}/messages").get_json()["data"]
    assert [it["text"]["body"] for it in messages] == ["one", "two"]
    assert [it["wamid"] for it in messages] == ["wamid.1", "wamid.2"]
    assert answer.get_json() == {"wamid": "wamid.2"}
    received = datetime.fromisoformat(messages[0]["received_at"])
    assert abs(received - world(client).now()) < timedelta(minutes=1)


def test_without_a_number_the_person_answers_whoever_wrote_last(client: FlaskClient) -> None:
    answer = {"type": "text", "text": {"body": "Yes"}}
    path = f"/sandbox/phones/{PHONE}/messages"
    refusal = client.post(path, json=answer).get_json()["error"]
    assert refusal["detail"] == f"to must be a text: nobody wrote to {PHONE} yet."

    for number in ("+212520000002", LINE):
        world(client).phone_received(PHONE, {"wamid": "wamid.0", "from": number, "type": "text"})
    assert client.post(path, json=answer).status_code == 201
    assert world(client).phone_chats(PHONE)[-1]["to"] == LINE


@pytest.mark.parametrize("spelling", ["212600000001", "+212600000001", "%2B212600000001"])
def test_a_phone_may_be_spelled_with_or_without_its_plus(
    client: FlaskClient, spelling: str
) -> None:
    sent = {"to": LINE.removeprefix("+"), "type": "text", "text": {"body": "hi"}}
    client.post(f"/sandbox/phones/{spelling}/messages", json=sent)
    assert len(client.get(f"/sandbox/phones/{PHONE}/messages").get_json()["data"]) == 1
    assert len(client.get(f"/sandbox/phones/{spelling}/messages").get_json()["data"]) == 1
    card = client.get(f"/sandbox/phones/{spelling}/contacts/{LINE}").get_json()
    assert card == {"title": LINE, "seen_by": PHONE}


def test_a_restarted_sandbox_remembers(start: Callable[..., FlaskClient]) -> None:
    before = start("Chat")
    sent = {"to": LINE, "type": "text", "text": {"body": "hi"}}
    before.post(f"/sandbox/phones/{PHONE}/messages", json=sent)
    before.put("/sandbox/clock", json={"advance_seconds": 3600})
    after = start("Chat")
    assert len(after.get(f"/sandbox/phones/{PHONE}/messages").get_json()["data"]) == 1
    assert after.get("/sandbox/clock").get_json()["offset_seconds"] == 3600


def test_the_clock_moves_on_for_the_sandbox_and_for_the_gateway(
    client: FlaskClient, clock_file: Path
) -> None:
    gateway = Clock(clock_file)
    before = gateway.now()
    client.put("/sandbox/clock", json={"advance_seconds": 86400})
    shown = client.put("/sandbox/clock", json={"advance_seconds": 0.5}).get_json()
    assert shown["offset_seconds"] == 86400.5
    assert json.loads(clock_file.read_text()) == {"offset_seconds": 86400.5}
    moved = datetime.fromisoformat(client.get("/sandbox/clock").get_json()["now"])
    for now in (gateway.now(), moved):
        assert timedelta(hours=24) <= now - before < timedelta(hours=24, minutes=1)


@pytest.mark.parametrize("seconds", [None, "60", -1, True])
def test_a_clock_is_moved_by_seconds_and_never_back(client: FlaskClient, seconds: object) -> None:
    answer = client.put("/sandbox/clock", json={"advance_seconds": seconds})
    assert answer.status_code == 422
    assert client.get("/sandbox/clock").get_json()["offset_seconds"] == 0


def test_faults_are_set_and_shown(client: FlaskClient) -> None:
    shown = client.put("/sandbox/faults", json={"supplier": {"error_rate": 1}}).get_json()
    assert shown == client.get("/sandbox/faults").get_json()
    assert shown["supplier"]["error_rate"] == 1
    assert shown["held"] == []
    refused = client.put("/sandbox/faults", json={"suplier": {}})
    assert refused.status_code == 422
    assert refused.get_json() == {
        "error": {
            "code": "invalid",
            "detail": "Unknown: suplier. Known: graph, webhooks, supplier.",
        }
    }


def test_calls_reach_who_carries_the_number(client: FlaskClient) -> None:
    call = {"caller": "+14155550100", "speech": "4 8 2 9 1 3"}
    assert client.post(f"/sandbox/numbers/{LINE}/call", json=call).status_code == 202
    assert world(client).store.get("heard", LINE) == call
    assert client.post(f"/sandbox/numbers/{PHONE}/call", json=call).status_code == 404


def test_a_text_to_a_number_that_hears_none_reaches_nobody(client: FlaskClient) -> None:
    text = {"sender": "+14155550100", "body": "482-913"}
    answer = client.post(f"/sandbox/numbers/{LINE}/sms", json=text)
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (404, "not_reached")


def test_ledgers_go_by_the_suppliers_name(client: FlaskClient) -> None:
    answer = client.get("/sandbox/suppliers/corner-shop/ledger")
    assert answer.get_json() == {"data": [{"event": "bought", "phone_number": LINE}]}
    unknown = client.get("/sandbox/suppliers/shop/ledger")
    assert unknown.status_code == 404
    assert "corner-shop" in unknown.get_json()["error"]["detail"]


def test_decisions_go_to_the_chat_network(client: FlaskClient) -> None:
    wanted = {"display_name": "DECLINED"}
    assert client.put("/sandbox/graph/decisions", json=wanted).get_json() == wanted
    assert client.put("/sandbox/graph/decisions", json={"x": 1}).status_code == 422


def test_stats_count_what_happened(client: FlaskClient) -> None:
    call = {"caller": "+14155550100", "speech": "4 8 2 9 1 3"}
    client.post(f"/sandbox/numbers/{LINE}/call", json=call)
    assert client.get("/sandbox/stats").get_json() == {
        "calls": {"send": 3},
        "webhooks": {"attempts": 0, "delivered": 0, "pending": 0},
        "telephony": {"calls": 1, "texts": 0},
    }


def test_timers_run_from_the_first_request(client: FlaskClient, eventually: Eventually) -> None:
    ran: list[str] = []
    world(client).on("note", lambda payload: ran.append(payload["text"]))
    world(client).later(0, "note", {"text": "hi"})
    assert ran == []
    assert client.get("/healthz").get_json() == {"status": "ok"}
    eventually(lambda: ran == ["hi"])


def test_a_simulator_is_mounted_under_its_name(client: FlaskClient) -> None:
    assert client.get("/shop/order").get_json() == {"phone_number": LINE}


def test_the_demo_company_has_a_logo(client: FlaskClient) -> None:
    answer = client.get("/assets/logo.png")
    assert answer.mimetype == "image/png"
    with Image.open(io.BytesIO(answer.data)) as logo:
        assert (logo.format, logo.size) == ("PNG", (512, 512))


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("GET", "/sandbox/nothing", None, 404, "not_found"),
        ("DELETE", "/sandbox/clock", None, 405, "method_not_allowed"),
        ("PUT", "/sandbox/clock", [1], 400, "malformed"),
        ("GET", "/sandbox/phones/me/messages", None, 422, "invalid"),
        ("POST", f"/sandbox/phones/{PHONE}/messages", {"type": "text"}, 422, "invalid"),
        ("POST", f"/sandbox/phones/{PHONE}/messages", {"to": LINE, "type": "x"}, 422, "invalid"),
        (
            "POST",
            f"/sandbox/phones/{PHONE}/messages",
            {"to": "+1", "type": "text", "text": {}},
            404,
            "unknown_number",
        ),
        ("GET", f"/sandbox/phones/{PHONE}/contacts/+1", None, 404, "unknown_number"),
        ("POST", f"/sandbox/numbers/{LINE}/call", {"caller": "x"}, 422, "invalid"),
    ],
)
def test_every_error_has_a_code_and_a_sentence(
    client: FlaskClient, method: str, path: str, body: object, status: int, code: str
) -> None:
    answer = client.open(path, method=method, json=body)
    error = answer.get_json()["error"]
    assert (answer.status_code, error["code"]) == (status, code)
    assert error["detail"]


def test_without_a_chat_network_nobody_can_write(start: Callable[..., FlaskClient]) -> None:
    answer = start().put("/sandbox/graph/decisions", json={})
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (409, "no_chat_network")


def test_two_simulators_in_one_place_stop_the_start(start: Callable[..., FlaskClient]) -> None:
    with pytest.raises(ValueError, match=r":Impostor and .*:Chat both want to be /chat"):
        start("Chat", "Impostor")


def test_a_path_that_is_no_simulator_stops_the_start(start: Callable[..., FlaskClient]) -> None:
    with pytest.raises(ValueError, match=r"LINE.*is not the package\.module:Class"):
        start("LINE")
