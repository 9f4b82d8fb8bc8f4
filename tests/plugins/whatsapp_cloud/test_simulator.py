"""The adapter against the simulated Meta, over real HTTP on the loopback."""

import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import requests

from gateway.plugin_api import (
    AccountStopped,
    Branding,
    Change,
    InboundMessage,
    OutcomeUnknown,
    OutgoingMessage,
    ProviderError,
    Recipient,
    Refused,
    StatusUpdate,
    TemplateDraft,
    TemplateNeeded,
    TryAgain,
)
from gateway.sandbox.store import DocumentStore
from plugins.whatsapp_cloud.simulator_limits import Buckets
from tests.meta.loopback import (
    FOREIGN_WABA,
    LINE,
    OTHER_LINE,
    OTHER_PERSON,
    OTHER_WABA,
    PERSON,
    PORTFOLIO,
    WABA,
    WAIT_SECONDS,
    Loopback,
    digits_in,
    loopback,
)

DAY = 24 * 3600
WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
INTRODUCTION = TemplateDraft(
    name="introduction",
    language="fr",
    category="UTILITY",
    components=[
        {
            "type": "BODY",
            "text": "Bonjour, je suis {{1}} de {{2}}.",
            "example": {"body_text": [["Sara", "Atlas"]]},
        }
    ],
)


@pytest.fixture
def meta() -> Iterator[Loopback]:
    with loopback() as running:
        yield running


def send(
    meta: Loopback,
    number_id: str,
    *,
    to: str | None = PERSON,
    bsuid: str | None = None,
    type: str = "text",
    content: Any = None,
    message_id: str = "msg_01",
) -> str:
    accepted = meta.messaging.send(
        OutgoingMessage(
            message_id=message_id,
            phone_number_id=number_id,
            recipient=Recipient(phone=to, bsuid=bsuid),
            type=type,
            content=content or {"body": "Bonjour"},
        )
    )
    return accepted.wamid


def introduce(meta: Loopback, number_id: str, *words: str, **to: Any) -> str:
    parameters = [{"type": "text", "text": word} for word in words or ("Sara", "Atlas")]
    content = {
        "name": "introduction",
        "language": {"code": "fr"},
        "components": [{"type": "body", "parameters": parameters}],
    }
    return send(meta, number_id, type="template", content=content, **to)


def approved_introduction(meta: Loopback, waba_id: str = WABA) -> None:
    meta.messaging.submit_template(waba_id, INTRODUCTION)
    meta.next_change(lambda change: change.field == "message_template_status_update")


def write(meta: Loopback, kind: str = "text", content: Any = None, *, person: str = PERSON) -> str:
    body = {"to": LINE, "type": kind, kind: content or {"body": "Bonjour, déjà"}}
    return str(meta.panel("POST", f"phones/{person}/messages", body)["wamid"])


def phone(meta: Loopback, person: str = PERSON) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = meta.panel("GET", f"phones/{person}/messages")["data"]
    return found


def card(meta: Loopback) -> dict[str, Any]:
    found: dict[str, Any] = meta.panel("GET", f"phones/{PERSON}/contacts/{LINE}")
    return found


def decide(meta: Loopback, **decisions: Any) -> None:
    meta.panel("PUT", "graph/decisions", decisions)


def next_status(meta: Loopback, wamid: str, status: str) -> StatusUpdate:
    def wanted(change: Change) -> bool:
        return any(
            (s.wamid, s.status) == (wamid, status) for s in meta.messaging.read(change).statuses
        )

    return meta.messaging.read(meta.next_change(wanted)).statuses[0]


def next_message(meta: Loopback) -> InboundMessage:
    change = meta.next_change(lambda found: bool(meta.messaging.read(found).messages))
    return meta.messaging.read(change).messages[0]


def refusal_of(act: Any) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        act()
    return caught.value


# Numbers


def test_a_code_spoken_twice_verifies_and_the_number_registers(meta: Loopback) -> None:
    number_id = meta.registrar.add(waba_id=WABA, phone_number=LINE, display_name="Atlas")
    assert not meta.registrar.number(number_id).code_verified

    meta.registrar.request_code(number_id, method="VOICE", language="en_US")
    to, speech = meta.operator.heard.get(timeout=WAIT_SECONDS)
    spoken = [
        str(WORDS.index(w))
        for w in speech.replace(",", " ").replace(".", " ").split()
        if w in WORDS
    ]

    assert to == LINE
    assert spoken[:6] == spoken[6:]
    meta.registrar.verify_code(number_id, "".join(spoken[:6]))
    meta.registrar.register(number_id, pin="135790")
    number = meta.registrar.find(waba_id=WABA, phone_number=LINE)
    assert number is not None
    assert (number.code_verified, number.connected) == (True, True)


def test_a_wrong_code_and_an_old_one_are_refused(meta: Loopback) -> None:
    number_id = meta.registrar.add(waba_id=WABA, phone_number=LINE, display_name="Atlas")
    meta.registrar.request_code(number_id, method="SMS", language="en_US")
    _, text = meta.operator.heard.get(timeout=WAIT_SECONDS)
    code = digits_in(text)
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"

    assert refusal_of(lambda: meta.registrar.verify_code(number_id, wrong)).code == "wrong_code"
    meta.panel("PUT", "clock", {"advance_seconds": 601})
    assert refusal_of(lambda: meta.registrar.verify_code(number_id, code)).code == "wrong_code"


def test_an_unverified_number_does_not_register(meta: Loopback) -> None:
    number_id = meta.registrar.add(waba_id=WABA, phone_number=LINE, display_name="Atlas")

    error = refusal_of(lambda: meta.registrar.register(number_id, pin="135790"))

    assert (error.code, error.provider_code) == ("not_verified", "133006")


def test_another_pin_than_the_numbers_own_is_refused(meta: Loopback) -> None:
    number_id = meta.connect()
    assert (
        refusal_of(lambda: meta.registrar.register(number_id, pin="000000")).code == "pin_mismatch"
    )

    meta.call("POST", number_id, json={"pin": "000000"})

    meta.registrar.register(number_id, pin="000000")


def test_ten_registrations_in_72_hours_and_failed_ones_count(meta: Loopback) -> None:
    number_id = meta.connect()
    for _ in range(9):
        refusal_of(lambda: meta.registrar.register(number_id, pin="000000"))

    error = refusal_of(lambda: meta.registrar.register(number_id, pin="135790"))

    assert isinstance(error, TryAgain)
    assert (error.code, error.retry_after) == ("register_limit", 72 * 3600)
    meta.panel("PUT", "clock", {"advance_seconds": 72 * 3600 + 1})
    meta.registrar.register(number_id, pin="135790")


def test_a_number_with_a_whatsapp_account_is_added_but_not_registered(meta: Loopback) -> None:
    decide(meta, on_consumer_whatsapp=LINE)

    error = refusal_of(meta.connect)

    assert (error.code, error.provider_code) == ("number_in_use", "100/2388001")
    decide(meta, on_consumer_whatsapp=None)
    number = meta.registrar.find(waba_id=WABA, phone_number=LINE)
    assert number is not None
    meta.registrar.register(number.phone_number_id, pin="135790")


def test_a_number_registered_elsewhere_is_in_use_until_it_is_taken_off(meta: Loopback) -> None:
    first = meta.connect()
    assert refusal_of(lambda: meta.connect(waba_id=OTHER_WABA)).code == "number_in_use"

    meta.registrar.deregister(first)

    second = meta.registrar.find(waba_id=OTHER_WABA, phone_number=LINE)
    assert second is not None
    meta.registrar.register(second.phone_number_id, pin="135790")


def test_a_portfolio_holds_only_so_many_numbers() -> None:
    with loopback(number_limit=1) as meta:
        meta.registrar.add(waba_id=WABA, phone_number=LINE, display_name="Atlas")

        def another() -> str:
            return meta.registrar.add(
                waba_id=OTHER_WABA, phone_number=OTHER_LINE, display_name="Rif"
            )

        assert refusal_of(another).code == "bad_request"
        decide(meta, portfolio={"numbers": 2})
        assert another()


def test_a_number_is_found_beyond_the_first_page() -> None:
    with loopback(number_limit=40) as meta:
        phones = [f"+2125200001{at:02d}" for at in range(27)]
        for phone_number in phones:
            meta.registrar.add(waba_id=WABA, phone_number=phone_number, display_name="Atlas")

        found = meta.registrar.find(waba_id=WABA, phone_number=phones[-1])

        assert found is not None
        error = refusal_of(
            lambda: meta.registrar.add(waba_id=WABA, phone_number=phones[0], display_name="Atlas")
        )
        assert error.code == "number_already_added"


def test_a_number_taken_off_can_neither_send_nor_be_written_to(meta: Loopback) -> None:
    number_id = meta.connect()
    meta.registrar.deregister(number_id)

    assert refusal_of(lambda: send(meta, number_id)).code == "not_registered"
    with pytest.raises(requests.HTTPError, match="404"):
        write(meta)
    assert not meta.registrar.number(number_id).connected


# What a person sees of a line


def test_a_name_shows_after_its_approval_and_another_registration(meta: Loopback) -> None:
    decide(meta, display_name="hold")
    number_id = meta.connect(name="Atlas Recrutement")
    assert (card(meta)["title"], card(meta)["name_status"]) == (LINE, "PENDING_REVIEW")

    decide(meta, display_name="approve")
    change = meta.next_change(lambda found: found.field == "phone_number_name_update")

    assert (change.waba_id, change.phone_number) == (WABA, LINE)
    assert change.value["decision"] == "APPROVED"
    assert card(meta)["title"] == LINE
    meta.registrar.register(number_id, pin="135790")
    assert card(meta)["title"] == "Atlas Recrutement"


def test_a_refused_name_leaves_the_bare_number(meta: Loopback) -> None:
    decide(meta, display_name="reject")
    number_id = meta.connect()
    change = meta.next_change(lambda found: found.field == "phone_number_name_update")

    assert (change.value["decision"], change.value["rejection_reason"]) == (
        "REJECTED",
        "NAME_ENDCLIENT_NOTRELATED",
    )
    meta.registrar.register(number_id, pin="135790")
    assert meta.registrar.number(number_id).name_status == "DECLINED"
    assert card(meta)["title"] == LINE


def test_a_new_name_is_reviewed_beside_the_old_one(meta: Loopback) -> None:
    number_id = meta.connect(name="Atlas")
    meta.next_change(lambda found: found.field == "phone_number_name_update")
    meta.registrar.register(number_id, pin="135790")

    decide(meta, display_name="hold")
    meta.registrar.rename(number_id, display_name="Atlas Maroc")
    waiting = meta.registrar.number(number_id)
    assert (waiting.display_name, waiting.new_display_name) == ("Atlas", "Atlas Maroc")
    assert (waiting.name_status, waiting.new_name_status) == ("APPROVED", "PENDING_REVIEW")
    refusal = refusal_of(lambda: meta.registrar.rename(number_id, display_name="A"))
    assert refusal.code == "bad_request"
    decide(meta, display_name="approve")
    change = meta.next_change(lambda found: found.field == "phone_number_name_update")

    assert change.value["requested_verified_name"] == "Atlas Maroc"
    assert meta.registrar.number(number_id).display_name == "Atlas Maroc"
    assert card(meta)["title"] == "Atlas"


def test_branding_reaches_the_persons_phone(meta: Loopback) -> None:
    number_id, logo = meta.connect(), b"\x89PNG a logo"
    meta.registrar.brand(
        number_id, Branding(about="Powered by LinkoJob", description="Emplois", picture=logo)
    )

    seen = card(meta)

    assert (seen["about"], seen["description"]) == ("Powered by LinkoJob", "Emplois")
    assert seen["picture_sha256"] == sha256(logo).hexdigest()
    assert requests.get(seen["picture_url"], timeout=WAIT_SECONDS).content == logo
    assert meta.registrar.profile(number_id).has_picture
    error = refusal_of(
        lambda: meta.registrar.brand(number_id, Branding(about="", description="", picture=None))
    )
    assert error.code == "bad_request"


# Messages


def test_a_template_opens_a_conversation_and_every_step_comes_back(meta: Loopback) -> None:
    number_id = meta.connect()
    approved_introduction(meta)

    wamid = introduce(meta, number_id, "Sara", "Atlas")

    (shown,) = phone(meta)
    assert (shown["wamid"], shown["from"], shown["type"]) == (wamid, LINE, "template")
    assert shown["text"]["body"] == "Bonjour, je suis Sara de Atlas."
    assert shown["biz_opaque_callback_data"] == "msg_01"
    for name in ("sent", "delivered"):
        status = next_status(meta, wamid, name)
        assert (status.message_id, status.recipient) == ("msg_01", PERSON.removeprefix("+"))
        assert (status.pricing_category, status.pricing_type) == ("utility", "regular")
    write(meta)
    assert next_status(meta, wamid, "read").message_id == "msg_01"


def test_people_may_read_at_once(meta: Loopback) -> None:
    decide(meta, read="at_once")
    number_id = meta.connect()
    write(meta)

    next_status(meta, send(meta, number_id), "read")


def test_people_may_never_show_that_they_read(meta: Loopback) -> None:
    decide(meta, read="never")
    number_id = meta.connect()
    write(meta)
    unread = send(meta, number_id, message_id="msg_01")
    next_status(meta, unread, "delivered")
    write(meta)

    next_status(meta, send(meta, number_id, message_id="msg_02"), "delivered")

    assert b'"read"' not in b"".join(meta.received)


def test_free_text_goes_for_24_hours_after_the_person_wrote(meta: Loopback) -> None:
    number_id = meta.connect()
    error = refusal_of(lambda: send(meta, number_id))
    assert isinstance(error, TemplateNeeded)
    assert error.code == "reply_window_closed"

    write(meta)
    wamid = send(meta, number_id, content={"body": "Merci"})

    status = next_status(meta, wamid, "sent")
    assert (status.pricing_category, status.pricing_type) == ("service", "free_customer_service")
    assert [shown["text"]["body"] for shown in phone(meta)] == ["Merci"]
    meta.panel("PUT", "clock", {"advance_seconds": DAY + 1})
    assert refusal_of(lambda: send(meta, number_id)).code == "reply_window_closed"


def test_a_persons_id_addresses_them_in_one_portfolio_only(meta: Loopback) -> None:
    number_id = meta.connect()
    write(meta)
    bsuid = next_message(meta).bsuid
    assert bsuid is not None
    assert bsuid.startswith("MA.")

    send(meta, number_id, to=None, bsuid=bsuid)

    assert len(phone(meta)) == 1
    foreign = meta.connect(waba_id=FOREIGN_WABA, phone=OTHER_LINE)
    error = refusal_of(lambda: send(meta, foreign, to=None, bsuid=bsuid))
    assert error.code == "bad_request"


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("text", {"body": "Déjà vu ✅"}),
        ("reaction", {"message_id": "wamid.1", "emoji": "👍"}),
        ("location", {"latitude": 33.57, "longitude": -7.58}),
        ("contacts", {"contacts": [{"name": {"formatted_name": "Youssef"}}]}),
        ("image", {"caption": "Diplôme"}),
        ("audio", {"voice": True}),
        ("document", {"filename": "cv.pdf"}),
        ("sticker", {"animated": False}),
        ("button", {"payload": "YES", "text": "Oui"}),
        ("interactive", {"type": "button_reply", "button_reply": {"id": "1", "title": "Oui"}}),
        ("unsupported", {"type": "poll"}),
    ],
)
def test_what_a_person_writes_arrives_signed(
    meta: Loopback, kind: str, content: dict[str, Any]
) -> None:
    number_id = meta.connect()
    write(meta)
    next_message(meta)
    answered = send(meta, number_id)

    wamid = write(meta, kind, content)
    message = next_message(meta)

    assert (message.wamid, message.type) == (wamid, kind)
    assert content.items() <= message.content.items()
    assert (message.phone, message.wa_id) == (PERSON, PERSON.removeprefix("+"))
    assert message.context_wamid == (answered if kind in ("button", "interactive") else None)
    if "id" in message.content:
        held = meta.call("GET", message.content["id"]).json()
        assert held["mime_type"] == message.content["mime_type"]


def test_webhooks_escape_what_is_not_ascii(meta: Loopback) -> None:
    meta.connect()
    write(meta, content={"body": "déjà"})

    while b'"d\\u00e9j\\u00e0"' not in (body := meta.webhooks.get(timeout=WAIT_SECONDS)[0]):
        assert body.isascii()
    assert json.loads(body)["object"] == "whatsapp_business_account"


def test_a_waba_without_subscription_is_silent(meta: Loopback) -> None:
    decide(meta, display_name="hold")
    meta.registrar.add(waba_id=WABA, phone_number=LINE, display_name="Atlas")

    decide(meta, display_name="approve")

    webhooks = meta.panel("GET", "stats")["webhooks"]
    assert (webhooks["attempts"], webhooks["pending"]) == (0, 0)


def test_45_messages_to_one_person_and_then_a_pause(meta: Loopback) -> None:
    number_id = meta.connect()
    for person in (PERSON, OTHER_PERSON):
        write(meta, person=person)
    for _ in range(45):
        send(meta, number_id)

    # A token comes back every six seconds: a slow machine may send one or two more.
    error = refusal_of(lambda: [send(meta, number_id) for _ in range(5)])
    assert isinstance(error, TryAgain)
    assert error.code == "pair_rate_limit"
    send(meta, number_id, to=OTHER_PERSON)


@pytest.mark.parametrize(
    ("kind", "content", "code"),
    [
        ("text", {"body": "x" * 4097}, "bad_request"),
        ("text", {"body": ""}, "bad_request"),
        ("image", {"caption": "no file"}, "bad_request"),
        ("image", {"id": "1"}, "bad_request"),
        ("location", {"latitude": 133, "longitude": 0}, "bad_request"),
        ("hologram", {"depth": 1}, "unsupported_type"),
        ("interactive", {"type": "button", "body": {"text": "?"}, "action": {}}, "bad_request"),
        ("template", {"name": "absent", "language": {"code": "fr"}}, "template_missing"),
    ],
)
def test_content_that_cannot_go_is_refused(
    meta: Loopback, kind: str, content: dict[str, Any], code: str
) -> None:
    number_id = meta.connect()
    write(meta)

    assert refusal_of(lambda: send(meta, number_id, type=kind, content=content)).code == code
    assert phone(meta) == []


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("image", {"link": "https://cdn.test/1.png", "caption": "Logo"}),
        ("document", {"link": "https://cdn.test/1.pdf", "filename": "offre.pdf"}),
        ("audio", {"link": "https://cdn.test/1.ogg"}),
        ("location", {"latitude": "33.57", "longitude": "-7.58", "name": "Agence"}),
        ("contacts", {"contacts": [{"name": {"formatted_name": "Sara"}}]}),
        ("reaction", {"emoji": "👍"}),
        ("interactive", {"type": "list", "body": {"text": "Quand ?"}, "action": {
            "button": "Choisir", "sections": [{"rows": [{"id": "1", "title": "Lundi"}]}]}}),
    ],
)  # fmt: skip
def test_every_type_reaches_the_phone_inside_the_window(
    meta: Loopback, kind: str, content: dict[str, Any]
) -> None:
    number_id = meta.connect()
    written = write(meta)
    if kind == "reaction":
        content = content | {"message_id": written}

    wamid = send(meta, number_id, type=kind, content=content)

    (shown,) = phone(meta)
    assert (shown["wamid"], shown["type"]) == (wamid, kind)
    assert shown[kind] == content.get("contacts", content)


def test_media_is_uploaded_sent_by_its_id_and_fetched_for_five_minutes(meta: Loopback) -> None:
    number_id = meta.connect()
    write(meta)
    form = {"messaging_product": "whatsapp", "type": "image/png"}
    media_id = meta.call(
        "POST", f"{number_id}/media", data=form, files={"file": ("l.png", b"png", "image/png")}
    ).json()["id"]

    send(meta, number_id, type="image", content={"id": media_id})
    held = meta.call("GET", media_id).json()

    token = {"Authorization": "Bearer loopback-token"}
    assert requests.get(held["url"], headers=token, timeout=WAIT_SECONDS).content == b"png"
    assert requests.get(held["url"], timeout=WAIT_SECONDS).status_code == 401
    meta.panel("PUT", "clock", {"advance_seconds": 301})
    assert requests.get(held["url"], headers=token, timeout=WAIT_SECONDS).status_code == 400


def test_reading_and_typing_are_confirmed(meta: Loopback) -> None:
    number_id = meta.connect()
    wamid = write(meta)
    read = {"messaging_product": "whatsapp", "status": "read", "message_id": wamid}

    assert meta.call("POST", f"{number_id}/messages", json=read).json() == {"success": True}


def test_what_exceeds_a_decided_messaging_limit_fails_afterwards(tmp_path: Path) -> None:
    state = tmp_path / "state.sqlite"
    with loopback(state_file=state) as meta:
        number_id = meta.connect()
        approved_introduction(meta)
        now = meta.world.now().timestamp()
    store = DocumentStore(state)
    for at in range(249):
        key = f"1100000000000001:+2126110{at:05d}"
        store.put("graph_first_contact", key, {"at": now})
    store.close()

    with loopback(state_file=state) as meta:
        decide(meta, portfolio={"messaging_limit": "TIER_250"})
        next_status(meta, introduce(meta, number_id, to=PERSON), "delivered")
        failed = next_status(meta, introduce(meta, number_id, to=OTHER_PERSON), "failed")

        assert failed.error_code == "131048"
        assert phone(meta, OTHER_PERSON) == []
        next_status(meta, introduce(meta, number_id, to=PERSON), "delivered")
        assert meta.panel("GET", "stats")["calls"]["people_reached"] == 250
        decide(meta, portfolio={"messaging_limit": "TIER_2K"})
        next_status(meta, introduce(meta, number_id, to=OTHER_PERSON), "delivered")
        meta.panel("PUT", "clock", {"advance_seconds": DAY})
        assert meta.panel("GET", "stats")["calls"]["people_reached"] == 0


def test_a_rate_is_a_bucket_for_each_that_refills() -> None:
    strict, generous = Buckets(size=2, per_second=0), Buckets(size=1, per_second=1e9)

    assert [strict.take("a") for _ in range(3)] == [True, True, False]
    assert strict.take("b")
    assert all(generous.take("a") for _ in range(10))


def test_a_ban_stops_its_own_lines_only_and_can_be_lifted(meta: Loopback) -> None:
    banned, spared = meta.connect(), meta.connect(waba_id=OTHER_WABA, phone=OTHER_LINE)
    for waba_id in (WABA, OTHER_WABA):
        approved_introduction(meta, waba_id)

    decide(meta, waba_ban=WABA)
    change = meta.next_change(lambda found: found.field == "account_update")

    assert (change.waba_id, change.value["ban_info"]["waba_ban_state"]) == (WABA, "DISABLE")
    error = refusal_of(lambda: introduce(meta, banned))
    assert isinstance(error, AccountStopped)
    assert error.code == "account_locked"
    introduce(meta, spared)
    decide(meta, waba_ban=None)
    change = meta.next_change(lambda found: found.field == "account_update")
    assert change.value["ban_info"]["waba_ban_state"] == "REINSTATE"
    introduce(meta, banned)


# Templates


def test_a_template_waits_for_its_review(meta: Loopback) -> None:
    decide(meta, template="hold")
    number_id = meta.connect()
    state = meta.messaging.submit_template(WABA, INTRODUCTION)
    assert (state.status, state.category) == ("PENDING", "UTILITY")
    assert refusal_of(lambda: introduce(meta, number_id)).code == "template_missing"

    decide(meta, template="approve")
    change = meta.next_change(lambda found: found.field == "message_template_status_update")

    assert (change.waba_id, change.value["event"]) == (WABA, "APPROVED")
    assert change.value["message_template_name"] == "introduction"
    introduce(meta, number_id)


def test_a_refused_template_says_why(meta: Loopback) -> None:
    decide(meta, template="reject")
    meta.registrar.subscribe(WABA)
    meta.messaging.submit_template(WABA, INTRODUCTION)
    change = meta.next_change(lambda found: found.field == "message_template_status_update")

    found = meta.messaging.find_template(WABA, "introduction", "fr")

    assert change.value["event"] == "REJECTED"
    assert found is not None
    assert (found.status, found.rejected_reason) == ("REJECTED", "TAG_CONTENT_MISMATCH")
    assert meta.messaging.find_template(WABA, "introduction", "en") is None
    assert meta.messaging.find_template(OTHER_WABA, "introduction", "fr") is None


def test_a_utility_may_be_judged_to_be_marketing(meta: Loopback) -> None:
    decide(meta, template_category="MARKETING")
    number_id = meta.connect()

    approved_introduction(meta)

    found = meta.messaging.find_template(WABA, "introduction", "fr")
    assert found is not None
    assert found.category == "MARKETING"
    status = next_status(meta, introduce(meta, number_id), "sent")
    assert status.pricing_category == "marketing"


def test_a_template_wants_exactly_its_parameters(meta: Loopback) -> None:
    number_id = meta.connect()
    approved_introduction(meta)

    error = refusal_of(lambda: introduce(meta, number_id, "Sara"))
    assert error.code == "template_parameter_count"
    error = refusal_of(lambda: introduce(meta, number_id, "Sara", ""))
    assert error.code == "template_parameters"


def test_named_parameters_fill_their_names(meta: Loopback) -> None:
    number_id = meta.connect()
    body = {
        "type": "BODY",
        "text": "Bonjour, je suis {{recruiter}} de {{company}}.",
        "example": {
            "body_text_named_params": [
                {"param_name": "recruiter", "example": "Sara"},
                {"param_name": "company", "example": "Atlas"},
            ]
        },
    }
    draft = TemplateDraft(name="introduction", language="fr", category="UTILITY", components=[body])
    meta.messaging.submit_template(WABA, draft)
    meta.next_change(lambda change: change.field == "message_template_status_update")
    parameters = [
        {"type": "text", "parameter_name": "company", "text": "Atlas"},
        {"type": "text", "parameter_name": "recruiter", "text": "Sara"},
    ]
    content = {
        "name": "introduction",
        "language": {"code": "fr"},
        "components": [{"type": "body", "parameters": parameters}],
    }

    send(meta, number_id, type="template", content=content)

    assert phone(meta)[0]["text"]["body"] == "Bonjour, je suis Sara de Atlas."


@pytest.mark.parametrize(
    "change",
    [
        {"name": "Introduction!"},
        {"category": "SERVICE"},
        {"components": [{"type": "FOOTER", "text": "only"}]},
        {"components": [{"type": "BODY", "text": "x" * 1025}]},
        {"components": [{"type": "BODY", "text": "{{1}} opens."}]},
        {"components": [{"type": "BODY", "text": "Without example {{1}} here."}]},
        {"components": [{"type": "BODY", "text": "A gap {{2}} here.",
                         "example": {"body_text": [["x"]]}}]},
    ],
)  # fmt: skip
def test_a_template_that_meta_would_not_take_is_refused_at_once(
    meta: Loopback, change: dict[str, Any]
) -> None:
    draft = TemplateDraft(**(vars(INTRODUCTION) | change))

    error = refusal_of(lambda: meta.messaging.submit_template(WABA, draft))

    assert isinstance(error, Refused)
    assert error.code in ("bad_request", "template_refused")


def test_a_template_is_submitted_once_and_can_be_removed(meta: Loopback) -> None:
    meta.messaging.submit_template(WABA, INTRODUCTION)
    assert (
        refusal_of(lambda: meta.messaging.submit_template(WABA, INTRODUCTION)).code == "bad_request"
    )

    path, query = f"{WABA}/message_templates", {"name": "introduction"}
    assert meta.call("DELETE", path, params=query).json() == {"success": True}

    assert meta.messaging.find_template(WABA, "introduction", "fr") is None
    assert meta.call("DELETE", path, params=query).status_code == 400
    meta.messaging.submit_template(WABA, INTRODUCTION)


# The API itself


@pytest.mark.parametrize("version", ["v21.0", "v22.0", "v23.0", "v24.0", "v25.0", "v26.0"])
def test_versions_in_service(meta: Loopback, version: str) -> None:
    path = f"{WABA}/phone_numbers"

    assert meta.call("GET", path, version=version).json()["data"] == []


@pytest.mark.parametrize(
    ("request_", "status", "code", "subcode"),
    [
        ({"path": WABA + "/phone_numbers", "version": "v20.0"}, 400, 100, None),
        (
            {"path": WABA + "/phone_numbers", "headers": {"Authorization": "Bearer x"}},
            401,
            190,
            None,
        ),
        ({"path": WABA + "/phone_numbers", "headers": {"Authorization": ""}}, 401, 190, None),
        ({"path": "2299999999999999/phone_numbers"}, 400, 100, 33),
        ({"path": "3399999999999999"}, 400, 100, 33),
        ({"path": WABA + "/phone_numbers", "params": {"limit": "all"}}, 400, 100, None),
    ],
)
def test_a_refusal_has_metas_form(
    meta: Loopback, request_: dict[str, Any], status: int, code: int, subcode: int | None
) -> None:
    answer = meta.call("GET", request_.pop("path"), **request_)
    error = answer.json()["error"]

    assert answer.status_code == status
    assert (error["code"], error.get("error_subcode")) == (code, subcode)
    assert error["message"].startswith(f"(#{code}) ")
    assert error["fbtrace_id"]
    assert error["error_data"]["details"]


def test_only_known_fields_are_shown(meta: Loopback) -> None:
    number_id = meta.connect()

    asked = meta.call("GET", number_id, params={"fields": "throughput,is_pin_enabled"}).json()
    refused = meta.call("GET", number_id, params={"fields": "shoe_size"}).json()

    assert asked == {
        "id": number_id,
        "throughput": {"level": "STANDARD"},
        "is_pin_enabled": True,
    }
    assert "shoe_size" in refused["error"]["error_data"]["details"]


def test_a_subscription_can_be_seen_and_ended(meta: Loopback) -> None:
    path = f"{WABA}/subscribed_apps"
    assert meta.call("GET", path).json() == {"data": []}
    meta.registrar.subscribe(WABA)
    (app,) = meta.call("GET", path).json()["data"]
    assert app["whatsapp_business_api_data"]["id"] == "990000000000001"

    meta.call("DELETE", path)

    assert meta.call("GET", path).json() == {"data": []}


@pytest.mark.parametrize(
    ("code", "kind"), [(131000, OutcomeUnknown), (131056, TryAgain), (500, OutcomeUnknown)]
)
def test_the_fault_panel_breaks_calls_before_their_effect(
    meta: Loopback, code: int, kind: type[ProviderError]
) -> None:
    number_id = meta.connect()
    write(meta)
    faults = {"error_rate": 1, "error_code": code, "calls": ["messages"]}
    meta.panel("PUT", "faults", {"graph": faults})

    assert type(refusal_of(lambda: send(meta, number_id))) is kind
    assert phone(meta) == []
    meta.panel("PUT", "faults", {})
    send(meta, number_id)


def test_calls_and_recipients_are_counted(meta: Loopback) -> None:
    number_id = meta.connect()
    write(meta)
    for _ in range(2):
        send(meta, number_id)

    calls = meta.panel("GET", "stats")["calls"]

    assert (calls["messages"], calls[f"messages_to:{PERSON}"]) == (2, 2)
    assert (calls["register"], calls["people_reached"]) == (1, 0)


@pytest.mark.parametrize(
    "decisions",
    [
        {"display_name": "maybe"},
        {"portfolio": {"messaging_limit": "TIER_1K"}},
        {"portfolio": {"size": 2}},
        {"waba_ban": 7},
        {"weather": "fine"},
    ],
)
def test_a_decision_that_is_not_understood_is_named(
    meta: Loopback, decisions: dict[str, Any]
) -> None:
    answer = requests.put(
        f"{meta.url}/sandbox/graph/decisions", json=decisions, timeout=WAIT_SECONDS
    )

    assert answer.status_code == 422
    assert next(iter(decisions)) in answer.text


def test_a_restart_forgets_nothing(tmp_path: Path) -> None:
    state = tmp_path / "state.sqlite"
    with loopback(state_file=state) as meta:
        number_id = meta.connect(name="Atlas")
        approved_introduction(meta)
        write(meta)
        decide(meta, read="never")

    with loopback(state_file=state) as meta:
        send(meta, number_id)
        introduce(meta, number_id)
        assert meta.registrar.number(number_id).connected
        assert refusal_of(lambda: meta.registrar.register(number_id, pin="000000")).code == (
            "pin_mismatch"
        )
        assert len({shown["wamid"] for shown in phone(meta)}) == 2


def test_a_pre_verified_number_that_is_gone_already_is_taken_back(meta: Loopback) -> None:
    """The answer to the first try was lost."""
    offered = meta.registrar.add_pre_verified(portfolio_id=PORTFOLIO, phone_number=OTHER_LINE)
    for _ in range(2):
        meta.registrar.remove_pre_verified(offered)
    assert meta.registrar.pre_verified(PORTFOLIO) == []
