"""What recruiters send besides text: checked before anything is queued, and once on the phone."""

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import requests
from sqlalchemy import text

from gateway.database import platform, tenant
from gateway.messaging import template_parameters, templates
from gateway.messaging.contract import TemplateDraft, TemplateState
from gateway.messaging.limits import COUNTS, FILES, LENGTHS
from tests.console.browser import Browser
from tests.harness import Desk
from tests.messaging.test_media import OPUS, PDF, PROGRAM, picture
from tests.messaging.test_sending import come_due, impatient, later, sql, statuses, wake

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "content.md"
DAY = 24 * 3600
MPEG = b"\xff\xfb" + bytes(60)
MOVIE = b"\x00\x00\x00\x18ftypisom" + bytes(12)


def upload(desk: Desk, data: bytes, name: str = "a.bin", declared: str = "", path: str = "") -> Any:
    gateway = desk.gateway
    return gateway.session.post(
        f"{gateway.url}{path or desk.path}/media",
        headers={"Authorization": f"Bearer {gateway.api_key}"},
        files={"file": (name, data, declared or "application/octet-stream")},
        timeout=30,
    )


def kept(desk: Desk, data: bytes, name: str = "a.bin", declared: str = "") -> str:
    answer = upload(desk, data, name, declared)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def attempt(desk: Desk, talk: str, kind: str, content: Any, **more: Any) -> requests.Response:
    return desk.attempt(f"/conversations/{talk}/messages", {"type": kind, kind: content, **more})


def send(desk: Desk, talk: str, kind: str, content: Any, **more: Any) -> Any:
    answer = attempt(desk, talk, kind, content, **more)
    assert answer.status_code == 202, answer.text
    return answer.json()


def refused(answer: requests.Response) -> tuple[int, str, str]:
    problem = answer.json()
    return answer.status_code, problem["code"], problem["errors"][0]["pointer"]


def received(desk: Desk, phone: str, count: int = 2) -> Any:
    """The newest message on the phone, once there are so many."""
    found = desk.gateway.until(lambda: desk.gateway.phone(phone), lambda all_: len(all_) >= count)
    assert len(found) == count
    return found[-1]


def calls(desk: Desk, name: str) -> int:
    return int(desk.gateway.panel("GET", "/stats")["calls"].get(name, 0))


def buttons(*titles: str, body: str = "When?", **more: Any) -> dict[str, Any]:
    replies = [{"type": "reply", "reply": {"id": t, "title": t}} for t in titles]
    return {"type": "button", "body": {"text": body}, "action": {"buttons": replies}, **more}


def rows_of(*ids: str) -> list[dict[str, str]]:
    return [{"id": id_, "title": id_[:24]} for id_ in ids]


def choice(*sections: Any, body: str = "Which?", button: str = "Choose") -> dict[str, Any]:
    action = {"button": button, "sections": list(sections)}
    return {"type": "list", "body": {"text": body}, "action": action}


@pytest.mark.parametrize(
    ("kind", "data", "declared", "content"),
    [
        ("image", picture(), "image/jpeg", {"caption": "The office"}),
        ("image", picture("PNG"), "image/png", {}),
        ("document", PDF, "application/pdf", {"caption": "Your contract", "filename": "C.pdf"}),
        ("document", PDF, "application/pdf", {}),
        ("audio", OPUS, "audio/ogg", {"voice": True}),
        ("audio", MPEG, "audio/mpeg", {}),
    ],
)
def test_a_file_reaches_the_phone_as_it_was_handed_in(
    desk: Desk, phone: str, kind: str, data: bytes, declared: str, content: Any
) -> None:
    talk = desk.answered(phone)
    media_id = kept(desk, data, "contrat é.pdf", declared)

    sent = send(desk, talk, kind, {"id": media_id, **content})

    named = {"filename": "contrat é.pdf"} if kind == "document" else {}
    assert sent[kind] == {"id": media_id, **named, **content}
    assert (sent["media"]["id"], sent["category"]) == (media_id, "service")
    shown = received(desk, phone)
    assert shown["type"] == kind
    assert shown[kind].items() >= {**named, **content}.items()
    got = requests.get(shown[kind]["url"], timeout=30)
    assert (got.content, got.headers["Content-Type"]) == (data, declared)
    assert shown[kind]["sha256"] == hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("text", {"body": "Hello", "preview_url": False}),
        ("interactive", buttons("Monday", "Tuesday", "Neither")),
        ("interactive", buttons("Yes", header={"type": "text", "text": "Interview"},
                                footer={"text": "Atlas"})),
        ("interactive", choice({"title": "Morning", "rows": rows_of("9", "10")},
                               {"title": "Afternoon", "rows": rows_of("14")})),
    ],
)  # fmt: skip
def test_words_and_choices_reach_the_phone(desk: Desk, phone: str, kind: str, content: Any) -> None:
    talk = desk.answered(phone)

    send(desk, talk, kind, content)

    shown = received(desk, phone)
    assert (shown["type"], shown[kind]) == (kind, content)


def test_a_file_is_uploaded_once_a_number_and_again_before_it_expires(
    desk: Desk, phone: str
) -> None:
    talk = desk.answered(phone)
    other_phone = f"+2126671{phone[-5:]}"
    other = desk.answered(other_phone)
    media_id = kept(desk, picture(color=200))
    before = calls(desk, "media")

    for here in (talk, talk, other):
        send(desk, here, "image", {"id": media_id})
    received(desk, phone, 3)
    received(desk, other_phone)
    assert calls(desk, "media") == before + 1

    later(desk, 29 * DAY + 60)
    desk.writes(phone)
    desk.gateway.until(lambda: desk.get(f"/conversations/{talk}")["reply_window"]["open"])
    send(desk, talk, "image", {"id": media_id})
    received(desk, phone, 4)
    assert calls(desk, "media") == before + 2


def test_an_upload_whose_answer_is_lost_sends_once(desk: Desk, phone: str) -> None:
    talk = desk.answered(phone)
    media_id = kept(desk, picture(color=201))
    with impatient(desk):
        desk.gateway.panel(
            "PUT", "/faults", {"graph": {"timeout_after_accept_rate": 1, "calls": ["media"]}}
        )
        message = send(desk, talk, "image", {"id": media_id})["id"]
        desk.gateway.work()
        waiting = desk.message(message)
        assert (waiting["status"], waiting["error"]["code"]) == ("queued", "no_answer")
        desk.gateway.panel("PUT", "/faults", {})
    come_due(desk)

    received(desk, phone)
    desk.gateway.until(lambda: statuses(desk, message) == ["delivered"])
    assert len(desk.gateway.phone(phone)) == 2


def test_a_worker_that_dies_between_upload_and_send_loses_and_doubles_nothing(
    desk: Desk, phone: str
) -> None:
    talk = desk.answered(phone)
    media_id = kept(desk, picture(color=202))
    desk.gateway.panel("PUT", "/faults", {"graph": {"hold_after": "media"}})
    message = send(desk, talk, "image", {"id": media_id})["id"]
    worker = Thread(target=desk.gateway.work)
    worker.start()
    desk.gateway.until(lambda: desk.gateway.panel("GET", "/faults")["held"], working=False)
    assert statuses(desk, message) == ["queued"], "nothing of it has left"
    with desk.gateway.app.app_context(), platform() as session:
        session.execute(
            text(
                "UPDATE outbox SET lease_until = now() - interval '1s', fence = fence + 1"
                " WHERE key = :line"
            ),
            {"line": desk.line["id"]},
        )
    desk.gateway.panel("PUT", "/faults", {})
    worker.join(30)
    assert not worker.is_alive()

    wake(desk)
    received(desk, phone)
    desk.gateway.until(lambda: statuses(desk, message) == ["delivered"])
    assert len(desk.gateway.phone(phone)) == 2


def test_a_file_that_the_platform_refuses_fails_its_message(desk: Desk, phone: str) -> None:
    talk = desk.answered(phone)
    media_id = kept(desk, picture(color=203))
    desk.gateway.panel(
        "PUT", "/faults", {"graph": {"error_rate": 1, "error_code": 131053, "calls": ["media"]}}
    )
    message = send(desk, talk, "image", {"id": media_id})["id"]
    desk.gateway.work()
    desk.gateway.panel("PUT", "/faults", {})

    failed = desk.message(message)
    assert (failed["status"], failed["error"]["code"]) == ("failed", "media_upload_failed")
    send(desk, talk, "image", {"id": media_id})
    received(desk, phone)


@pytest.mark.parametrize(
    ("data", "declared", "code"),
    [
        (PROGRAM, "application/pdf", "unsupported_media"),
        (b"<html>", "text/plain", "unsupported_media"),
        (picture("GIF"), "image/gif", "unsupported_media"),
        (picture("WEBP"), "image/webp", "unsupported_media"),
        (OPUS[:-1] + b"\x02", "audio/ogg", "unsupported_media"),
        (b"", "text/plain", "unsupported_media"),
        (picture() + bytes(FILES["image"].most_bytes), "image/jpeg", "media_too_large"),
    ],
)
def test_a_file_that_no_message_carries_is_not_taken(
    desk: Desk, data: bytes, declared: str, code: str
) -> None:
    assert refused(upload(desk, data, declared=declared)) == (422, code, "/file")


@pytest.mark.parametrize(
    ("data", "declared", "mime_type"),
    [
        (picture(), "application/pdf", "image/jpeg"),
        (PDF, "", "application/pdf"),
        (b"Dear candidate", "text/plain", "text/plain"),
        (MOVIE, "audio/mp4", "audio/mp4"),
        (MOVIE, "video/mp4", "video/mp4"),
        (b"#!AMR\n", "audio/amr", "audio/amr"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/msword", "application/msword"),
    ],
)
def test_a_file_is_what_its_content_says(
    desk: Desk, data: bytes, declared: str, mime_type: str
) -> None:
    made = upload(desk, data, "some file", declared).json()
    assert (made["mime_type"], made["state"], made["size"]) == (mime_type, "stored", len(data))


def test_a_file_goes_only_into_messages_that_carry_it(desk: Desk, phone: str) -> None:
    talk = desk.answered(phone)
    pdf, sound, photo = kept(desk, PDF), kept(desk, MPEG), kept(desk, picture())
    client = desk.gateway.client("Rif Textile")
    theirs = upload(desk, picture(), path=f"/v1/clients/{client}").json()["id"]
    for kind, content in (
        ("image", {"id": pdf}),
        ("document", {"id": photo}),
        ("audio", {"id": photo}),
        ("audio", {"id": sound, "voice": True}),
        ("image", {"id": theirs}),
        ("image", {"id": "med_nonsense"}),
    ):
        answer = attempt(desk, talk, kind, content)
        assert refused(answer) == (422, "unusable_media", f"/{kind}/id")
    assert len(desk.messages(talk)) == 2


def test_what_a_candidate_sent_can_be_sent_on_unless_it_is_not_what_it_says(
    desk: Desk, phone: str
) -> None:
    talk = desk.answered(phone)
    number = desk.line["phone_number"]
    desk.gateway.writes(phone, number, "image", caption="Me")
    desk.gateway.writes(phone, number, "document", mime_type="application/pdf", data="TVqQ")
    found = desk.gateway.until(
        lambda: {m["type"]: m["media"] for m in desk.messages(talk) if m["media"]},
        lambda found: [media["state"] for media in found.values()] == ["stored", "stored"],
    )
    good, bad = found["image"], found["document"]

    send(desk, talk, "image", {"id": good["id"]})
    assert received(desk, phone)["image"]["sha256"] == good["sha256"]
    answer = attempt(desk, talk, "document", {"id": bad["id"]})
    assert refused(answer) == (422, "unusable_media", "/document/id")


def test_reactions_and_quotes_name_messages_of_this_conversation(desk: Desk, phone: str) -> None:
    talk = desk.answered(phone)
    other = desk.answered(f"+2126672{phone[-5:]}")
    theirs = desk.messages(other)[-1]
    ours, said = desk.messages(talk)
    waiting = desk.say(talk, "Not there yet")

    answer = attempt(desk, talk, "reaction", {"message_id": theirs["id"], "emoji": "👍"})
    assert refused(answer) == (422, "unknown_message", "/reaction/message_id")
    for named in (theirs["id"], theirs["wamid"], "msg_nonsense", "wamid.nothing"):
        answer = attempt(desk, talk, "text", {"body": "Hm"}, context={"message_id": named})
        assert refused(answer) == (422, "unknown_message", "/context/message_id")
    early = attempt(desk, talk, "text", {"body": "Hm"}, context={"message_id": waiting})
    assert (early.status_code, early.json()["code"]) == (409, "message_state")
    received(desk, phone, 2)

    for count, target in enumerate((said["id"], said["wamid"], ours["id"]), start=3):
        quoting = send(desk, talk, "text", {"body": "As said"}, context={"message_id": target})
        wamid = ours["wamid"] if target == ours["id"] else said["wamid"]
        assert quoting["context"]["wamid"] == wamid
        assert quoting["context"]["message_id"] in (ours["id"], said["id"])
        shown = received(desk, phone, count)
        assert (shown["text"]["body"], shown["context"]) == ("As said", {"message_id": wamid})

    reaction = send(desk, talk, "reaction", {"message_id": said["id"], "emoji": "👍🏽"})
    assert reaction["context"] == {"message_id": said["id"], "wamid": said["wamid"]}
    assert reaction["category"] is None
    shown = received(desk, phone, 6)
    assert shown["reaction"] == {"message_id": said["wamid"], "emoji": "👍🏽"}
    desk.gateway.until(lambda: statuses(desk, reaction["id"]) == ["sent"])
    send(desk, talk, "reaction", {"message_id": said["id"], "emoji": ""})
    assert received(desk, phone, 7)["reaction"]["emoji"] == ""
    answer = attempt(desk, talk, "reaction", {"message_id": reaction["id"], "emoji": "👍"})
    assert refused(answer)[1] == "unknown_message"

    later(desk, 31 * DAY)
    desk.writes(phone, "Still there?")
    desk.gateway.until(lambda: desk.get(f"/conversations/{talk}")["reply_window"]["open"])
    answer = attempt(desk, talk, "reaction", {"message_id": said["id"], "emoji": "👍"})
    assert refused(answer) == (422, "message_too_old", "/reaction/message_id")


def test_what_a_candidate_chose_names_what_it_answers(desk: Desk, phone: str) -> None:
    talk = desk.answered(phone)
    asked = send(desk, talk, "interactive", buttons("Monday", "Tuesday"))
    received(desk, phone)
    reply = {"id": "Monday", "title": "Monday"}
    desk.gateway.panel(
        "POST",
        f"/phones/{phone}/messages",
        {
            "to": desk.line["phone_number"],
            "type": "interactive",
            "interactive": {"type": "button_reply", "button_reply": reply},
        },
    )

    answer = desk.gateway.until(
        lambda: desk.messages(talk)[-1], lambda message: message["direction"] == "inbound"
    )
    assert (answer["preview"], answer["interactive"]["button_reply"]) == ("Monday", reply)
    assert answer["context"]["message_id"] == asked["id"]


def test_every_free_form_kind_obeys_the_window(desk: Desk, phone: str) -> None:
    talk = desk.answered(phone)
    (_, said) = desk.messages(talk)
    photo, pdf, sound = kept(desk, picture()), kept(desk, PDF), kept(desk, MPEG)
    queued = send(desk, talk, "image", {"id": photo})["id"]
    later(desk, DAY + 60)

    for kind, content in (
        ("text", {"body": "Hello"}),
        ("image", {"id": photo}),
        ("document", {"id": pdf}),
        ("audio", {"id": sound}),
        ("reaction", {"message_id": said["id"], "emoji": "👍"}),
        ("interactive", buttons("Yes")),
    ):
        answer = attempt(desk, talk, kind, content)
        assert (answer.status_code, answer.json()["code"]) == (409, "reply_window_closed")
        dry = {"type": kind, kind: content}
        verdict = desk.post(f"/conversations/{talk}/messages?dry_run=true", dry)
        assert verdict["rule"] == "reply_window_closed"
    desk.gateway.work()
    assert desk.message(queued)["error"]["code"] == "reply_window_closed"
    assert len(desk.gateway.phone(phone)) == 1
    assert desk.post(f"/messages/{said['id']}/read")["read_at"]


def test_a_message_is_marked_read_once(desk: Desk, phone: str) -> None:
    talk = desk.answered(phone)
    ours, said = desk.messages(talk)
    before = calls(desk, "mark_read")
    desk.gateway.panel("PUT", "/faults", {"graph": {"error_rate": 1, "calls": ["mark_read"]}})
    first = desk.post(f"/messages/{said['id']}/read")
    assert first["read_at"]
    desk.gateway.work()
    assert calls(desk, "mark_read") == before + 1
    desk.gateway.panel("PUT", "/faults", {})

    path = f"/phones/{phone}/messages"
    desk.gateway.until(lambda: desk.gateway.panel("GET", path)["read"] == [said["wamid"]])
    assert desk.post(f"/messages/{said['id']}/read") == first
    desk.gateway.work()
    assert calls(desk, "mark_read") == before + 2
    answer = desk.attempt(f"/messages/{ours['id']}/read")
    assert (answer.status_code, answer.json()["code"]) == (409, "message_state")


LIMITS: list[tuple[str, str, Any]] = [
    ("text.body", "/text/body", lambda n: ("text", {"body": "x" * n})),
    ("caption", "/image/caption", lambda n: ("image", {"id": "", "caption": "x" * n})),
    ("caption", "/document/caption", lambda n: ("document", {"id": "", "caption": "x" * n})),
    ("interactive.header", "/interactive/header/text",
     lambda n: ("interactive", buttons("A", header={"type": "text", "text": "x" * n}))),
    ("interactive.footer", "/interactive/footer/text",
     lambda n: ("interactive", buttons("A", footer={"text": "x" * n}))),
    ("button.body", "/interactive/body/text",
     lambda n: ("interactive", buttons("A", body="x" * n))),
    ("button.title", "/interactive/action/buttons/0/reply/title",
     lambda n: ("interactive", buttons("x" * n))),
    ("button.id", "/interactive/action/buttons/0/reply/id",
     lambda n: ("interactive", {"type": "button", "body": {"text": "?"}, "action": {"buttons": [
         {"type": "reply", "reply": {"id": "x" * n, "title": "A"}}]}})),
    ("list.body", "/interactive/body/text",
     lambda n: ("interactive", choice({"rows": rows_of("1")}, body="x" * n))),
    ("list.button", "/interactive/action/button",
     lambda n: ("interactive", choice({"rows": rows_of("1")}, button="x" * n))),
    ("section.title", "/interactive/action/sections/0/title",
     lambda n: ("interactive", choice({"title": "x" * n, "rows": rows_of("1")}))),
    ("row.id", "/interactive/action/sections/0/rows/0/id",
     lambda n: ("interactive", choice({"rows": rows_of("x" * n)}))),
    ("row.title", "/interactive/action/sections/0/rows/0/title",
     lambda n: ("interactive", choice({"rows": [{"id": "1", "title": "x" * n}]}))),
    ("row.description", "/interactive/action/sections/0/rows/0/description",
     lambda n: ("interactive", choice({"rows": [
         {"id": "1", "title": "A", "description": "x" * n}]}))),
    ("buttons", "/interactive/action/buttons",
     lambda n: ("interactive", buttons(*map(str, range(n))))),
    ("sections", "/interactive/action/sections",
     lambda n: ("interactive", choice(*({"title": str(i), "rows": rows_of(str(i))}
                                        for i in range(n))))),
    ("rows", "/interactive/action/sections",
     lambda n: ("interactive", choice({"title": "A", "rows": rows_of(*map(str, range(n - 5)))},
                                      {"title": "B", "rows": rows_of(*map(str, range(9, 14)))}))),
]  # fmt: skip


@pytest.fixture(scope="module")
def long_talk(shared_desk: Desk) -> str:
    """A conversation inside its window, for what is only rehearsed."""
    return shared_desk.answered("+212662999001")


@pytest.mark.parametrize(("name", "pointer", "make"), LIMITS, ids=[row[1] for row in LIMITS])
def test_each_limit_holds(desk: Desk, long_talk: str, name: str, pointer: str, make: Any) -> None:
    most = (LENGTHS | COUNTS)[name]
    path = f"/conversations/{long_talk}/messages?dry_run=true"
    answers = []
    for size in (most, most + 1):
        kind, content = make(size)
        if content.get("id") == "":
            content["id"] = kept(desk, picture() if kind == "image" else PDF)
        answers.append(desk.attempt(path, {"type": kind, kind: content}))

    just, over = answers
    assert just.status_code == 200, just.text
    assert refused(over) == (422, "invalid_request", pointer)


def test_the_limits_table_is_tested_and_documented_whole() -> None:
    assert {name for name, _, _ in LIMITS} == {*LENGTHS, *COUNTS}
    page = PAGE.read_text(encoding="utf-8")
    files = [
        f"| `{kind}` | {', '.join(f'`{name}`' for name in limit.types)}"
        f" | {limit.most_bytes // 1024} KiB |"
        for kind, limit in FILES.items()
    ]
    most = [f"| `{name}` | {number} |" for name, number in (LENGTHS | COUNTS).items()]
    assert "\n".join(files) in page
    assert "\n".join(most) in page


@pytest.mark.parametrize(
    ("message", "pointer"),
    [
        ({"type": "image"}, "/image"),
        ({"type": "image", "image": {}}, "/image/id"),
        ({"type": "video", "video": {"id": "1"}}, "/type"),
        ({"type": "reaction", "reaction": {"message_id": "1", "emoji": "ok"}}, "/reaction/emoji"),
        ({"type": "reaction", "reaction": {"message_id": "1", "emoji": "👍"},
          "context": {"message_id": "1"}}, "/context"),
        ({"type": "text", "text": {"body": "Hm"}, "context": {}}, "/context/message_id"),
        ({"type": "interactive", "interactive": buttons()}, "/interactive/action/buttons"),
        ({"type": "interactive", "interactive": buttons("A", "A")}, "/interactive/action/buttons"),
        ({"type": "interactive", "interactive": {**buttons("A"), "type": "list"}},
         "/interactive/action"),
        ({"type": "interactive", "interactive": choice({"rows": rows_of("1", "1")})},
         "/interactive/action/sections"),
        ({"type": "interactive", "interactive": choice({"rows": rows_of("1")},
                                                       {"rows": rows_of("2")})},
         "/interactive/action/sections"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_pointed_at(
    desk: Desk, long_talk: str, message: Any, pointer: str
) -> None:
    answer = desk.attempt(f"/conversations/{long_talk}/messages", message)
    assert refused(answer) == (422, "invalid_request", pointer)


OFFER = [
    {"type": "HEADER", "format": "DOCUMENT", "example": {"header_handle": ["4::x"]}},
    {"type": "BODY", "text": "Dear {{1}}, the post of {{2}} is yours.",
     "example": {"body_text": [["Imane", "driver"]]}},
    {"type": "BUTTONS", "buttons": [
        {"type": "URL", "text": "Sign", "url": "https://atlas.example/{{1}}",
         "example": ["https://atlas.example/1"]},
        {"type": "QUICK_REPLY", "text": "Later"},
    ]},
]  # fmt: skip
INTERVIEW = [
    {"type": "HEADER", "format": "TEXT", "text": "Interview on {{day}}"},
    {"type": "BODY", "text": "Hello {{name}}, see you at {{place}}.",
     "example": {"body_text_named_params": [{"param_name": "name", "example": "Imane"},
                                            {"param_name": "place", "example": "Casa"}]}},
]  # fmt: skip


@pytest.fixture(scope="module")
def approved(shared_desk: Desk) -> Iterator[Desk]:
    """Meanwhile two templates with parameters of every kind are approved for the desk's line."""
    gateway, waba_id = shared_desk.gateway, shared_desk.line["waba_id"]
    provider = gateway.app.extensions["plugin_host"].messaging_providers.get("whatsapp-cloud")
    for name, components in (("offer", OFFER), ("interview", INTERVIEW)):
        draft = TemplateDraft(name=name, language="en", category="UTILITY", components=components)
        provider.submit_template(waba_id, draft)
        state: TemplateState = gateway.until(
            lambda name=name: provider.find_template(waba_id, name, "en"),
            lambda found: found.status == "APPROVED",
        )
        with gateway.app.app_context(), tenant(shared_desk.client) as session:
            templates.record(session, shared_desk.client, waba_id, draft, state)
    yield shared_desk
    sql(shared_desk, "DELETE FROM templates WHERE name IN ('offer', 'interview')")


def words(*values: str, **named: str) -> list[dict[str, str]]:
    return [{"type": "text", "text": value} for value in values] + [
        {"type": "text", "parameter_name": name, "text": value} for name, value in named.items()
    ]


def template(name: str, *components: Any) -> dict[str, Any]:
    return {"name": name, "language": {"code": "en"}, "components": list(components)}


def part(kind: str, parameters: Any, **more: Any) -> dict[str, Any]:
    return {"type": kind, "parameters": parameters, **more}


def test_a_template_goes_with_all_its_parameters(approved: Desk, phone: str) -> None:
    desk, talk = approved, approved.talk(phone)
    desk.gateway.until(lambda: desk.gateway.phone(phone))
    pdf = kept(desk, PDF, "offer.pdf")

    sent = send(desk, talk, "template", template(
        "offer",
        part("header", [{"type": "document", "document": {"id": pdf, "filename": "Offer.pdf"}}]),
        part("body", words("Imane", "driver")),
        part("button", words("77"), sub_type="url", index=0),
        part("button", [{"type": "payload", "payload": "LATER"}], sub_type="quick_reply", index=1),
    ))  # fmt: skip
    assert sent["media"]["id"] == pdf
    shown = received(desk, phone)
    assert shown["text"]["body"] == "Dear Imane, the post of driver is yours."
    header, _, link, _ = shown["template"]["components"]
    assert header["parameters"][0]["document"]["filename"] == "Offer.pdf"
    assert header["parameters"][0]["document"]["id"].isdecimal(), "the platform's id, not ours"
    assert link["index"] == "0"

    named = template("interview", part("header", words(day="Monday")),
                     part("body", words(place="Casa", name="Imane")))  # fmt: skip
    refused_ = attempt(desk, talk, "template", named)
    assert refused_.json()["code"] == "too_many_unanswered_templates"
    desk.writes(phone)
    desk.gateway.until(lambda: desk.get(f"/conversations/{talk}")["reply_window"]["open"])
    send(desk, talk, "template", named)
    assert received(desk, phone, 3)["text"]["body"] == "Hello Imane, see you at Casa."


def test_the_page_offers_and_tells_templates_by_what_it_can_fill(
    approved: Desk, phone: str
) -> None:
    talk = approved.talk(phone)
    approved.gateway.until(lambda: approved.gateway.phone(phone))
    named = template("interview", part("header", words(day="Monday")),
                     part("body", words(place="Casa", name="Imane")))  # fmt: skip
    send(approved, talk, "template", named)

    page = (
        Browser(approved.gateway.app)
        .sign_in(approved.client)
        .read(f"/console/conversations/{talk}")
    )

    assert "Hello Imane, see you at Casa." in page
    offered = set(re.findall(r'name="template" value="(\w+)"', page))
    assert offered == {"recruitment_introduction", "recruitment_first_contact"}


def offer_without(*left_out: str, **other: Any) -> dict[str, Any]:
    parts = {
        "header": part("header", [{"type": "document", "document": {"id": "PDF"}}]),
        "body": part("body", words("Imane", "driver")),
        "link": part("button", words("77"), sub_type="url", index=0),
        **other,
    }
    return template("offer", *(value for name, value in parts.items() if name not in left_out))


_AT = "/template/components"


@pytest.mark.parametrize(
    ("content", "pointer"),
    [
        (offer_without("header"), _AT),
        (offer_without("body"), _AT),
        (offer_without("link"), _AT),
        (offer_without(body=part("body", words("Imane"))), f"{_AT}/1/parameters"),
        (offer_without(body=part("body", words("a", "b", "c"))), f"{_AT}/1/parameters"),
        (offer_without(body=part("body", [*words("a"), {"type": "payload", "payload": "b"}])),
         f"{_AT}/1/parameters/1/type"),
        (offer_without(header=part("header", words("a"))), f"{_AT}/0/parameters/0/type"),
        (offer_without(header=part("header", [{"type": "image", "image": {"id": "PDF"}}])),
         f"{_AT}/0/parameters/0/type"),
        (offer_without(link=part("button", words("1"), sub_type="url", index=1)),
         f"{_AT}/2/sub_type"),
        (offer_without(link=part("button", words("1"), sub_type="url", index=5)), f"{_AT}/2/index"),
        (offer_without(again=part("body", words("a", "b"))), f"{_AT}/3"),
        (template("interview", part("header", words(day="1")), part("body", words("a", "b"))),
         f"{_AT}/1/parameters/0/parameter_name"),
        (template("interview", part("header", words(day="1")),
                  part("body", words(name="a", town="b"))),
         f"{_AT}/1/parameters/1/parameter_name"),
        (template("interview", part("body", words(name="a", place="b"))), _AT),
        (template("recruitment_introduction", part("body", words("a", "b")),
                  part("header", words("a"))), f"{_AT}/1/parameters"),
    ],
)  # fmt: skip
def test_parameters_that_do_not_fit_are_pointed_at_before_anything_is_queued(
    approved: Desk, long_talk: str, content: Any, pointer: str
) -> None:
    pdf = kept(approved, PDF)
    for component in content["components"]:
        for parameter in component["parameters"]:
            for kind in ("document", "image"):
                if kind in parameter:
                    parameter[kind] = {"id": pdf}
    before = len(approved.messages(long_talk))

    answer = attempt(approved, long_talk, "template", content)

    assert refused(answer) == (422, "template_parameters", pointer)
    assert len(approved.messages(long_talk)) == before


def test_a_copied_code_and_a_fixed_link_are_told_apart() -> None:
    buttons_ = [
        {"type": "COPY_CODE", "example": "X"},
        {"type": "URL", "url": "https://a.example"},
        {"type": "PHONE_NUMBER", "phone_number": "+212600"},
    ]
    components = [{"type": "BODY", "text": "Hi"}, {"type": "BUTTONS", "buttons": buttons_}]
    code = part("button", [{"type": "coupon_code", "coupon_code": "A1"}], sub_type="copy_code",
                index="0")  # fmt: skip
    link = part("button", words("1"), sub_type="url", index="1")

    assert template_parameters.check(components, template("x", code)) is None
    missing = template_parameters.check(components, template("x"))
    assert missing is not None
    assert missing.pointer == "/template/components"
    wrong = template_parameters.check(components, template("x", code, link))
    assert wrong is not None
    assert wrong.pointer == "/template/components/1/sub_type"
