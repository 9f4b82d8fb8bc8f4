"""A client's own number, from the sign-up to an active line, and to its end."""

from typing import Any

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
    assert first["from"] == OWN.removeprefix("+") or first["from"] == OWN
