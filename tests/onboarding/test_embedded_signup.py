"""A client's own number, from the sign-up to an active line, and to its end."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from gateway import secrets
from gateway.onboarding import renewing
from plugins.embedded_signup import registering
from plugins.whatsapp_cloud.connector import WhatsAppCloudConnector
from tests.harness import Gateway
from tests.onboarding.popup import sign_up

OWN = "+212600111001"


def begun(gateway: Gateway, client: str) -> str:
    """The path of a line that waits for the client to sign up."""
    made = gateway.post(f"/v1/clients/{client}/lines", {"case": "embedded-signup"})
    path = f"/v1/clients/{client}/lines/{made['id']}"
    gateway.until(lambda: step(gateway, path, "signup"), lambda one: one["state"] == "waiting")
    return path


def step(gateway: Gateway, path: str, name: str) -> Any:
    steps = gateway.get(path)["activation"]["steps"]
    return next(one for one in steps if one["name"] == name)


def active(gateway: Gateway, path: str) -> Any:
    return gateway.until(lambda: gateway.get(path), lambda line: line["status"] == "active")


def test_a_clients_own_number_becomes_its_line(gateway: Gateway) -> None:
    client = gateway.client()
    path = begun(gateway, client)
    waiting = gateway.get(path)
    assert waiting["activation"]["signup_url"].startswith(f"{gateway.url}/signup/")
    assert step(gateway, path, "signup")["error"]["code"] == "waiting_for_signup"
    assert step(gateway, path, "signup")["who"] == "client"

    done = sign_up(gateway, OWN, display_name="Atlas Recruitment")
    gateway.post(f"{path}/embedded-signup", done.report)
    line = active(gateway, path)

    assert line["phone_number"] == OWN
    assert line["waba_id"] == done.waba_id
    assert line["phone_number_id"] == done.phone_number_id
    assert line["paid_by"] == "client"
    assert line["activation"]["signup_url"] is None
    assert line["display_name"] == "Atlas Recruitment"
    recruiter = gateway.recruiter(client)
    gateway.until(lambda: gateway.get(path), lambda line: line["display_name_status"] == "APPROVED")
    gateway.talk(client, line["id"], recruiter)
    [first] = gateway.until(lambda: gateway.phone())
    assert first["from"] == OWN
    gateway.writes("+212661000001", OWN, body="Yes")
    gateway.until(lambda: len(gateway.get(f"/v1/clients/{client}/conversations")["data"]))


def refused(gateway: Gateway, path: str, report: Any) -> str:
    """The code by which the sign-up's step stands after this report."""
    before = step(gateway, path, "signup")["attempts"]
    gateway.post(f"{path}/embedded-signup", report)
    found = gateway.until(
        lambda: step(gateway, path, "signup"),
        lambda one: one["attempts"] > before and one["error"]["code"] != "waiting_for_signup",
    )
    assert (found["state"], found["who"]) == ("waiting", "client")
    return str(found["error"]["code"])


def test_nothing_that_the_page_says_is_believed(gateway: Gateway) -> None:
    client, other = gateway.client(), gateway.client("Zellige Conseil")
    path, others = begun(gateway, client), begun(gateway, other)
    mine = sign_up(gateway)
    gateway.post(f"{path}/embedded-signup", mine.report)
    active(gateway, path)

    # A code that somebody used, and one that nobody was ever given.
    assert refused(gateway, others, mine.report) == "signup_code_used"
    again = gateway.request("POST", f"{others}/embedded-signup", mine.report)
    assert (again.status_code, again.json()["code"]) == (409, "signup_code_used")
    assert refused(gateway, others, {"code": "AQBmadeup"}) == "signup_code_wrong"
    # Another client's account, by name and by a code of its own; a number of another account.
    theirs = sign_up(gateway, "+212600111002", "Zellige")
    stolen = theirs.report | {"waba_id": mine.waba_id, "phone_number_id": mine.phone_number_id}
    assert refused(gateway, others, stolen) == "waba_not_granted"
    same = sign_up(gateway)
    assert refused(gateway, others, same.report) == "waba_of_another_client"
    wrong = sign_up(gateway, "+212600111003", "Zellige").report
    assert refused(gateway, others, wrong | {"phone_number_id": "1"}) == "number_not_granted"
    # 30 seconds.
    late = sign_up(gateway, "+212600111002", "Zellige")
    gateway.panel("PUT", "/clock", {"advance_seconds": 31})
    assert refused(gateway, others, late.report) == "signup_code_expired"
    # Without a number; and two numbers of which none is named.
    bare = sign_up(gateway, None, "Nouvelle")
    assert refused(gateway, others, bare.report) == "signup_without_number"
    assert refused(gateway, others, {"code": sign_up(gateway, None, "Zellige").code,
                                     "event": "FINISH_ONLY_WABA"}) == "number_not_said"  # fmt: skip

    # It goes on where it stopped: what is missing is said afterwards.
    named = {"waba_id": theirs.waba_id, "phone_number_id": theirs.phone_number_id}
    gateway.post(f"{others}/embedded-signup", {"event": "FINISH", **named})
    assert active(gateway, others)["phone_number"] == "+212600111002"
    assert gateway.get(path)["phone_number"] == OWN
    virtual = gateway.post(f"/v1/clients/{client}/lines", {"case": "virtual-number"})["id"]
    nobody = gateway.request(
        "POST", f"/v1/clients/{client}/lines/{virtual}/embedded-signup", mine.report
    )
    assert (nobody.status_code, nobody.json()["code"]) == (409, "no_signup")


def test_what_registration_and_payment_lack_is_said_and_mended(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registering, "RELEASED_WITHIN", 0.0)
    path = begun(gateway, gateway.client())
    done = sign_up(gateway)
    gateway.panel("PUT", "/graph/decisions", {"on_consumer_whatsapp": [OWN]})
    gateway.post(f"{path}/embedded-signup", done.report)
    failed = gateway.until(
        lambda: step(gateway, path, "register"), lambda one: one["state"] == "failed"
    )
    assert (failed["error"]["code"], failed["who"]) == ("number_in_use", "client")
    assert failed["error"]["provider_code"] == "100/2388001"

    gateway.panel(
        "PUT",
        "/graph/decisions",
        {"on_consumer_whatsapp": None, "without_payment": [done.waba_id]},
    )
    gateway.post(f"{path}/activation/retry")
    waiting = gateway.until(
        lambda: step(gateway, path, "payment"), lambda one: one["state"] == "waiting"
    )
    assert (waiting["error"]["code"], waiting["who"]) == ("payment_method_missing", "client")
    gateway.panel("PUT", "/graph/decisions", {"without_payment": None})
    active(gateway, path)


def test_the_access_is_renewed_in_time_lost_and_given_again(gateway: Gateway) -> None:
    client = gateway.client()
    path = begun(gateway, client)
    done = sign_up(gateway)
    gateway.post(f"{path}/embedded-signup", done.report)
    line = active(gateway, path)
    assert line["authorisation_expires_at"] is not None

    gateway.panel("PUT", "/clock", {"advance_seconds": timedelta(days=47).total_seconds()})
    with gateway.app.app_context():
        renewing.ask_all()
        renewing.ask_all()
    problems = gateway.until(lambda: gateway.get(f"{path}/health")["problems"])
    assert [one["code"] for one in problems] == ["authorisation_expiring"]
    told = gateway.until(
        lambda: [one for one in gateway.get("/v1/events")["data"]
                 if one["type"] == "line.authorisation_expiring"]
    )  # fmt: skip
    assert len(told) == 1
    assert told[0]["data"]["signup_url"] == gateway.get(path)["activation"]["signup_url"]
    gateway.post(f"{path}/embedded-signup", sign_up(gateway).report)
    gateway.until(
        lambda: gateway.get(path)["authorisation_expires_at"],
        lambda at: at > line["authorisation_expires_at"],
    )
    assert gateway.get(path)["activation"]["signup_url"] is None

    # The client removes us over there: Meta says so under the business's id, not the account's.
    gateway.panel("PUT", "/clock", {"advance_seconds": 120})
    gateway.panel("PUT", "/graph/decisions", {"offboarded": [done.waba_id]})
    lost = gateway.until(lambda: gateway.get(path), lambda it: it["status"] == "suspended")
    assert lost["suspension"]["code"] == "authorisation_lost"
    assert lost["activation"]["signup_url"]
    another = sign_up(gateway, "+212600111009", "Another")
    gateway.post(f"{path}/embedded-signup", another.report)
    gateway.work()
    assert gateway.get(path)["status"] == "suspended"
    gateway.panel("PUT", "/clock", {"advance_seconds": 120})
    gateway.post(f"{path}/embedded-signup", sign_up(gateway).report)
    assert active(gateway, path)["phone_number"] == OWN


def test_a_disconnected_number_stays_the_clients(gateway: Gateway) -> None:
    client = gateway.client()
    path = begun(gateway, client)
    gateway.post(f"{path}/embedded-signup", sign_up(gateway).report)
    active(gateway, path)
    released = gateway.request("POST", f"{path}/release")
    assert released.json()["code"] == "line_state"

    gateway.post(f"{path}/disconnect")
    gateway.until(lambda: gateway.get(path), lambda line: line["status"] == "released")
    assert gateway.world.store.get("graph_registered", OWN) is None
    assert not list(gateway.world.store.all("graph_subscription"))
    again = gateway.request("POST", f"{path}/disconnect")
    assert again.json()["code"] == "not_own_number"

    # It may be connected anew, with the PIN that it has over there.
    path = begun(gateway, client)
    gateway.post(f"{path}/embedded-signup", sign_up(gateway).report)
    assert active(gateway, path)["phone_number"] == OWN
    cancelled = begun(gateway, gateway.client("Zellige Conseil"))
    gateway.post(f"{cancelled}/activation/cancel")
    gateway.until(lambda: gateway.get(cancelled), lambda line: line["status"] == "released")


def test_a_crash_costs_a_second_sign_up_at_most(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = begun(gateway, gateway.client())
    once = iter(("killed",))
    keep = secrets.keep

    def kept(session: Session, client_id: str, name: str, value: str) -> None:
        if name.startswith("signup-token") and next(once, None):
            raise RuntimeError("killed between the exchange and its record")
        keep(session, client_id, name, value)

    monkeypatch.setattr(secrets, "keep", kept)
    assert refused(gateway, path, sign_up(gateway).report) == "signup_code_used"

    again = iter(("killed",))
    numbers_of = WhatsAppCloudConnector.numbers

    def listed(connector: WhatsAppCloudConnector, *given: str) -> Any:
        if next(again, None):
            raise RuntimeError("killed with the token at hand")
        return numbers_of(connector, *given)

    monkeypatch.setattr(WhatsAppCloudConnector, "numbers", listed)
    gateway.post(f"{path}/embedded-signup", sign_up(gateway).report)
    assert active(gateway, path)["phone_number"] == OWN
    assert next(again, None) is None
