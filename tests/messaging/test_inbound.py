"""What people write arrives: once, with its client, whole, whatever kind it is of."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import text

from gateway.database import platform, router, tenant
from gateway.ids import show
from gateway.messaging import inbound, routing
from plugins.whatsapp_cloud.simulator_people import bsuid_of
from tests.harness import Desk

FIXTURES = Path(__file__).parents[1] / "fixtures" / "meta"
KINDS = sorted(path.stem for path in FIXTURES.glob("inbound_*.json"))
NO_MESSAGE = ("inbound_account_error", "inbound_group")
NO_WINDOW = ("system",)


def payload(name: str, desk: Desk, number: int, **stamps: int) -> dict[str, Any]:
    """A webhook of Meta's for this desk's line, written a minute ago by a person of its own."""
    body = (FIXTURES / f"{name}.json").read_text()
    for old, new in (
        ("3300000000000001", desk.line["phone_number_id"]),
        ("212520000001", desk.line["phone_number"].removeprefix("+")),
        ("MA.10000000000000000", f"MA.{number:05}"),
        ("2126000000", f"21266{number:05}"),
        ("wamid.IN", f"wamid.IN{number:05}"),
        ("5511987654321", f"55119{number:08}"),
    ):
        body = body.replace(old, new)
    found: dict[str, Any] = json.loads(body)
    for message in value_of(found).get("messages", ()):
        message["timestamp"] = str(stamps.get("timestamp", int(time.time()) - 60))
    return found


def value_of(body: dict[str, Any]) -> dict[str, Any]:
    value: dict[str, Any] = body["entry"][0]["changes"][0]["value"]
    return value


def text_from(desk: Desk, phone: str, body: str, wamid: str, at: float) -> dict[str, Any]:
    """A webhook with one text."""
    digits = phone.removeprefix("+")
    value = {
        "messaging_product": "whatsapp",
        "metadata": {
            "display_phone_number": desk.line["phone_number"].removeprefix("+"),
            "phone_number_id": desk.line["phone_number_id"],
        },
        "contacts": [{"profile": {"name": "Imane"}, "wa_id": digits}],
        "messages": [
            {
                "from": digits,
                "id": wamid,
                "timestamp": str(int(at)),
                "type": "text",
                "text": {"body": body},
            }
        ],
    }
    changes = [{"field": "messages", "value": value}]
    return {
        "object": "whatsapp_business_account",
        "entry": [{"id": desk.line["waba_id"], "changes": changes}],
    }


def now(desk: Desk) -> float:
    return desk.gateway.world.now().timestamp()


def rows(desk: Desk, query: str, **values: Any) -> list[dict[str, Any]]:
    with desk.gateway.app.app_context(), tenant(desk.client) as session:
        return [dict(row._mapping) for row in session.execute(text(query), values)]


def by_wamid(desk: Desk, wamid: str) -> list[dict[str, Any]]:
    return rows(desk, "SELECT * FROM messages WHERE wamid = :wamid", wamid=wamid)


def unrouted(desk: Desk) -> list[dict[str, Any]]:
    with desk.gateway.app.app_context(), platform() as session:
        query = "SELECT * FROM inbound_changes WHERE client_id IS NULL ORDER BY received_at"
        return [dict(row._mapping) for row in session.execute(text(query))]


def raw_errors(desk: Desk) -> list[tuple[bytes, str | None]]:
    with desk.gateway.app.app_context(), router() as session:
        query = "SELECT body, error FROM inbound_raw WHERE error IS NOT NULL"
        return [(row.body, row.error) for row in session.execute(text(query))]


@pytest.fixture(scope="module")
def arrived(shared_desk: Desk) -> dict[str, dict[str, Any]]:
    """One webhook of every kind has arrived; by name."""
    desk, bodies = shared_desk, {}
    for number, name in enumerate(KINDS):
        bodies[name] = payload(name, desk, number)
        assert desk.gateway.webhook(bodies[name]).status_code == 200
    desk.gateway.work()
    return bodies


@pytest.mark.parametrize("name", [name for name in KINDS if name not in NO_MESSAGE])
def test_every_kind_becomes_a_message(
    desk: Desk, arrived: dict[str, dict[str, Any]], name: str
) -> None:
    (sent,) = value_of(arrived[name])["messages"]
    kind = sent["type"]

    (row,) = by_wamid(desk, sent["id"])

    assert (row["type"], row["direction"], row["status"]) == (kind, "inbound", "received")
    content = sent.get(kind, {})
    assert row["content"] == ({kind: content} if isinstance(content, list) else content)
    assert row["context_wamid"] == sent.get("context", {}).get("id")
    talk = rows(desk, "SELECT * FROM conversations WHERE id = :id", id=row["conversation_id"])[0]
    assert (talk["last_inbound_at"] is None) is (kind in NO_WINDOW)
    if kind not in NO_WINDOW:
        assert talk["last_inbound_at"].timestamp() == int(sent["timestamp"])


def test_every_message_has_a_name_in_the_conversation(
    desk: Desk, arrived: dict[str, dict[str, Any]]
) -> None:
    wamids = {
        message["id"] for name in arrived if name not in NO_MESSAGE
        for message in value_of(arrived[name])["messages"]
    }  # fmt: skip
    talks = rows(
        desk,
        "SELECT DISTINCT conversation_id FROM messages WHERE wamid = ANY (:wamids)",
        wamids=list(wamids),
    )
    ids = [show("conv", talk["conversation_id"]) for talk in talks]
    shown = [message for talk in ids for message in desk.messages(talk)]
    previews = {message["type"]: message["preview"] for message in shown}

    assert {message["wamid"] for message in shown} == wamids
    assert all(previews.values())
    assert previews["image"].startswith("Photo")
    assert previews["document"].startswith("Document: ")
    assert previews["hologram"] == "Message of the kind hologram"
    assert all(message["type"] in message for message in shown)
    assert {desk.get(f"/conversations/{talk}")["status"] for talk in ids} == {"unassigned"}


@pytest.mark.parametrize("name", NO_MESSAGE)
def test_what_is_no_message_between_two_is_kept_whole(
    desk: Desk, arrived: dict[str, dict[str, Any]], name: str
) -> None:
    value = value_of(arrived[name])
    kept = rows(desk, "SELECT * FROM inbound_changes WHERE state = 'kept' AND field = 'messages'")

    assert [row["change"]["value"] for row in kept].count(value) == 1
    for message in value.get("messages", ()):
        assert by_wamid(desk, message["id"]) == []


def test_the_window_runs_from_metas_timestamp(desk: Desk, phone: str) -> None:
    talk = desk.talk(phone)
    path = f"/conversations/{talk}"
    for name, at in (("late", now(desk) - 25 * 3600), ("later", now(desk) - 30 * 3600)):
        desk.gateway.webhook(text_from(desk, phone, "Yes", f"wamid.{name}{phone}", at))
        desk.gateway.until(lambda name=name: by_wamid(desk, f"wamid.{name}{phone}"))
        assert desk.get(path)["reply_window"]["open"] is False
    refused = desk.attempt(f"{path}/messages", {"type": "text", "text": {"body": "Hello"}})
    assert refused.json()["code"] == "reply_window_closed"

    at = now(desk) - 3600
    desk.gateway.webhook(text_from(desk, phone, "Yes", f"wamid.ok{phone}", at))
    shown = desk.gateway.until(lambda: desk.get(path), lambda talk: talk["reply_window"]["open"])
    closes_at = shown["reply_window"]["closes_at"]

    # Neither an older message nor one from the future moves it.
    desk.gateway.webhook(text_from(desk, phone, "?", f"wamid.old{phone}", at - 3600))
    desk.gateway.until(lambda: by_wamid(desk, f"wamid.old{phone}"))
    assert desk.get(path)["reply_window"]["closes_at"] == closes_at
    desk.gateway.webhook(text_from(desk, phone, "!", f"wamid.next{phone}", now(desk) + 9 * 3600))
    desk.gateway.until(lambda: by_wamid(desk, f"wamid.next{phone}"))
    desk.gateway.panel("PUT", "/clock", {"advance_seconds": 24 * 3600})
    assert desk.get(path)["reply_window"]["open"] is False


def test_a_webhook_that_comes_again_changes_nothing(desk: Desk, phone: str) -> None:
    body = text_from(desk, phone, "Hello", f"wamid.twice{phone}", now(desk))
    two = text_from(desk, phone, "Again", f"wamid.two{phone}", now(desk))
    both = {**two, "entry": [*body["entry"], *two["entry"], *body["entry"]]}

    for one in (body, body, both, both):
        assert desk.gateway.webhook(one).status_code == 200
    desk.gateway.work()

    messages = rows(
        desk,
        "SELECT messages.* FROM messages JOIN conversations c ON c.id = conversation_id"
        " JOIN candidates p ON p.id = candidate_id WHERE p.phone = :phone ORDER BY position",
        phone=phone,
    )
    assert [row["content"]["body"] for row in messages] == ["Hello", "Again"]
    told = rows(
        desk,
        "SELECT * FROM events WHERE type = 'message.received'"
        " AND data ->> 'conversation_id' = (SELECT data ->> 'conversation_id' FROM events"
        " WHERE type = 'message.received' ORDER BY id DESC LIMIT 1)",
    )
    assert len(told) == 2
    with desk.gateway.app.app_context():
        assert ("messages", "failed") not in inbound.counts(desk.client)


def test_one_body_with_two_clients_changes_gives_each_its_own(desk: Desk, phone: str) -> None:
    client = desk.gateway.client("Rif Textile")
    other = Desk(
        gateway=desk.gateway,
        client=client,
        recruiter=desk.gateway.recruiter(client),
        line=desk.gateway.line(client),
    )
    unknown = {**desk.line, "phone_number_id": "999", "phone_number": "+33123456789"}
    nobody = Desk(gateway=desk.gateway, client="", recruiter="", line=unknown)
    entries = [
        text_from(whose, phone, words, f"wamid.{words}{phone}", now(desk))["entry"][0]
        for whose, words in (
            (desk, "Atlas-1"), (other, "Rif-1"), (nobody, "Nobody"), (desk, "Atlas-2"),
        )
    ]  # fmt: skip

    desk.gateway.webhook({"object": "whatsapp_business_account", "entry": entries})
    desk.gateway.until(lambda: by_wamid(desk, f"wamid.Atlas-2{phone}"))
    desk.gateway.work()

    seen = [
        [message["preview"] for talk in whose.get("/conversations")["data"]
         if talk["candidate"]["phone"] == phone for message in whose.messages(talk["id"])]
        for whose in (desk, other)
    ]  # fmt: skip
    assert seen == [["Atlas-1", "Atlas-2"], ["Rif-1"]]
    for whose, words in ((desk, "Rif"), (desk, "Nobody"), (other, "Atlas"), (other, "Nobody")):
        found = rows(
            whose, "SELECT * FROM inbound_changes WHERE change::text LIKE :w", w=f"%{words}-%"
        )
        assert found == []
    kept = unrouted(desk)[-1]
    assert kept["change"]["value"]["messages"][0]["text"]["body"] == "Nobody"
    assert (kept["state"], kept["change"]["phone_number_id"]) == ("kept", "999")
    with desk.gateway.app.app_context():
        assert inbound.counts(None)["messages", "kept"] >= 1


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'{"object": "page", "entry": []}', b"\xff"], ids=str
)
def test_a_signed_body_that_is_none_is_kept_with_its_error(desk: Desk, body: bytes) -> None:
    assert desk.gateway.webhook(body).status_code == 200

    desk.gateway.work()

    assert [error for kept, error in raw_errors(desk) if kept == body]


@pytest.mark.parametrize("oddity", ["\0", "\ud800", float("inf")], ids=["nul", "half", "infinite"])
def test_what_no_database_holds_stops_no_message(desk: Desk, phone: str, oddity: Any) -> None:
    odd = text_from(desk, phone, "Odd", f"wamid.odd{phone}", now(desk))
    value_of(odd)["messages"][0]["text"]["extra"] = oddity
    plain = text_from(desk, phone, "Plain", f"wamid.plain{phone}", now(desk))

    desk.gateway.webhook({**odd, "entry": [*odd["entry"], *plain["entry"]]})

    desk.gateway.until(lambda: by_wamid(desk, f"wamid.plain{phone}"))
    (row,) = by_wamid(desk, f"wamid.odd{phone}")
    assert row["content"]["body"] == "Odd"
    assert row["content"]["extra"] in ("\ufffd", "inf")


def test_a_field_that_means_nothing_yet_is_kept_counted_and_read_again(desk: Desk) -> None:
    body = payload("field_business_username_update", desk, 77)
    with desk.gateway.app.app_context():
        before = inbound.counts(desk.client).get(("business_username_update", "kept"), 0)

    assert desk.gateway.webhook(body).status_code == 200
    desk.gateway.work()

    with desk.gateway.app.app_context():
        key = ("business_username_update", "kept")
        assert inbound.counts(desk.client)[key] == before + 1
        assert inbound.replay(desk.client) >= 1
        desk.gateway.work()
        assert inbound.counts(desk.client)[key] == before + 1
    kept = rows(desk, "SELECT * FROM inbound_changes WHERE field = 'business_username_update'")
    assert value_of(body) in [row["change"]["value"] for row in kept]


@pytest.mark.parametrize("name", sorted(path.stem for path in FIXTURES.glob("field_*.json")))
def test_no_field_of_metas_is_lost(desk: Desk, name: str) -> None:
    body = payload(name, desk, 78)
    changes = [change for entry in body["entry"] for change in entry["changes"]]

    assert desk.gateway.webhook(body).status_code == 200
    desk.gateway.work()

    ours = rows(desk, "SELECT field, change FROM inbound_changes WHERE state IN ('kept', 'done')")
    kept = [(row["field"], row["change"]["value"]) for row in [*ours, *unrouted(desk)]]
    for change in changes:
        assert (change["field"], change["value"]) in kept


def test_a_change_that_cannot_be_read_waits_and_the_others_go_on(desk: Desk, phone: str) -> None:
    bad, good = (
        text_from(desk, phone, words, f"wamid.{words}{phone}", now(desk))
        for words in ("bad", "good")
    )
    with refusing_messages(desk, f"wamid.bad{phone}"):
        desk.gateway.webhook({**bad, "entry": [*bad["entry"], *good["entry"]]})
        desk.gateway.until(lambda: by_wamid(desk, f"wamid.good{phone}"))
    assert by_wamid(desk, f"wamid.bad{phone}") == []
    failed = rows(desk, "SELECT * FROM inbound_changes WHERE state = 'failed'")
    assert [row["error"] for row in failed] == ["InternalError"]
    assert failed[0]["change"]["value"] == value_of(bad)

    with desk.gateway.app.app_context():
        inbound.replay(desk.client)
    desk.gateway.until(lambda: by_wamid(desk, f"wamid.bad{phone}"))
    assert rows(desk, "SELECT * FROM inbound_changes WHERE state = 'failed'") == []


@contextmanager
def refusing_messages(desk: Desk, wamid: str) -> Iterator[None]:
    """The database refuses this one message for a while."""
    url = desk.gateway.app.extensions["settings"].database.owner_url
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE EXCEPTION 'not now' USING ERRCODE = 'XX000'; END $$"
        )
        owner.execute(
            "CREATE TRIGGER refuse BEFORE INSERT ON messages FOR EACH ROW"
            f" WHEN (NEW.wamid = '{wamid}') EXECUTE FUNCTION refuse()"
        )
        try:
            yield
        finally:
            owner.execute("DROP TRIGGER refuse ON messages")
            owner.execute("DROP FUNCTION refuse()")


def test_a_number_that_comes_to_us_gets_what_arrived_for_it_before(desk: Desk, phone: str) -> None:
    early = {**desk.line, "phone_number_id": f"88{phone[-5:]}"}
    body = text_from(
        Desk(gateway=desk.gateway, client="", recruiter="", line=early),
        phone, "Early", f"wamid.early{phone}", now(desk),
    )  # fmt: skip
    desk.gateway.webhook(body)
    desk.gateway.work()
    assert by_wamid(desk, f"wamid.early{phone}") == []

    own = desk.line["phone_number_id"]
    _rename(desk, own, early["phone_number_id"])
    try:
        with desk.gateway.app.app_context():
            routing.replay_unrouted()
        desk.gateway.until(lambda: by_wamid(desk, f"wamid.early{phone}"))
    finally:
        _rename(desk, early["phone_number_id"], own)


def _rename(desk: Desk, old: str, new: str) -> None:
    with desk.gateway.app.app_context(), platform() as session:
        query = "UPDATE numbers SET phone_number_id = :new WHERE phone_number_id = :old"
        session.execute(text(query), {"old": old, "new": new})


def test_one_person_is_known_by_any_of_its_names(desk: Desk, phone: str) -> None:
    """Opened by phone, seen with wa_id and BSUID, then writing with the BSUID alone."""
    talk = desk.answered(phone)
    (known,) = rows(desk, "SELECT * FROM candidates WHERE phone = :phone", phone=phone)
    assert known["wa_id"] == phone.removeprefix("+")
    assert known["bsuid"].startswith("MA.")
    body = text_from(desk, phone, "It is me", f"wamid.me{phone}", now(desk))
    value = value_of(body)
    del value["messages"][0]["from"]
    value["messages"][0]["from_user_id"] = known["bsuid"]
    value["contacts"] = [{"profile": {"name": "Imane", "username": "imane"},
                          "user_id": known["bsuid"]}]  # fmt: skip

    desk.gateway.webhook(body)

    desk.gateway.until(lambda: by_wamid(desk, f"wamid.me{phone}"))
    assert [message["preview"] for message in desk.messages(talk)][-1] == "It is me"


def test_who_changes_number_is_found_at_the_new_one_and_the_old_one_is_nobodys(
    desk: Desk, phone: str
) -> None:
    talk = desk.answered(phone)
    new = f"+2126670{phone[-5:]}"
    notice = text_from(desk, phone, "", f"wamid.moved{phone}", now(desk))
    message = value_of(notice)["messages"][0]
    del message["text"], value_of(notice)["contacts"]
    message["type"] = "system"
    message["system"] = {
        "type": "user_changed_number",
        "wa_id": new.removeprefix("+"),
        "user_id": bsuid_of(desk.line["portfolio_id"], new),
    }

    desk.gateway.webhook(notice)

    person = desk.gateway.until(
        lambda: desk.get(f"/conversations/{talk}")["candidate"],
        lambda person: person["phone"] == new,
    )
    assert person["wa_id"] == new.removeprefix("+")
    assert person["bsuid"] == bsuid_of(desk.line["portfolio_id"], new)
    desk.writes(new, "My new number")
    desk.gateway.until(lambda: desk.messages(talk)[-1]["preview"] == "My new number")
    desk.say(talk, "Is this still you?")
    desk.gateway.until(lambda: desk.words(new) == ["Is this still you?"])
    # Whoever writes from the old number is somebody else.
    desk.gateway.webhook(text_from(desk, phone, "Who is this?", f"wamid.x{phone}", now(desk)))
    (stranger,) = desk.gateway.until(
        lambda: rows(desk, "SELECT * FROM candidates WHERE phone = :phone", phone=phone)
    )
    assert stranger["id"] != person["id"]


def test_a_profile_name_that_misleads_is_tidied(desk: Desk, phone: str) -> None:
    body = text_from(desk, phone, "Hello", f"wamid.name{phone}", now(desk))
    value_of(body)["contacts"][0]["profile"]["name"] = "Sa\u202era\u0007  B."
    desk.gateway.webhook(body)
    (person,) = desk.gateway.until(
        lambda: rows(desk, "SELECT * FROM candidates WHERE phone = :phone", phone=phone)
    )
    assert person["name"] == "Sara B."


def test_a_person_without_a_phone_is_answered_by_its_bsuid(desk: Desk, phone: str) -> None:
    desk.writes(phone)  # so that the platform knows the person's BSUID
    bsuid = desk.gateway.until(
        lambda: rows(desk, "SELECT bsuid FROM candidates WHERE phone = :phone", phone=phone)
    )[0]["bsuid"]
    other = desk.gateway.client("Souss Agro")
    line = desk.gateway.line(other)
    portfolio = rows(desk, "SELECT portfolio_id FROM numbers")[0]["portfolio_id"]
    assert line["portfolio_id"] == portfolio
    there = Desk(
        gateway=desk.gateway,
        client=other,
        recruiter=desk.gateway.recruiter(other),
        line=line,
    )

    made = there.post(
        "/conversations",
        {
            "line_id": line["id"],
            "recruiter_id": there.recruiter,
            "candidate": {"name": "Imane", "bsuid": bsuid},
        },
    )

    assert (made["candidate"]["phone"], made["candidate"]["bsuid"]) == (None, bsuid)
    received = desk.gateway.until(lambda: desk.gateway.phone(phone))
    assert received[-1]["from"] == line["phone_number"]
