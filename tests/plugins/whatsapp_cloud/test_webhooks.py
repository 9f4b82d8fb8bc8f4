"""What each kind of webhook is read as. The payloads are our own, one for every kind Meta sends."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from gateway.plugin_api import (
    AccountNotice,
    AccountRestriction,
    Change,
    InboundMessage,
    MessagingLimit,
    Preference,
    Reading,
    Refused,
    StatusUpdate,
)
from plugins.whatsapp_cloud.webhooks import e164, read, split

FIXTURES = Path(__file__).parents[2] / "fixtures" / "meta"
WABA, NUMBER_ID, LINE = "2200000000000001", "3300000000000001", "+212520000001"
PHONE, WA_ID, BSUID = "+212600000001", "212600000001", "MA.100000000000000001"
CONTEXT = "wamid.OUT0001"


def changes_of(name: str) -> list[Change]:
    return list(split((FIXTURES / f"{name}.json").read_bytes()))


def only_change(name: str) -> Change:
    (change,) = changes_of(name)
    return change


def only_message(name: str) -> InboundMessage:
    reading = read(only_change(name))
    (message,) = reading.messages
    assert reading.statuses == ()
    return message


def only_status(name: str) -> StatusUpdate:
    reading = read(only_change(name))
    (status,) = reading.statuses
    assert reading.messages == ()
    return status


def test_a_text_is_read_whole() -> None:
    change = only_change("inbound_text")

    assert (change.field, change.waba_id, change.phone_number_id) == ("messages", WABA, NUMBER_ID)
    assert change.phone_number is None
    assert read(change).messages == (
        InboundMessage(
            wamid="wamid.IN0001",
            sent_at=datetime.fromtimestamp(1790000001, UTC),
            type="text",
            content={"body": "Bonjour, merci pour votre message. ✅"},
            phone=PHONE,
            wa_id=WA_ID,
            bsuid=BSUID,
            profile_name="Salma Idrissi",
            context_wamid=None,
        ),
    )


@pytest.mark.parametrize(
    ("name", "kind", "part"),
    [
        ("inbound_image", "image", {"mime_type": "image/jpeg", "caption": "Mon diplôme"}),
        ("inbound_video", "video", {"mime_type": "video/mp4"}),
        ("inbound_sticker", "sticker", {"mime_type": "image/webp", "animated": False}),
        ("inbound_audio_voice", "audio", {"voice": True}),
        ("inbound_document", "document", {"filename": "cv-salma.pdf", "caption": "Mon CV"}),
        ("inbound_button", "button", {"payload": "INTERVIEW_YES", "text": "Oui"}),
        ("inbound_interactive_button", "interactive", {"type": "button_reply"}),
        ("inbound_interactive_list", "interactive", {"type": "list_reply"}),
        ("inbound_interactive_flow", "interactive", {"type": "nfm_reply"}),
        ("inbound_reaction", "reaction", {"message_id": CONTEXT, "emoji": "👍"}),
        ("inbound_reaction_removed", "reaction", {"message_id": CONTEXT}),
        ("inbound_location", "location", {"latitude": 33.5731, "longitude": -7.5898}),
        ("inbound_order", "order", {"catalog_id": "770000000000001"}),
        ("inbound_system_number_changed", "system", {"wa_id": "212600000077"}),
        ("inbound_system_user_id_changed", "system", {"previous_user_id": BSUID}),
        ("inbound_unsupported", "unsupported", {"type": "poll"}),
        ("inbound_edit", "edit", {"original_message_id": "wamid.IN0001"}),
        ("inbound_revoke", "revoke", {"original_message_id": "wamid.IN0001"}),
        ("inbound_unknown_kind", "hologram", {"depth": 3}),
        ("inbound_unknown_kind_bare", "hologram", {}),
        ("inbound_from_ad", "text", {"body": "Je suis intéressée"}),
        ("inbound_forwarded", "text", {"body": "À faire suivre"}),
    ],
)
def test_each_kind_keeps_its_type_and_all_of_its_object(
    name: str, kind: str, part: dict[str, Any]
) -> None:
    message = only_message(name)
    (sent,) = only_change(name).value["messages"]

    assert message.type == kind
    assert message.content == sent.get(kind, {})
    assert part.items() <= message.content.items()
    assert (message.phone, message.wamid) == (PHONE, sent["id"])


def test_shared_contacts_are_a_list_under_their_name() -> None:
    message = only_message("inbound_contacts")

    assert message.content["contacts"][0]["name"]["formatted_name"] == "Youssef Alami"


@pytest.mark.parametrize(
    ("name", "context"),
    [
        ("inbound_reply", CONTEXT),
        ("inbound_button", CONTEXT),
        ("inbound_interactive_list", CONTEXT),
        ("inbound_forwarded", None),
    ],
)
def test_an_answer_names_what_it_answers(name: str, context: str | None) -> None:
    assert only_message(name).context_wamid == context


def test_a_person_with_a_username_has_no_phone_and_none_is_made_up() -> None:
    message = only_message("inbound_username")

    assert (message.phone, message.wa_id) == (None, None)
    assert message.bsuid == "MA.100000000000000002"
    assert message.profile_name == "Nadia"


def test_a_system_message_has_no_contact_to_take_a_name_from() -> None:
    message = only_message("inbound_system_number_changed")

    assert (message.phone, message.wa_id, message.bsuid) == (PHONE, None, None)
    assert message.profile_name is None


def test_the_wa_id_may_differ_from_the_phone() -> None:
    message = only_message("inbound_other_wa_id")

    assert (message.phone, message.wa_id) == ("+5511987654321", "551187654321")


@pytest.mark.parametrize("field", ["standby", "history", "smb_message_echoes"])
def test_what_looks_like_a_message_under_another_field_is_none(field: str) -> None:
    body = (FIXTURES / "inbound_text.json").read_text().replace('"messages",', f'"{field}",', 1)

    (change,) = split(body.encode())

    assert (change.field, read(change)) == (field, Reading())


def test_what_the_app_shares_is_read() -> None:
    (echo,) = read(only_change("field_smb_message_echoes")).echoes
    assert (echo.phone, echo.type) == (PHONE, "text")
    assert echo.content == {"body": "Écrit depuis le téléphone"}

    (contact,) = read(only_change("field_smb_app_state_sync")).contacts
    assert (contact.phone, contact.name) == (PHONE, "Salma Idrissi")

    part = read(only_change("field_history")).history
    assert part is not None
    (past,) = part.messages
    assert (part.progress, past.phone, past.by_client, past.status) == (100, PHONE, False, "read")


def test_a_groups_message_is_in_no_conversation_between_two() -> None:
    assert read(only_change("inbound_group")) == Reading()


@pytest.mark.parametrize(
    ("name", "status", "category", "kind"),
    [
        ("status_sent", "sent", "utility", "regular"),
        ("status_delivered", "delivered", "service", "free_customer_service"),
        ("status_read", "read", None, None),
        ("status_played", "played", None, None),
        ("status_free_entry_point", "sent", "referral_conversion", "free_entry_point"),
    ],
)
def test_each_status_with_its_price(
    name: str, status: str, category: str | None, kind: str | None
) -> None:
    assert only_status(name) == StatusUpdate(
        wamid=CONTEXT,
        message_id="msg_01test",
        status=status,
        at=datetime.fromtimestamp(1790000100, UTC),
        recipient=WA_ID,
        error_code=None,
        error_detail=None,
        stops_marketing=False,
        pricing_category=category,
        pricing_type=kind,
    )


def test_a_failed_status_has_metas_code_and_says_why_in_both_words() -> None:
    status = only_status("status_failed")

    assert status.error_code == "131026"
    assert status.error_detail is not None
    assert "use another channel" in status.error_detail
    assert "Meta 131026: The person is not on WhatsApp" in status.error_detail


def test_a_failed_status_of_a_new_code_is_kept_with_its_code() -> None:
    status = only_status("status_failed_unknown_code")

    assert status.error_code == "999999"
    assert "999999: A new error" in (status.error_detail or "")


@pytest.mark.parametrize(
    ("name", "recipient", "message_id"),
    [
        ("status_without_phone", "MA.100000000000000002", "msg_01test"),
        ("status_without_bsuid", WA_ID, None),
        ("status_group", WA_ID, "msg_01test"),
    ],
)
def test_a_status_names_its_recipient_by_what_there_is(
    name: str, recipient: str, message_id: str | None
) -> None:
    status = only_status(name)

    assert (status.recipient, status.message_id) == (recipient, message_id)


FIELDS = sorted(path.stem for path in FIXTURES.glob("field_*.json"))
ABOUT_TEMPLATES = (
    "field_message_template_components_update",
    "field_message_template_status_update",
    "field_message_template_status_update_rejected",
    "field_template_category_update",
)
LIMITS = {"field_business_capability_update": 2_000, "field_phone_number_quality_update": 10_000}
ABOUT_ACCOUNTS = (
    "field_account_alerts",
    "field_account_review_update",
    "field_account_update_ban",
    "field_account_update_partner_added",
    "field_account_update_partner_removed",
    "field_account_update_restriction",
)
NAMES = ("field_phone_number_name_update", "field_phone_number_name_update_rejected")
OF_THE_APP = ("field_history", "field_smb_app_state_sync", "field_smb_message_echoes")
READ = (
    "field_user_preferences", *ABOUT_TEMPLATES, *LIMITS, *ABOUT_ACCOUNTS, *NAMES, *OF_THE_APP
)  # fmt: skip


@pytest.mark.parametrize(
    ("decision", "reason", "code"),
    [
        ("APPROVED", None, None),
        ("DEFERRED", None, None),
        ("REJECTED", "NAME_EMPLOYEE_ISSUE", "display_name_of_employee"),
        ("REJECTED", "NAME_INDIVIDUAL_ISSUE", "display_name_of_person"),
        ("REJECTED", "NAME_ENDCLIENT_NOTRELATED", "display_name_not_related"),
        ("REJECTED", "NAME_FORMAT_UNACCEPTABLE", "display_name_format"),
        ("REJECTED", "NAME_NOT_CONSISTENT", "display_name_not_consistent"),
        ("REJECTED", "UNKNOWN", "display_name_declined"),
        ("REJECTED", None, "display_name_declined"),
        ("REJECTED", "NAME_OF_A_NEW_KIND", "display_name_declined"),
    ],
)
def test_what_was_decided_of_a_name(decision: str, reason: str | None, code: str | None) -> None:
    change = only_change("field_phone_number_name_update_rejected")
    said = {**change.value, "decision": decision, "rejection_reason": reason}
    (notice,) = read(replace(change, value=said)).names
    assert (notice.name, notice.code) == ("Salma", code)
    assert notice.provider_code == ((reason or "UNKNOWN") if code else None)
    assert bool(notice.detail) == bool(code)
    assert read(replace(change, value={"decision": decision})) == Reading()


@pytest.mark.parametrize("value", ["stop", "resume"])
def test_what_a_person_told_the_platform_about_marketing(value: str) -> None:
    change = only_change("field_user_preferences")
    wish = change.value["user_preferences"][0]
    wish["value"] = value

    assert read(change) == Reading(
        preferences=(
            Preference(
                phone=PHONE,
                wa_id=WA_ID,
                bsuid=BSUID,
                wants_marketing=value == "resume",
                at=datetime.fromtimestamp(1790000200, UTC),
                detail="User requested to stop marketing messages",
            ),
        )
    )
    for harm in ({"value": "perhaps"}, {"category": "weather"}, {"timestamp": "soon"}):
        odd = {**change.value, "user_preferences": [wish | harm]}
        assert read(replace(change, value=odd)) == Reading()


@pytest.mark.parametrize(("name", "people"), LIMITS.items())
def test_what_tells_a_portfolios_limit(name: str, people: int) -> None:
    change = only_change(name)
    assert change.phone_number_id is None
    assert read(change).limit == MessagingLimit(people=people)
    for told, meant in (("TIER_UNLIMITED", None), (1000, 1000)):
        other = {**change.value, "max_daily_conversations_per_business": told}
        assert read(replace(change, value=other)).limit == MessagingLimit(people=meant)
    for told in ("TIER_7", -1, True, None, {}):
        other = {**change.value, "max_daily_conversations_per_business": told}
        assert read(replace(change, value=other)).limit is None


def test_how_many_numbers_there_may_be_and_whether_an_account_is_open() -> None:
    change = only_change("field_business_capability_update")
    (told,) = read(change).capacity
    assert (told.numbers, told.of_portfolio) == (20, True)
    of_account = replace(change, value={"max_phone_numbers_per_waba": 25})
    assert [it.of_portfolio for it in read(of_account).capacity] == [False]
    for odd in ("20", -1, True, None):
        assert read(replace(change, value={"max_phone_numbers_per_waba": odd})).capacity == ()
    ban = only_change("field_account_update_ban")
    for state, banned in (("SCHEDULE_FOR_DISABLE", True), ("REINSTATE", False), ("NEW", None)):
        value = {"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": state}}
        notice = read(replace(ban, value=value)).account
        assert notice is not None
        assert notice.banned is banned


@pytest.mark.parametrize("name", ABOUT_ACCOUNTS)
def test_what_became_of_an_account_is_to_be_asked(name: str) -> None:
    change = only_change(name)
    notice = read(change).account
    assert notice is not None
    if not name.endswith("restriction"):
        assert notice == AccountNotice(banned=True if name.endswith("ban") else None)
        return
    [told] = change.value["restriction_info"]
    until = datetime.fromtimestamp(told["expiration"], UTC)
    restriction = AccountRestriction(kind=told["restriction_type"], until=until)
    assert notice.restrictions == (restriction,)
    without_end = AccountNotice(restrictions=(replace(restriction, until=None),))
    for odd in ({**told, "expiration": "soon"}, {**told, "expiration": 10**18}):
        other = replace(change, value={**change.value, "restriction_info": [odd, None]})
        assert read(other).account == without_end
    lifted = replace(change, value={**change.value, "restriction_info": []})
    assert read(lifted).account == AccountNotice(restrictions=())


@pytest.mark.parametrize(
    ("code", "stops_line", "withheld", "stopped"),
    [
        (131042, "payment_required", False, False),
        (131031, "account_locked", False, False),
        (131049, None, True, False),
        (131050, None, False, True),
        (131026, None, False, False),
    ],
)
def test_a_failed_status_says_what_it_stops(
    code: int, stops_line: str | None, withheld: bool, stopped: bool
) -> None:
    change = only_change("status_failed")
    item = {**change.value["statuses"][0], "errors": [{"code": code}]}
    (status,) = read(replace(change, value={**change.value, "statuses": [item]})).statuses
    assert status.stops_line == stops_line
    assert (status.withholds_marketing, status.stops_marketing) == (withheld, stopped)


@pytest.mark.parametrize("name", ABOUT_TEMPLATES)
def test_what_became_of_a_template_is_to_be_asked(name: str) -> None:
    change = only_change(name)
    (notice,) = read(change).templates
    assert notice.name == change.value["message_template_name"]
    assert notice.language == change.value["message_template_language"]
    assert read(replace(change, value={})) == Reading()


@pytest.mark.parametrize("name", [name for name in FIELDS if name not in READ])
def test_other_fields_are_routed_whole_and_read_as_nothing(name: str) -> None:
    change = only_change(name)
    payload = json.loads((FIXTURES / f"{name}.json").read_bytes())

    assert name.startswith(f"field_{change.field}")
    assert change.value == payload["entry"][0]["changes"][0]["value"]
    assert read(change) == Reading()


@pytest.mark.parametrize(
    ("name", "phone_number"),
    [
        ("field_phone_number_name_update", LINE),
        ("field_phone_number_quality_update", LINE),
        ("field_security", LINE),
        ("field_business_username_update", LINE),
        ("field_account_review_update", None),
        ("field_user_preferences", None),
    ],
)
def test_a_change_that_names_a_number_only_by_itself(name: str, phone_number: str | None) -> None:
    assert only_change(name).phone_number == phone_number


def test_the_number_id_routes_every_field_that_carries_one() -> None:
    for name in ("field_user_preferences", "field_smb_message_echoes", "field_history"):
        assert only_change(name).phone_number_id == NUMBER_ID


@pytest.mark.parametrize("event", ["added", "removed"])
def test_a_partners_entry_is_not_the_waba(event: str) -> None:
    assert only_change(f"field_account_update_partner_{event}").waba_id == "2200000000000077"


@pytest.mark.parametrize("name", ["ban", "restriction", "volume_tier"])
def test_other_account_updates_name_the_waba_in_their_entry(name: str) -> None:
    assert only_change(f"field_account_update_{name}").waba_id == WABA


def test_a_fault_of_the_account_is_neither_message_nor_status() -> None:
    assert read(only_change("inbound_account_error")) == Reading()


def test_one_body_carries_many_tenants_and_many_people() -> None:
    first, second, name = changes_of("batch_many_tenants")

    assert (first.phone_number_id, second.phone_number_id) == (NUMBER_ID, "3300000000000002")
    assert (name.waba_id, name.phone_number) == ("2200000000000002", "+212520000002")
    people = [(m.wamid, m.phone, m.profile_name, m.bsuid) for m in read(first).messages]
    assert people == [
        ("wamid.B1", "+212600000001", "A", None),
        ("wamid.B3", "+212600000002", "B", "MA.100000000000000003"),
    ]
    assert [m.wamid for m in read(second).messages] == ["wamid.B2"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b"[]",
        b'"text"',
        b"{}",
        b'{"object": "page", "entry": []}',
        b'{"object": "whatsapp_business_account"}',
        b'{"object": "whatsapp_business_account", "entry": {}}',
        b"\xff\xfe",
    ],
)
def test_what_is_no_webhook_is_refused(body: bytes) -> None:
    with pytest.raises(Refused) as caught:
        split(body)

    assert caught.value.code == "malformed_webhook"


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        {"messages": None, "statuses": None},
        {"messages": [{"id": "wamid.X"}], "statuses": [{"status": "sent"}]},
        {"messages": ["text"], "contacts": ["A"]},
        {"messages": [{"id": "wamid.X", "type": "text", "timestamp": "soon"}]},
        {"messages": [{"id": "wamid.X", "type": "text", "timestamp": "9" * 30}]},
        {"metadata": "none", "messages": [{"type": "text", "timestamp": "1"}]},
    ],
)
def test_what_is_not_as_expected_is_passed_over(value: Any) -> None:
    entry = {"id": WABA, "changes": [{"field": "messages", "value": value}, "no change"]}
    body = json.dumps({"object": "whatsapp_business_account", "entry": [entry, "no entry"]})

    (change,) = split(body.encode())

    assert read(change) == Reading()


@pytest.mark.parametrize("identifier", ["MA.1349", "", None, 212600000001, "٢١٢٦", "+212600000001"])
def test_what_is_not_all_digits_is_no_phone(identifier: Any) -> None:
    assert e164(identifier) is None
