"""A number that stays in the WhatsApp Business app: what came before, what the client writes there,
and what is never done to it."""

import re
from collections.abc import Mapping
from html import unescape
from typing import Any

from sqlalchemy import select

from gateway.audit.models import AuditEntry
from gateway.database import platform, tenant
from gateway.provisioning import health
from plugins.whatsapp_cloud.simulator_samples import SAMPLES
from tests.console.browser import Browser
from tests.harness import Gateway
from tests.onboarding.popup import sign_up
from tests.onboarding.test_embedded_signup import active, begun

OWN = "+212600111002"
IMANE, OMAR = "+212661000001", "+212661000002"
PAST = [
    {"with": IMANE, "by": "person", "body": "Is the job still open?", "days_ago": 120},
    {"with": IMANE, "by": "owner", "body": "Yes, send your CV.", "days_ago": 119},
    {"with": IMANE, "by": "person", "body": "Here it is.", "days_ago": 30},
    {"with": IMANE, "by": "owner", "body": "Thank you.", "days_ago": 29},
    {"with": OMAR, "by": "person", "body": "Good morning", "days_ago": 0.01},
    {"with": OMAR, "by": "person", "file": "image", "days_ago": 30},
    {"with": OMAR, "by": "person", "file": "document", "days_ago": 3},
    {"with": OMAR, "by": "person", "body": "Too long ago", "days_ago": 200},
]


def app(gateway: Gateway, method: str, path: str, body: Mapping[str, Any]) -> Any:
    """The owner of the number, at the app."""
    url = f"{gateway.sandbox_url}/graph/app/{OWN}{path}"
    answer = gateway.session.request(method, url, json=body, timeout=30)
    assert answer.ok, answer.text
    return answer.json()


def coexisting(gateway: Gateway, client: str) -> str:
    """The path of an active line whose number stays in the app."""
    path = begun(gateway, client)
    gateway.post(f"{path}/embedded-signup", sign_up(gateway, OWN, coexists=True).report)
    active(gateway, path)
    return path


def talks(gateway: Gateway, client: str) -> dict[str, Any]:
    """The conversations by the candidate's phone."""
    found = gateway.get(f"/v1/clients/{client}/conversations")["data"]
    return {talk["candidate"]["phone"]: talk for talk in found}


def messages(gateway: Gateway, client: str, talk: Mapping[str, Any]) -> list[Any]:
    found: list[Any] = gateway.get(f"/v1/clients/{client}/conversations/{talk['id']}/messages")[
        "data"
    ]
    return found


def arrived(gateway: Gateway, client: str, talk: Mapping[str, Any], how_many: int) -> list[Any]:
    """The messages, once there are so many: what is told at the same time comes in any order."""
    return gateway.until(
        lambda: messages(gateway, client, talk), lambda said: len(said) == how_many
    )


def test_what_the_app_holds_comes_along(gateway: Gateway) -> None:
    contacts = [
        {"phone": IMANE, "name": "Imane Tazi"},
        {"phone": "+212661000009", "name": "Mother"},
    ]
    app(gateway, "PUT", "", {"contacts": contacts, "history": PAST})
    client = gateway.client()
    path = coexisting(gateway, client)

    line = gateway.until(
        lambda: gateway.get(path), lambda line: line["coexistence"]["history"]["state"] == "done"
    )
    gateway.until(
        lambda: gateway.get(path), lambda line: line["coexistence"]["contacts"]["state"] == "done"
    )
    assert line["coexistence"]["history"]["progress"] == 100
    assert line["coexistence"]["messages_a_second"] == 20
    assert {"groups", "throughput"} <= {one["name"] for one in line["coexistence"]["limits"]}

    found = gateway.until(lambda: talks(gateway, client), lambda found: len(found) == 2)
    assert found[IMANE]["candidate"]["name"] == "Imane Tazi"
    assert found[OMAR]["candidate"]["name"] == OMAR
    said = messages(gateway, client, found[IMANE])
    assert [one["text"]["body"] for one in said] == [one["body"] for one in PAST[:4]]
    assert [one["direction"] for one in said] == ["inbound", "outbound", "inbound", "outbound"]
    assert {one["source"] for one in said} == {"app_history"}
    # Omar wrote a quarter of an hour ago, before the line was: that opens nothing.
    assert not found[OMAR]["reply_window"]["open"]
    # A file is a placeholder until it comes; one from so long ago never does.
    old, cv, _ = gateway.until(
        lambda: messages(gateway, client, found[OMAR]),
        lambda said: len(said) == 3 and (said[1]["media"] or {}).get("state") == "stored",
    )
    assert (old["type"], old["media"]) == ("media_placeholder", None)
    assert old["preview"] == "File that the app did not share"
    assert (cv["type"], cv["source"]) == ("document", "app_history")
    downloaded = gateway.request("GET", f"/v1/clients/{client}/media/{cv['media']['id']}")
    assert downloaded.content == SAMPLES["document"][1]
    browser = Browser(gateway.app).sign_in(client)
    thread = browser.read(f"/console/conversations/{found[OMAR]['id']}?fragment=thread")
    assert thread.count("File that the app did not share") == 1
    gateway.post(f"{path}/disconnect")


def test_the_clients_words_in_the_app_are_its_own(gateway: Gateway) -> None:
    client = gateway.client()
    path = coexisting(gateway, client)
    app(gateway, "POST", "/messages", {"to": IMANE, "text": {"body": "Come at nine."}})
    app(gateway, "POST", "/contacts", {"phone": IMANE, "name": "Imane Tazi"})

    found = gateway.until(
        lambda: talks(gateway, client),
        lambda found: IMANE in found and found[IMANE]["candidate"]["name"] == "Imane Tazi",
    )
    [said] = messages(gateway, client, found[IMANE])
    assert (said["direction"], said["recruiter_id"]) == ("outbound", None)
    assert (said["status"], said["source"]) == ("sent", "business_app")
    assert not found[IMANE]["reply_window"]["open"]
    [event] = [one for one in gateway.get("/v1/events")["data"] if one["type"] == "message.echoed"]
    assert event["data"]["preview"] == "Come at nine."

    # What is corrected or taken back stays, marked as such, and in the audit trail.
    late = app(gateway, "POST", "/messages", {"to": IMANE, "text": {"body": "Room 4."}})["wamid"]
    corrected = {"context": {}, "type": "text", "text": {"body": "Come at ten."}}
    arrived(gateway, client, found[IMANE], 2)
    for number, (kind, wamid, more) in enumerate(
        (("edit", said["wamid"], {"message": corrected}), ("revoke", late, {})), start=3
    ):
        change = {"original_message_id": wamid, **more}
        app(gateway, "POST", "/messages", {"to": IMANE, "type": kind, kind: change})
        first, second, *changes = arrived(gateway, client, found[IMANE], number)
    edit, revoke = changes
    assert [one["text"]["body"] for one in (first, second)] == ["Come at nine.", "Room 4."]
    assert edit["preview"] == "Correction: Come at ten."
    for original, how, change in ((first, "edited", edit), (second, "withdrawn", revoke)):
        assert original["changed"] == {
            "how": how, "message_id": change["id"], "at": change["created_at"],
        }  # fmt: skip
        assert change["context"]["message_id"] == original["id"]
        assert change["changed"] is None
    browser = Browser(gateway.app).sign_in(client)
    thread = browser.read(f"/console/conversations/{found[IMANE]['id']}?fragment=thread")
    assert re.findall(r'bubble ours (edited|withdrawn)" id="(\w+)"', thread) == [
        ("edited", first["id"]), ("withdrawn", second["id"]),
    ]  # fmt: skip
    assert {"Corrected since", "Taken back since"} <= set(re.findall(r">([^<]*since)<", thread))
    with gateway.app.app_context(), tenant(client) as session:
        acts = {entry.action: entry.subject for entry in session.scalars(select(AuditEntry))}
    assert acts["message.edited"] == first["id"]
    assert acts["message.withdrawn"] == second["id"]

    # The person answers: that opens the window, and a recruiter may go on.
    gateway.writes(IMANE, OWN, body="I will be there")
    gateway.until(lambda: talks(gateway, client)[IMANE]["reply_window"]["open"])
    gateway.post(f"{path}/disconnect")


def test_such_a_number_is_never_registered_nor_taken_off(gateway: Gateway) -> None:
    client = gateway.client()
    path = coexisting(gateway, client)
    gateway.until(lambda: gateway.get(path), lambda line: line["display_name_status"] == "APPROVED")
    refused = gateway.request("POST", f"{path}/release")
    assert (refused.status_code, refused.json()["code"]) == (409, "line_state")

    gateway.panel("PUT", "/graph/decisions", {"fallen_off": [OWN]})
    gateway.panel("PUT", "/clock", {"advance_seconds": 3600})
    with gateway.app.app_context(), platform() as session:
        health.ask(session, gateway.get(path)["waba_id"])
    seen = gateway.until(lambda: gateway.get(f"{path}/health"), lambda seen: seen["problems"])
    assert [one["code"] for one in seen["problems"]] == ["app_link_lost"]
    assert gateway.get(path)["activation"]["signup_url"]
    gateway.post(f"{path}/disconnect")
    gateway.until(lambda: gateway.get(path), lambda line: line["status"] == "released")

    calls = gateway.panel("GET", "/stats")["calls"]
    assert "register" not in calls
    assert "deregister" not in calls
    assert gateway.get(path)["coexistence"] is None


def test_its_page_says_what_it_cannot_do_and_what_is_not_shared(gateway: Gateway) -> None:
    app(gateway, "PUT", "", {"shares_history": False})
    client = gateway.client()
    browser = Browser(gateway.app).sign_in(client)
    assert "cannot do" not in browser.read("/console/?fragment=app")
    path = coexisting(gateway, client)

    shown = gateway.until(
        lambda: gateway.get(path)["coexistence"],
        lambda shown: shown["history"]["state"] == "not_shared",
    )
    assert "sign up again" in shown["history"]["problem"]
    assert {"groups", "throughput", "official_account"} <= {it["name"] for it in shown["limits"]}
    page = unescape(browser.read("/console/?fragment=app"))
    for words in (shown["history"]["problem"], "it was not shared in the app"):
        assert words in page
    for limit in shown["limits"]:
        assert f"<dt>{limit['text']}</dt><dd>{limit['do']}</dd>" in page
    gateway.post(f"{path}/disconnect")
