"""A Graph API client by other hands finds the simulated Meta as it expects Meta to be.

Every call that both know, from a new number to a message that was read; what the client makes of
the webhooks, too.
"""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from pywa import WhatsApp, types
from pywa.errors import ReEngagementMessage, WhatsAppError
from pywa.types import templates

from tests.meta.loopback import LINE, PERSON, WABA, WAIT_SECONDS, Loopback, digits_in, loopback


@pytest.fixture(scope="module")
def meta() -> Iterator[Loopback]:
    with loopback() as running:
        yield running


def client(meta: Loopback, **options: Any) -> WhatsApp:
    session = httpx.Client(trust_env=False, timeout=WAIT_SECONDS)
    token = meta.registrar.settings["access_token"]
    made = WhatsApp(
        token=token, session=session, waba_id=WABA, filter_updates=False, server=None, **options
    )
    version = session.base_url.path.strip("/")
    session.base_url = httpx.URL(f"{meta.url}/graph/{version}/")
    return made


@pytest.fixture(scope="module")
def theirs(meta: Loopback) -> Iterator[WhatsApp]:
    """The client, with a number that it brought onto WhatsApp by itself."""
    made = client(meta)
    meta.registrar.subscribe(WABA)
    created = made.create_phone_number(
        waba_id=WABA,
        country_calling_code="212",
        phone_number=LINE.removeprefix("+212"),
        verified_name="Atlas Logistics Recruitment",
    )
    made.phone_id = created.id
    assert made.request_verification_code(code_method="SMS", language_code="en_US")
    _, text = meta.operator.heard.get(timeout=WAIT_SECONDS)
    assert made.verify_phone_number(code=digits_in(text))
    assert made.register_phone_number(pin="135790")
    yield made
    made.api._session.close()


def test_it_reads_the_number_and_its_account(theirs: WhatsApp) -> None:
    number = theirs.get_business_phone_number()
    assert number.id == theirs.phone_id
    assert digits_in(number.display_phone_number) == LINE.removeprefix("+")
    assert [it.id for it in theirs.get_business_phone_numbers()] == [theirs.phone_id]


def test_it_changes_the_profile(theirs: WhatsApp) -> None:
    assert theirs.update_business_profile(about="Powered by LinkoJob", description="Recruitment")
    profile = theirs.get_business_profile()
    assert (profile.about, profile.description) == ("Powered by LinkoJob", "Recruitment")


def test_it_has_a_template_approved_and_sends_it(meta: Loopback, theirs: WhatsApp) -> None:
    body = templates.BodyText("Bonjour, je suis {{1}} de {{2}}.", "Sara", "Atlas")
    draft = templates.Template(
        name="introduction_fr",
        language=templates.TemplateLanguage.FRENCH,
        category=templates.TemplateCategory.UTILITY,
        components=[body],
    )
    assert theirs.create_template(draft).id
    (found,) = [it for it in theirs.get_templates() if it.name == "introduction_fr"]
    assert found.status == templates.TemplateStatus.APPROVED
    sent = theirs.send_template(
        to=PERSON,
        name="introduction_fr",
        language=templates.TemplateLanguage.FRENCH,
        params=[body.params("Sara", "Atlas")],
    )
    assert sent.id.startswith("wamid.")
    received = meta.panel("GET", f"phones/{PERSON}/messages")["data"][-1]
    assert received["wamid"] == sent.id
    assert received["text"]["body"].startswith("Bonjour, je suis Sara de Atlas.")
    assert theirs.delete_template("introduction_fr")


def test_free_text_outside_the_window_is_the_error_it_knows(theirs: WhatsApp) -> None:
    with pytest.raises(ReEngagementMessage):
        theirs.send_message(to="+212600000077", text="Hello?")


def test_what_is_wrong_is_an_error_it_can_read(theirs: WhatsApp) -> None:
    with pytest.raises(WhatsAppError) as caught:
        theirs.get_business_phone_number(phone_id="404")
    assert caught.value.code == 100


def test_a_conversation_with_its_webhooks(meta: Loopback, theirs: WhatsApp) -> None:
    panel = {"to": LINE, "type": "text", "text": {"body": "Is the job open?"}}
    wamid = meta.panel("POST", f"phones/{PERSON}/messages", panel)["wamid"]
    change = heard(meta, "messages")
    message = types.Message.from_update(theirs, change)
    assert (message.id, message.text, message.metadata.phone_number_id) == (
        wamid,
        "Is the job open?",
        theirs.phone_id,
    )
    assert message.from_user.wa_id == PERSON.removeprefix("+")
    assert theirs.mark_message_as_read(wamid)

    answer = message.reply("It is.", quote=True)
    assert answer.id.startswith("wamid.")
    theirs.send_reaction(to=PERSON, message_id=wamid, emoji="👍")
    theirs.send_message(
        to=PERSON, text="Tomorrow?", buttons=[types.Button("Yes", "y"), types.Button("No", "n")]
    )
    status = types.MessageStatus.from_update(theirs, heard(meta, "statuses"))
    assert status.status in (types.MessageStatusType.SENT, types.MessageStatusType.DELIVERED)


def heard(meta: Loopback, part: str) -> dict[str, Any]:
    """The next genuine webhook with `messages` or `statuses`, as the client takes it."""
    while True:
        body, headers = meta.webhooks.get(timeout=WAIT_SECONDS)
        assert meta.messaging.is_genuine(body, headers)
        update: dict[str, Any] = json.loads(body)
        if part in update["entry"][0]["changes"][0]["value"]:
            return update
