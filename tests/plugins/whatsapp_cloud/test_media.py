"""Files over the Cloud API: asked for, downloaded, uploaded; and what the simulator makes of it."""

import base64
from collections.abc import Iterator
from typing import Any

import pytest
import responses
from responses import matchers

from gateway.plugin_api import (
    HttpClient,
    OutgoingFile,
    OutgoingMessage,
    ProviderError,
    Recipient,
    Refused,
    TryAgain,
)
from plugins.whatsapp_cloud.messaging import WhatsAppCloudMessaging
from tests.meta.loopback import LINE, OTHER_LINE, OTHER_PERSON, PERSON, Loopback, loopback
from tests.plugins.whatsapp_cloud.test_messaging import NUMBER, SETTINGS

GRAPH = "https://graph.test/v25.0"
FILE = "http://127.0.0.1:9/media/1"
DAY = 24 * 3600
JPEG = OutgoingFile(content=b"\xff\xd8\xff", mime_type="image/jpeg", filename="bureau.jpg")


@pytest.fixture
def graph() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as mock:
        yield mock


@pytest.fixture
def messaging() -> WhatsAppCloudMessaging:
    return WhatsAppCloudMessaging(SETTINGS, HttpClient(private_hosts=frozenset({"127.0.0.1:9"})))


@pytest.fixture
def meta() -> Iterator[Loopback]:
    with loopback() as running:
        yield running


def knows(graph: responses.RequestsMock, size: str = "3") -> None:
    asked = matchers.query_param_matcher({"phone_number_id": NUMBER})
    answer = {"id": "1", "url": FILE, "file_size": size}
    graph.get(f"{GRAPH}/1", json=answer, match=[asked])


def test_a_file_is_asked_for_and_downloaded_with_the_token(
    graph: responses.RequestsMock, messaging: WhatsAppCloudMessaging
) -> None:
    knows(graph)
    graph.get(FILE, body=b"abc")

    assert messaging.fetch_media(NUMBER, "1", limit=3) == b"abc"

    assert graph.calls[1].request.headers["Authorization"] == "Bearer token"


def test_a_file_that_is_too_large_is_not_downloaded(
    graph: responses.RequestsMock, messaging: WhatsAppCloudMessaging
) -> None:
    knows(graph, size="4")
    with pytest.raises(Refused) as caught:
        messaging.fetch_media(NUMBER, "1", limit=3)
    assert caught.value.code == "too_large"


def test_a_file_that_is_larger_than_it_said_is_broken_off(
    graph: responses.RequestsMock, messaging: WhatsAppCloudMessaging
) -> None:
    knows(graph, size="1")
    graph.get(FILE, body=b"abcd")
    with pytest.raises(Refused) as caught:
        messaging.fetch_media(NUMBER, "1", limit=3)
    assert caught.value.code == "too_large"


@pytest.mark.parametrize("status", [401, 404, 410, 500])
def test_an_address_that_is_refused_is_worth_another(
    graph: responses.RequestsMock, messaging: WhatsAppCloudMessaging, status: int
) -> None:
    knows(graph)
    graph.get(FILE, status=status)
    with pytest.raises(TryAgain) as caught:
        messaging.fetch_media(NUMBER, "1", limit=3)
    assert (caught.value.code, caught.value.provider_code) == ("media_url_refused", str(status))


def test_an_id_never_leads_to_another_path(
    graph: responses.RequestsMock, messaging: WhatsAppCloudMessaging
) -> None:
    gone = {"error": {"code": 100, "error_subcode": 33}}
    graph.get(f"{GRAPH}/..%2F..%2Fme%3Ffields%3Dx", json=gone, status=400)
    with pytest.raises(Refused):
        messaging.fetch_media(NUMBER, "../../me?fields=x", limit=3)


def test_a_file_is_uploaded_as_a_form(
    graph: responses.RequestsMock, messaging: WhatsAppCloudMessaging
) -> None:
    graph.post(f"{GRAPH}/{NUMBER}/media", json={"id": "77"})

    assert messaging.upload_media(NUMBER, JPEG) == "77"

    body = graph.calls[0].request.body
    assert isinstance(body, bytes)
    for part in (
        b'name="messaging_product"\r\n\r\nwhatsapp',
        b'name="type"\r\n\r\nimage/jpeg',
        b'filename="bureau.jpg"',
        b"Content-Type: image/jpeg",
        JPEG.content,
    ):
        assert part in body


@pytest.mark.parametrize(
    ("status", "answer"),
    [(500, {"error": {"code": 131000}}), (502, None), (200, {}), (200, {"id": ""})],
)
def test_an_upload_without_a_clear_answer_may_be_repeated(
    graph: responses.RequestsMock, messaging: WhatsAppCloudMessaging, status: int, answer: Any
) -> None:
    graph.post(f"{GRAPH}/{NUMBER}/media", json=answer, status=status)
    with pytest.raises(TryAgain):
        messaging.upload_media(NUMBER, JPEG)


def panel_write(meta: Loopback, kind: str, content: Any, person: str = PERSON) -> str:
    body = {"to": LINE, "type": kind, kind: content}
    return str(meta.panel("POST", f"phones/{person}/messages", body)["wamid"])


def send(meta: Loopback, number_id: str, kind: str, content: Any, **more: Any) -> str:
    return meta.messaging.send(
        OutgoingMessage(
            message_id="msg_01",
            phone_number_id=number_id,
            recipient=Recipient(phone=PERSON, bsuid=None),
            type=kind,
            content=content,
            **more,
        )
    ).wamid


def code_of(act: Any) -> str | None:
    with pytest.raises(ProviderError) as caught:
        act()
    return caught.value.provider_code


def test_the_simulator_keeps_an_upload_for_30_days_and_for_its_number(meta: Loopback) -> None:
    number_id = meta.connect()
    other_id = meta.connect(phone=OTHER_LINE)
    panel_write(meta, "text", {"body": "Bonjour"})
    media_id = meta.messaging.upload_media(number_id, JPEG)

    assert meta.messaging.fetch_media(number_id, media_id, limit=10) == JPEG.content
    assert code_of(lambda: meta.messaging.fetch_media(other_id, media_id, limit=10)) == "100/33"
    meta.panel("PUT", "clock", {"advance_seconds": 30 * DAY - 60})
    panel_write(meta, "text", {"body": "Bonjour"})
    send(meta, number_id, "image", {"id": media_id})
    meta.panel("PUT", "clock", {"advance_seconds": 120})
    assert code_of(lambda: send(meta, number_id, "image", {"id": media_id})) == "131009"
    assert code_of(lambda: meta.messaging.fetch_media(number_id, media_id, limit=10)) == "100/33"


@pytest.mark.parametrize(
    ("content", "mime_type", "code"),
    [
        (b"x", "application/x-msdownload", "100"),
        (b"", "image/png", "131053"),
        (bytes(5 * 1024 * 1024 + 1), "image/png", "131053"),
    ],
)
def test_the_simulator_takes_no_file_that_meta_refuses(
    meta: Loopback, content: bytes, mime_type: str, code: str
) -> None:
    number_id = meta.connect()
    file = OutgoingFile(content=content, mime_type=mime_type, filename="a")
    assert code_of(lambda: meta.messaging.upload_media(number_id, file)) == code


def test_a_person_sends_the_bytes_that_the_panel_gives(meta: Loopback) -> None:
    number_id = meta.connect()
    data = base64.b64encode(b"%PDF-1.4 mine").decode()
    panel_write(meta, "document", {"data": data, "filename": "cv.pdf"})
    change = meta.next_change(lambda found: bool(meta.messaging.read(found).messages))
    (message,) = meta.messaging.read(change).messages

    assert message.content["filename"] == "cv.pdf"
    assert "data" not in message.content
    got = meta.messaging.fetch_media(number_id, message.content["id"], limit=100)
    assert got == b"%PDF-1.4 mine"


def test_the_simulator_lets_answer_only_what_is_in_the_chat(meta: Loopback) -> None:
    number_id = meta.connect()
    theirs = panel_write(meta, "text", {"body": "Moi aussi"}, OTHER_PERSON)
    said = panel_write(meta, "text", {"body": "Bonjour"})
    thumb = {"emoji": "👍"}

    for wamid in (theirs, "wamid.nothing"):
        quote = {"content": {"body": "?"}, "context_wamid": wamid}
        assert code_of(lambda quote=quote: send(meta, number_id, "text", **quote)) == "131009"
        reaction = {**thumb, "message_id": wamid}
        assert code_of(lambda r=reaction: send(meta, number_id, "reaction", r)) == "131009"
    assert code_of(lambda: meta.messaging.mark_read(number_id, "wamid.nothing")) == "131009"

    ours = send(meta, number_id, "text", {"body": "Oui"}, context_wamid=said)
    meta.messaging.mark_read(number_id, said)
    assert code_of(lambda: meta.messaging.mark_read(number_id, ours)) == "131009"
    shown = meta.panel("GET", f"phones/{PERSON}/messages")
    assert (shown["data"][0]["context"], shown["read"]) == ({"message_id": said}, [said])

    meta.panel("PUT", "clock", {"advance_seconds": 30 * DAY + 1})
    panel_write(meta, "text", {"body": "Encore"})
    old = {**thumb, "message_id": said}
    assert code_of(lambda: send(meta, number_id, "reaction", old)) == "131009"
