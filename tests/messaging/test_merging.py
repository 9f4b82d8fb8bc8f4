"""Two candidates that share an identifier: one person, or a number with a new owner."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from gateway.database import tenant
from gateway.ids import show
from gateway.messaging import present, service
from plugins.whatsapp_cloud.simulator_people import bsuid_of
from tests.harness import Desk
from tests.messaging.test_inbound import now, rows, text_from, value_of
from tests.messaging.test_introductions import introduction


def writes_unseen(desk: Desk, phone: str, body: str, **known: Any) -> str:
    """A person with a user name writes: the BSUID is all that is told. The conversation's id."""
    told = text_from(desk, phone, body, f"wamid.{body}{phone}", now(desk))
    value = value_of(told)
    bsuid = bsuid_of(desk.line["portfolio_id"], phone)
    del value["messages"][0]["from"]
    value["messages"][0]["from_user_id"] = bsuid
    value["contacts"] = [{"profile": {"name": "imane_t"}, "user_id": bsuid, **known}]
    desk.gateway.webhook(told)
    (found,) = desk.gateway.until(
        lambda: rows(
            desk,
            "SELECT conversation_id AS id FROM messages WHERE wamid = :wamid",
            wamid=f"wamid.{body}{phone}",
        )
    )
    return show("conv", found["id"])


def test_who_wrote_under_a_user_name_and_is_then_written_to_by_phone_is_one(
    desk: Desk, phone: str
) -> None:
    unseen = writes_unseen(desk, phone, "Is the job open?")
    assert desk.get(f"/conversations/{unseen}")["candidate"]["phone"] is None

    talk = desk.talk(phone, ats_candidate_id="ATS-7")

    assert talk != unseen
    person = desk.gateway.until(
        lambda: desk.get(f"/conversations/{unseen}"), lambda shown: shown["id"] == talk
    )["candidate"]
    assert (person["name"], person["phone"], person["ats_candidate_id"]) == (
        "Imane Tazi",
        phone,
        "ATS-7",
    )
    assert person["other_names"] == ["imane_t"]
    assert person["bsuid"] == bsuid_of(desk.line["portfolio_id"], phone)
    assert [message["direction"] for message in desk.messages(talk)] == ["inbound", "outbound"]
    assert desk.messages(unseen) == desk.messages(talk)
    listed = desk.get(f"/conversations?line_id={desk.line['id']}")["data"]
    assert [row["id"] for row in listed if row["candidate"]["id"] == person["id"]] == [talk]
    assert desk.get(f"/conversations/{talk}")["reply_window"]["open"]
    writes_unseen(desk, phone, "And the pay?")
    assert desk.messages(talk)[-1]["preview"] == "And the pay?"


def test_who_is_merged_while_a_list_is_read_is_shown_as_the_one(desk: Desk, phone: str) -> None:
    unseen = writes_unseen(desk, phone, "Is the job open?")

    def merged() -> str:
        talk = desk.talk(phone)
        shown = desk.gateway.until(
            lambda: desk.get(f"/conversations/{unseen}"), lambda shown: shown["id"] == talk
        )
        return str(shown["candidate"]["id"])

    with desk.gateway.app.app_context(), tenant(desk.client) as session:
        listed = [service.conversation(session, desk.client, unseen)]
        with ThreadPoolExecutor(1) as elsewhere:
            person = elsewhere.submit(merged).result()
        [shown] = present.conversations(session, listed)
        assert shown["candidate"].id == person


def test_a_stop_said_under_the_user_name_holds_for_the_one_person(desk: Desk, phone: str) -> None:
    unseen = writes_unseen(desk, phone, "STOP")
    talk = desk.talk(phone)
    person = desk.gateway.until(
        lambda: desk.get(f"/conversations/{unseen}"), lambda shown: shown["id"] == talk
    )["candidate"]
    assert person["opted_out_at"] is not None
    refused = desk.attempt(
        f"/conversations/{talk}/messages", {"type": "text", "text": {"body": "Still there?"}}
    )
    assert refused.json()["code"] == "candidate_opted_out"


def test_whom_the_client_knows_as_two_stay_two_and_it_is_told(desk: Desk, phone: str) -> None:
    unseen = writes_unseen(desk, phone, "Hello")
    candidate = desk.get(f"/conversations/{unseen}")["candidate"]["id"]
    changed = desk.gateway.request(
        "PATCH", f"{desk.path}/candidates/{candidate}", {"ats_candidate_id": "ATS-1"}
    ).json()
    assert changed["ats_candidate_id"] == "ATS-1"

    talk = desk.talk(phone, ats_candidate_id="ATS-2")

    def told() -> list[dict[str, Any]]:
        query = "SELECT data FROM events WHERE type = 'candidate.merge_suspected'"
        return [row for row in rows(desk, query) if candidate in row["data"].values()]

    (event,) = desk.gateway.until(told)
    assert event["data"]["candidate_id"] == desk.get(f"/conversations/{talk}")["candidate"]["id"]
    assert desk.get(f"/conversations/{unseen}")["id"] == unseen

    # They meet again with each message, whoever of them sends it or is sent it.
    desk.post(f"/conversations/{talk}/messages", introduction("Sara El Amrani"))
    desk.gateway.until(lambda: len(desk.gateway.phone(phone)) == 2)
    writes_unseen(desk, phone, "Hello again", wa_id=phone[1:])
    desk.gateway.work()
    assert told() == [event]


def test_a_number_with_a_new_owner_takes_nothing_of_the_history_along(
    desk: Desk, phone: str
) -> None:
    talk = desk.answered(phone)
    before = desk.get(f"/conversations/{talk}")["candidate"]
    told = text_from(desk, phone, "Wrong number?", f"wamid.owner{phone}", now(desk))
    value_of(told)["messages"][0]["from_user_id"] = f"MA.owner{phone[-5:]}"
    value_of(told)["contacts"][0]["user_id"] = f"MA.owner{phone[-5:]}"

    desk.gateway.webhook(told)

    after = desk.gateway.until(
        lambda: desk.get(f"/conversations/{talk}")["candidate"],
        lambda person: person["phone"] is None,
    )
    assert (after["id"], after["bsuid"]) == (before["id"], before["bsuid"])
    (owner,) = rows(desk, "SELECT id FROM candidates WHERE phone = :phone", phone=phone)
    assert owner["id"] != before["id"]
    assert "Wrong number?" not in [message["preview"] for message in desk.messages(talk)]
    assert desk.talk(phone, name="Somebody else") != talk


def test_a_phone_that_the_client_tells_makes_two_one_or_corrects_it(desk: Desk, phone: str) -> None:
    unseen = writes_unseen(desk, phone, "Me again")
    talk = desk.talk("0622" + phone[-6:])
    candidate = desk.get(f"/conversations/{talk}")["candidate"]["id"]

    def tells(conversation: str, said: str) -> Any:
        who = desk.get(f"/conversations/{conversation}")["candidate"]["id"]
        body = {"phone": said}
        return desk.gateway.request("PATCH", f"{desk.path}/candidates/{who}", body)

    assert tells(unseen, "0622" + phone[-6:]).json()["id"] == candidate
    assert desk.get(f"/conversations/{unseen}")["id"] == talk
    assert tells(talk, "0633" + phone[-6:]).json()["phone"] == "+212633" + phone[-6:]
    other = desk.talk(phone)
    refused = tells(other, "0633" + phone[-6:])
    assert (refused.status_code, refused.json()["code"]) == (409, "phone_of_another_candidate")
    assert tells(other, "12").json()["code"] == "invalid_phone_number"
