"""A Graph API client by other hands finds the simulated Meta as it expects Meta to be.

Every call that both know, from a new number to a number taken off; what the client makes of the
webhooks, too. The last tests hold that none is left out.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from pywa import WhatsApp, types
from pywa.errors import ReEngagementMessage, WhatsAppError
from pywa.types import templates
from werkzeug.routing import Rule

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


@pytest.fixture(scope="module")
def meta() -> Iterator[Loopback]:
    with loopback() as running:
        yield running


@pytest.fixture(scope="module")
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


@pytest.fixture
def wamid(meta: Loopback) -> str:
    """The person has just written."""
    asked = {"to": LINE, "type": "text", "text": {"body": "Is the job open?"}}
    return str(meta.panel("POST", f"phones/{PERSON}/messages", asked)["wamid"])


def test_it_reads_the_number_and_its_account(theirs: Any) -> None:
    number = theirs.get_business_phone_number()
    assert number.id == theirs.phone_id
    assert digits_in(number.display_phone_number) == LINE.removeprefix("+")
    assert [it.id for it in theirs.get_business_phone_numbers()] == [theirs.phone_id]


def test_it_changes_profile_and_name(theirs: Any) -> None:
    assert theirs.update_business_profile(about="Powered by LinkoJob", description="Recruitment")
    profile = theirs.get_business_profile()
    assert (profile.about, profile.description) == ("Powered by LinkoJob", "Recruitment")
    assert theirs.update_display_name("Atlas Maroc")


def test_a_picture_needs_another_kind_of_authorization_than_it_sends(theirs: Any) -> None:
    with pytest.raises(ValueError, match="Authorization: OAuth"):
        theirs.update_business_profile(profile_picture=PNG)


def test_it_has_a_template_approved_and_sends_it(meta: Loopback, theirs: Any) -> None:
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


def test_free_text_outside_the_window_is_the_error_it_knows(theirs: Any) -> None:
    with pytest.raises(ReEngagementMessage):
        theirs.send_message(to="+212600000077", text="Hello?")


def test_what_is_wrong_is_an_error_it_can_read(theirs: Any) -> None:
    with pytest.raises(WhatsAppError) as caught:
        theirs.get_business_phone_number(phone_id="404")
    assert caught.value.code == 100


def test_a_conversation_with_its_webhooks(meta: Loopback, theirs: Any, wamid: str) -> None:
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
SENT: dict[str, Callable[[Any], Any]] = {
    "send_text": lambda it: it.send_text(to=PERSON, text="Tomorrow?"),
    "send_message": lambda it: it.send_message(
        to=PERSON, text="Yes?", buttons=[types.Button("Yes", "y"), types.Button("No", "n")]
    ),
    "send_location": lambda it: it.send_location(to=PERSON, latitude=33.57, longitude=-7.58),
    "send_contact": lambda it: it.send_contact(to=PERSON, contact=SARA),
    "send_catalog": lambda it: it.send_catalog(to=PERSON, body="All of it"),
    "send_product": lambda it: it.send_product(to=PERSON, catalog_id="1", sku="a", body="This"),
    "send_products": lambda it: it.send_products(
        to=PERSON, catalog_id="1", title="Jobs", body="These",
        product_sections=[types.ProductsSection(title="Jobs", skus=["a"])],
    ),
    "send_carousel": lambda it: it.send_carousel(
        to=PERSON, body="Cards",
        cards=[CARD, CARD],
    ),
    "request_location": lambda it: it.request_location(to=PERSON, text="Where are you?"),
    "request_contact_info": lambda it: it.request_contact_info(to=PERSON, text="Who are you?"),
    "send_image": lambda it: it.send_image(to=PERSON, image=PNG, mime_type="image/png"),
    "send_sticker": lambda it: it.send_sticker(to=PERSON, sticker=PNG, mime_type="image/webp"),
    "send_video": lambda it: it.send_video(to=PERSON, video=PNG, mime_type="video/mp4"),
    "send_audio": lambda it: it.send_audio(to=PERSON, audio=PNG, mime_type="audio/mpeg"),
    "send_voice": lambda it: it.send_voice(to=PERSON, voice=PNG, mime_type="audio/ogg"),
    "send_document": lambda it: it.send_document(
        to=PERSON, document=PNG, filename="cv.pdf", mime_type="application/pdf"
    ),
}  # fmt: skip


@pytest.mark.usefixtures("wamid")
@pytest.mark.parametrize("name", SENT)
def test_every_kind_of_message_reaches_the_phone(meta: Loopback, theirs: Any, name: str) -> None:
    sent = SENT[name](theirs)
    assert on_phone(meta)["wamid"] == sent.id


def test_a_file_goes_up_and_down_and_away(theirs: Any, tmp_path: Path) -> None:
    media = theirs.upload_media(PNG, mime_type="image/png", filename="logo.png")
    shown = theirs.get_media_url(media.id)
    assert (shown.mime_type, int(shown.file_size)) == ("image/png", len(PNG))
    assert theirs.get_media_bytes(shown.url) == PNG
    assert b"".join(theirs.stream_media(shown.url)) == PNG
    assert theirs.download_media(url=shown.url, path=tmp_path).read_bytes() == PNG
    assert theirs.delete_media(media.id)
    with pytest.raises(WhatsAppError):
        theirs.get_media_url(media.id)


def test_webhooks_of_messages_go_where_it_says(meta: Loopback, theirs: Any, wamid: str) -> None:
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


def test_the_number_is_taken_off(theirs: Any) -> None:
    assert theirs.deregister_phone_number()


def test_no_call_that_both_know_is_left_out(
    meta: Loopback, theirs: Any, request: pytest.FixtureRequest
) -> None:
    if not after_all_others(request):
        pytest.skip("only after all other tests of this module")
    assert theirs.called & public_methods() == BOTH_KNOW
    called = {
        shown(meta.routes.match(it.path, it.method, return_rule=True)[0])
        for it in meta.recorder.exchanges
        if it.path.startswith("/graph/")
    }
    known = {shown(rule) for rule in meta.routes.map.iter_rules() if "graph." in rule.endpoint}
    assert called | NO_CALL_OF_ITS.keys() == known
    assert not called & NO_CALL_OF_ITS.keys()


def test_every_method_of_the_client_has_its_place() -> None:
    placed = [
        *BOTH_KNOW,
        *WITHOUT_A_CALL,
        *(name for them in UNKNOWN_HERE.values() for name in them),
    ]
    assert sorted(placed) == sorted(public_methods())


def shown(route: Rule) -> str:
    methods = ",".join(sorted((route.methods or set()) - {"HEAD", "OPTIONS"}))
    return f"{methods} {route.rule.removeprefix('/graph')}"


def after_all_others(request: pytest.FixtureRequest) -> bool:
    chosen = {item.originalname for item in request.session.items if item.path == request.path}
    return chosen >= {name for name in globals() if name.startswith("test_")}


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
