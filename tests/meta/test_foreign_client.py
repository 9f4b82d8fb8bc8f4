"""A Graph API client by other hands finds the simulated Meta as it expects Meta to be.

Every call that both know, from a new number to a number taken off; what the client makes of the
webhooks, too. None may be left out.
"""

import json
import tempfile
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from pywa import WhatsApp, types
from pywa.errors import ReEngagementMessage, WhatsAppError
from pywa.types import templates
from werkzeug.routing import Rule

from gateway.testing.serving import eventually
from tests.meta.foreign import (
    BOTH_KNOW,
    NO_CALL_OF_ITS,
    UNKNOWN_HERE,
    WITHOUT_A_CALL,
    Noting,
    Webhooks,
    address_of_its_own,
    public_methods,
)
from tests.meta.loopback import LINE, PERSON, WABA, WAIT_SECONDS, Loopback, digits_in, loopback

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64


@pytest.fixture
def meta() -> Iterator[Loopback]:
    with loopback() as running:
        yield running


@pytest.fixture
def theirs(meta: Loopback) -> Iterator[Any]:
    """The client, with a number that it brought onto WhatsApp by itself."""
    session = httpx.Client(trust_env=False, timeout=WAIT_SECONDS)
    settings = meta.registrar.settings
    made = WhatsApp(
        token=settings["access_token"], session=session, waba_id=WABA,
        app_id=settings["app_id"], filter_updates=False, server=None,
    )  # fmt: skip
    version = session.base_url.path.strip("/")
    session.base_url = httpx.URL(f"{meta.url}/graph/{version}/")
    noting: Any = Noting(made)
    assert noting.delete_waba_callback_url()  # which subscribes, with the app's own address
    created = noting.create_phone_number(
        waba_id=WABA,
        country_calling_code="212",
        phone_number=LINE.removeprefix("+212"),
        verified_name="Atlas Logistics Recruitment",
    )
    made.phone_id = created.id
    assert noting.request_verification_code(code_method="SMS", language_code="en_US")
    _, text = meta.operator.heard.get(timeout=WAIT_SECONDS)
    assert noting.verify_phone_number(code=digits_in(text))
    assert noting.register_phone_number(pin="135790")
    yield noting
    session.close()


def test_every_call_that_both_know_works(
    meta: Loopback, theirs: Any, subtests: pytest.Subtests
) -> None:
    for step in (
        it_reads_the_number_and_its_account,
        it_changes_profile_and_name,
        a_picture_needs_another_kind_of_authorization_than_it_sends,
        it_has_a_template_approved_and_sends_it,
        free_text_outside_the_window_is_the_error_it_knows,
        what_is_wrong_is_an_error_it_can_read,
        it_understands_a_conversation_with_its_webhooks,
        every_kind_of_message_reaches_the_phone,
        a_file_goes_up_and_down_and_away,
        webhooks_of_messages_go_where_it_says,
        it_opens_a_group,
        it_takes_the_number_off,
        no_call_is_left_out,
    ):
        with subtests.test(step.__name__):
            step(meta, theirs)


def test_every_method_of_the_client_has_its_place() -> None:
    placed = [
        *BOTH_KNOW,
        *WITHOUT_A_CALL,
        *(name for them in UNKNOWN_HERE.values() for name in them),
    ]
    assert sorted(placed) == sorted(public_methods())


def says_something(meta: Loopback) -> str:
    """The person writes; the wamid."""
    asked = {"to": LINE, "type": "text", "text": {"body": "Is the job open?"}}
    return str(meta.panel("POST", f"phones/{PERSON}/messages", asked)["wamid"])


def it_reads_the_number_and_its_account(_: Loopback, theirs: Any) -> None:
    number = theirs.get_business_phone_number()
    assert number.id == theirs.phone_id
    assert digits_in(number.display_phone_number) == LINE.removeprefix("+")
    assert [it.id for it in theirs.get_business_phone_numbers()] == [theirs.phone_id]


def it_changes_profile_and_name(_: Loopback, theirs: Any) -> None:
    assert theirs.update_business_profile(about="Powered by LinkoJob", description="Recruitment")
    profile = theirs.get_business_profile()
    assert (profile.about, profile.description) == ("Powered by LinkoJob", "Recruitment")
    assert theirs.update_display_name("Atlas Maroc")


def a_picture_needs_another_kind_of_authorization_than_it_sends(_: Loopback, theirs: Any) -> None:
    with pytest.raises(ValueError, match="Authorization: OAuth"):
        theirs.update_business_profile(profile_picture=PNG)


def it_has_a_template_approved_and_sends_it(meta: Loopback, theirs: Any) -> None:
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
    received = on_phone(meta)
    assert received["wamid"] == sent.id
    assert received["text"]["body"].startswith("Bonjour, je suis Sara de Atlas.")
    assert theirs.delete_template("introduction_fr")


def free_text_outside_the_window_is_the_error_it_knows(_: Loopback, theirs: Any) -> None:
    with pytest.raises(ReEngagementMessage):
        theirs.send_message(to="+212600000077", text="Hello?")


def what_is_wrong_is_an_error_it_can_read(_: Loopback, theirs: Any) -> None:
    with pytest.raises(WhatsAppError) as caught:
        theirs.get_business_phone_number(phone_id="404")
    assert caught.value.code == 100


def it_understands_a_conversation_with_its_webhooks(meta: Loopback, theirs: Any) -> None:
    wamid = says_something(meta)
    message = types.Message.from_update(theirs.client, heard(meta, meta.webhooks, "messages"))
    assert (message.id, message.text, message.metadata.phone_number_id) == (
        wamid,
        "Is the job open?",
        theirs.phone_id,
    )
    assert message.from_user.wa_id == PERSON.removeprefix("+")
    assert theirs.indicate_typing(wamid)
    assert theirs.mark_message_as_read(wamid)

    answer = message.reply("It is.", quote=True)
    assert answer.id.startswith("wamid.")
    assert theirs.send_reaction(to=PERSON, message_id=wamid, emoji="👍").id
    assert theirs.remove_reaction(to=PERSON, message_id=wamid).id
    status = types.MessageStatus.from_update(theirs.client, heard(meta, meta.webhooks, "statuses"))
    assert status.status in (types.MessageStatusType.SENT, types.MessageStatusType.DELIVERED)


SARA = types.Contact(name=types.Contact.Name(formatted_name="Sara", first_name="Sara"))
CARD = types.ImageCarouselCard(image="https://cdn.test/1.jpg", buttons=[types.Button("Yes", "y")])
SENT: tuple[Callable[[Any], Any], ...] = (
    lambda it: it.send_text(to=PERSON, text="Tomorrow?"),
    lambda it: it.send_message(
        to=PERSON, text="Yes?", buttons=[types.Button("Yes", "y"), types.Button("No", "n")]
    ),
    lambda it: it.send_location(to=PERSON, latitude=33.57, longitude=-7.58),
    lambda it: it.send_contact(to=PERSON, contact=SARA),
    lambda it: it.send_catalog(to=PERSON, body="All of it"),
    lambda it: it.send_product(to=PERSON, catalog_id="1", sku="a", body="This"),
    lambda it: it.send_products(
        to=PERSON, catalog_id="1", title="Jobs", body="These",
        product_sections=[types.ProductsSection(title="Jobs", skus=["a"])],
    ),
    lambda it: it.send_carousel(
        to=PERSON, body="Cards", cards=[CARD, CARD],
    ),
    lambda it: it.request_location(to=PERSON, text="Where are you?"),
    lambda it: it.request_contact_info(to=PERSON, text="Who are you?"),
    lambda it: it.send_image(to=PERSON, image=PNG, mime_type="image/png"),
    lambda it: it.send_sticker(to=PERSON, sticker=PNG, mime_type="image/webp"),
    lambda it: it.send_video(to=PERSON, video=PNG, mime_type="video/mp4"),
    lambda it: it.send_audio(to=PERSON, audio=PNG, mime_type="audio/mpeg"),
    lambda it: it.send_voice(to=PERSON, voice=PNG, mime_type="audio/ogg"),
    lambda it: it.send_document(
        to=PERSON, document=PNG, filename="cv.pdf", mime_type="application/pdf"
    ),
)  # fmt: skip


def every_kind_of_message_reaches_the_phone(meta: Loopback, theirs: Any) -> None:
    says_something(meta)
    for send in SENT:
        sent = send(theirs)
        assert on_phone(meta)["wamid"] == sent.id


def a_file_goes_up_and_down_and_away(_: Loopback, theirs: Any) -> None:
    media = theirs.upload_media(PNG, mime_type="image/png", filename="logo.png")
    shown = theirs.get_media_url(media.id)
    assert (shown.mime_type, int(shown.file_size)) == ("image/png", len(PNG))
    assert theirs.get_media_bytes(shown.url) == PNG
    assert b"".join(theirs.stream_media(shown.url)) == PNG
    with tempfile.TemporaryDirectory() as folder:
        assert theirs.download_media(url=shown.url, path=folder).read_bytes() == PNG
    assert theirs.delete_media(media.id)
    with pytest.raises(WhatsAppError):
        theirs.get_media_url(media.id)


def webhooks_of_messages_go_where_it_says(meta: Loopback, theirs: Any) -> None:
    says_something(meta)
    with address_of_its_own() as (url, received):
        assert theirs.override_waba_callback_url(f"{url}/waba", "secret")
        (app,) = theirs.api.get_waba_subscribed_apps(WABA)["data"]
        assert app["override_callback_uri"] == f"{url}/waba"
        theirs.send_text(to=PERSON, text="Still there?")
        assert heard(meta, received["/waba"], "statuses")

        assert theirs.override_phone_callback_url(f"{url}/phone", "secret")
        known = theirs.get_business_phone_number().webhook_configuration
        assert known["phone_number"] == f"{url}/phone"
        assert known["whatsapp_business_account"] == f"{url}/waba"
        theirs.send_text(to=PERSON, text="And now?")
        assert heard(meta, received["/phone"], "statuses")

        with pytest.raises(WhatsAppError) as caught:
            theirs.override_phone_callback_url(f"{url}/phone", "another secret")
        assert caught.value.code == 2200
        assert theirs.delete_phone_callback_url()
        assert theirs.delete_waba_callback_url()
    known = theirs.get_business_phone_number().webhook_configuration
    assert known.keys() == {"application"}


def it_opens_a_group(meta: Loopback, theirs: Any) -> None:
    meta.panel("PUT", "graph/decisions", {"official": [LINE]})
    assert theirs.create_group(subject="Driver in Safi").request_id
    eventually(lambda: bool(meta.panel("GET", "groups")["data"]))
    [group] = meta.panel("GET", "groups")["data"]
    assert theirs.get_group(group["id"]).subject == "Driver in Safi"
    assert "chat.whatsapp.com" in str(theirs.get_group_invite_link(group["id"]))


def it_takes_the_number_off(_: Loopback, theirs: Any) -> None:
    assert theirs.deregister_phone_number()


def no_call_is_left_out(meta: Loopback, theirs: Any) -> None:
    assert theirs.called & public_methods() == BOTH_KNOW
    called = {
        shown(meta.routes.match(it.path, it.method, return_rule=True)[0])
        for it in meta.recorder.exchanges
        if it.path.startswith("/graph/")
    }
    known = {shown(rule) for rule in meta.routes.map.iter_rules() if "graph." in rule.endpoint}
    assert called | NO_CALL_OF_ITS.keys() == known
    assert not called & NO_CALL_OF_ITS.keys()


def shown(route: Rule) -> str:
    methods = ",".join(sorted((route.methods or set()) - {"HEAD", "OPTIONS"}))
    return f"{methods} {route.rule.removeprefix('/graph')}"


def on_phone(meta: Loopback) -> Any:
    """What the person's phone received last."""
    return meta.panel("GET", f"phones/{PERSON}/messages")["data"][-1]


def heard(meta: Loopback, webhooks: Webhooks, part: str) -> dict[str, Any]:
    """The next genuine webhook with `messages` or `statuses`, as the client takes it."""
    while True:
        body, headers = webhooks.get(timeout=WAIT_SECONDS)
        assert meta.messaging.is_genuine(body, headers)
        update: dict[str, Any] = json.loads(body)
        if part in update["entry"][0]["changes"][0]["value"]:
            return update
