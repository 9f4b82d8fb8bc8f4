"""What candidates send arrives whole, is what it is, stays with its client, and harms nobody."""

import base64
import hashlib
import io
import struct
import zipfile
from threading import Thread
from typing import Any

import pytest
import requests
from PIL import Image
from sqlalchemy import text

from gateway.database import tenant
from gateway.messaging import file_types
from gateway.messaging.limits import FILES
from gateway.tenancy import api_keys
from gateway.tenancy import service as tenancy
from tests.console.browser import Browser
from tests.harness import Desk
from tests.messaging.test_inbound import payload, rows, value_of

DAY = 24 * 3600
OFFICE = "application/vnd.openxmlformats-officedocument"
HTML = b"<!DOCTYPE html><script>alert(1)</script>"
PROGRAM = b"MZ\x90\x00" + bytes(60)
PDF = b"%PDF-1.7\n%%EOF\n"
OPUS = b"OggS" + bytes(24) + b"OpusHead\x01\x01"


def picture(kind: str = "JPEG", color: int = 0) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8), (color, 90, 90)).save(out, kind)
    return out.getvalue()


def office(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return out.getvalue()


def sends(desk: Desk, phone: str, kind: str, data: bytes | None = None, **content: Any) -> str:
    """A person sends a file, or a sample of the kind; the wamid."""
    if data is not None:
        content["data"] = base64.b64encode(data).decode()
    return desk.gateway.writes(
        phone, desk.line["phone_number"], kind, **(content or {"caption": ""})
    )


def shown(desk: Desk, wamid: str) -> Any:
    """The message as the API shows it, once it is there."""
    (row,) = desk.gateway.until(
        lambda: rows(desk, "SELECT conversation_id AS talk FROM messages WHERE wamid = :w", w=wamid)
    )
    query = "SELECT id FROM conversations WHERE id = :id"
    assert rows(desk, query, id=row["talk"])
    for talk in desk.get("/conversations")["data"]:
        for message in desk.messages(talk["id"]):
            if message["wamid"] == wamid:
                return message
    raise AssertionError(f"{wamid} is shown nowhere")


def settled(desk: Desk, wamid: str) -> Any:
    return desk.gateway.until(
        lambda: shown(desk, wamid), lambda message: message["media"]["state"] != "pending"
    )


def download(desk: Desk, media_id: str, **options: Any) -> Any:
    return desk.gateway.request("GET", f"{desk.path}/media/{media_id}", **options)


def told(desk: Desk, media_id: str) -> list[str]:
    query = "SELECT type FROM events WHERE data ->> 'media_id' = :id ORDER BY id"
    return [str(row["type"]) for row in rows(desk, query, id=media_id)]


def due(desk: Desk) -> None:
    """The pause after a failed attempt is over."""
    with desk.gateway.app.app_context(), tenant(desk.client) as session:
        session.execute(text("UPDATE outbox SET due_at = now() WHERE topic LIKE '%fetch_media'"))


@pytest.mark.parametrize(
    ("kind", "data", "content", "mime_type", "disposition"),
    [
        ("image", None, {}, "image/png", "inline"),
        ("image", picture(), {"mime_type": "image/jpeg"}, "image/jpeg", "inline"),
        ("sticker", None, {}, "image/webp", "inline"),
        ("audio", None, {"voice": True}, "audio/ogg; codecs=opus", "inline"),
        ("video", None, {}, "video/mp4", "inline"),
        ("document", None, {"filename": "cv-salma.pdf"}, "application/pdf", "attachment"),
        (
            "document",
            office("[Content_Types].xml", "word/document.xml"),
            {"filename": "سيرة.docx", "mime_type": f"{OFFICE}.wordprocessingml.document"},
            f"{OFFICE}.wordprocessingml.document",
            "attachment",
        ),
    ],
)
def test_what_a_person_sends_is_fetched_and_served(
    desk: Desk, phone: str, kind: str, data: bytes | None, content: Any,
    mime_type: str, disposition: str,
) -> None:  # fmt: skip
    message = settled(desk, sends(desk, phone, kind, data, **content))

    media = message["media"]
    assert (media["state"], media["reason"], media["mime_type"]) == ("stored", None, mime_type)
    assert media["filename"] == content.get("filename")
    answer = download(desk, media["id"])
    assert answer.status_code == 200
    assert hashlib.sha256(answer.content).hexdigest() == media["sha256"] == message[kind]["sha256"]
    assert len(answer.content) == media["size"]
    assert data in (None, answer.content)
    assert answer.headers["Content-Type"] == mime_type.partition(";")[0]
    assert answer.headers["Content-Disposition"].startswith(disposition)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert told(desk, media["id"]) == ["message.media_stored"]


@pytest.mark.parametrize(
    ("kind", "declared", "data", "found"),
    [
        ("document", "application/pdf", PROGRAM, file_types.PROGRAM),
        ("document", "application/pdf", HTML, "text/html"),
        ("image", "image/jpeg", HTML, "text/html"),
        ("image", "image/png", b"\x89PNG\r\n\x1a\n then nothing", file_types.UNKNOWN),
        ("image", "image/jpeg", picture("PNG"), "image/png"),
        ("document", "application/zip", HTML, "text/html"),
        ("document", "image/svg+xml", b"<svg onload='alert(1)'/>", "text/html"),
        ("document", "application/x-msdownload", PROGRAM, file_types.PROGRAM),
        ("document", "text/html", HTML, None),
        ("document", "application/vnd.oasis.opendocument.text", office("content.xml"), None),
    ],
)
def test_what_is_not_what_it_says_is_flagged_and_nothing_is_ever_run(
    desk: Desk, phone: str, kind: str, declared: str, data: bytes, found: str | None
) -> None:
    wamid = sends(desk, phone, kind, data, mime_type=declared, filename="cv.pdf")

    media = settled(desk, wamid)["media"]

    assert media["state"] == "stored"
    assert media["reason"] == (found and "type_mismatch")
    assert media["mime_type"] == (found or declared)
    answer = download(desk, media["id"])
    assert answer.content == data
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment")


def test_a_file_is_kept_once_and_served_in_parts(desk: Desk, phone: str) -> None:
    data = picture(color=int(phone[-2:]))
    first, second = (settled(desk, sends(desk, phone, "image", data))["media"] for _ in "12")

    assert first["id"] != second["id"]
    query = "SELECT sha256 FROM blobs WHERE sha256 = :sha256"
    assert len(rows(desk, query, sha256=first["sha256"])) == 1
    part = download(desk, second["id"], headers={"Range": "bytes=2-5"})
    assert (part.status_code, part.content) == (206, data[2:6])
    known = download(desk, first["id"], headers={"If-None-Match": f'"{first["sha256"]}"'})
    assert (known.status_code, known.content) == (304, b"")


def test_nobody_else_gets_it(desk: Desk, phone: str) -> None:
    """Another client of the vendor, and another vendor, whoever else sent the very same file."""
    mine = settled(desk, sends(desk, phone, "document", PDF))["media"]["id"]
    gateway = desk.gateway
    colleague = gateway.client("Rif Textile")
    with gateway.app.app_context():
        stranger = api_keys.make(tenancy.create_vendor("Another vendor"), "theirs")

    for path, key in (
        (f"/v1/clients/{colleague}/media/{mine}", None),
        (f"{desk.path}/media/{mine}", stranger),
        (f"{desk.path}/media/med_00000000000000000000000000", None),
        (f"{desk.path}/media/nonsense", None),
    ):
        refused = gateway.request("GET", path, key=key)
        assert (refused.status_code, refused.json()["code"]) == (404, "not_found")
    assert Browser(gateway.app).sign_in(colleague).get(f"/console/media/{mine}").status_code == 404
    assert gateway.app.test_client().get(f"/console/media/{mine}").status_code == 403


def test_an_address_that_expired_is_replaced(desk: Desk, phone: str) -> None:
    gateway = desk.gateway
    gateway.panel("PUT", "/faults", {"graph": {"hold_before": "download"}})
    before = gateway.panel("GET", "/stats")["calls"].get("read_media", 0)
    wamid = sends(desk, phone, "image")
    worker = Thread(target=lambda: settled(desk, wamid))
    worker.start()
    gateway.until(lambda: gateway.panel("GET", "/faults")["held"], working=False)
    gateway.panel("PUT", "/clock", {"advance_seconds": 301})
    gateway.panel("PUT", "/faults", {})
    worker.join(60)

    assert shown(desk, wamid)["media"]["state"] == "stored"
    assert gateway.panel("GET", "/stats")["calls"]["read_media"] == before + 2


def test_what_the_platform_cannot_give_now_is_asked_for_until_its_id_has_expired(
    desk: Desk, phone: str
) -> None:
    gateway = desk.gateway
    gateway.panel("PUT", "/faults", {"graph": {"error_rate": 1, "calls": ["read_media"]}})
    wamid = sends(desk, phone, "document", filename="cv.pdf")
    message = gateway.until(lambda: shown(desk, wamid))
    media = message["media"]
    assert media["state"] == "pending"
    waiting = download(desk, media["id"])
    assert (waiting.status_code, waiting.json()["code"]) == (409, "media_pending")
    page = f"/console/conversations/{message['conversation_id']}"
    browser = Browser(gateway.app).sign_in(desk.client)
    assert "being fetched from WhatsApp" in browser.read(page)

    gateway.panel("PUT", "/clock", {"advance_seconds": 6 * DAY})
    due(desk)
    gateway.work()
    assert shown(desk, wamid)["media"]["state"] == "pending"
    gateway.panel("PUT", "/clock", {"advance_seconds": 2 * DAY})
    due(desk)
    media = settled(desk, wamid)["media"]

    assert (media["state"], media["reason"]) == ("expired", "media_too_old")
    assert told(desk, media["id"]) == ["message.media_failed"]
    assert download(desk, media["id"]).json()["code"] == "media_expired"
    assert "ask for it again" in browser.read(page)


def test_an_id_of_eight_days_is_not_asked_for(desk: Desk) -> None:
    now = desk.gateway.world.now().timestamp()
    body = payload("inbound_image", desk, 77001, timestamp=int(now - 8 * DAY))
    before = desk.gateway.panel("GET", "/stats")["calls"].get("read_media", 0)

    desk.gateway.webhook(body)
    media = settled(desk, value_of(body)["messages"][0]["id"])["media"]

    assert (media["state"], media["reason"]) == ("expired", "media_too_old")
    assert desk.gateway.panel("GET", "/stats")["calls"].get("read_media", 0) == before


def test_the_simulated_platform_keeps_a_received_file_for_seven_days(
    desk: Desk, phone: str
) -> None:
    media_id = settled(desk, sends(desk, phone, "image"))["image"]["id"]
    address = f"{desk.gateway.sandbox_url}/graph/v25.0/{media_id}"

    def status(**params: str) -> int:
        headers = {"Authorization": "Bearer test-graph-token"}
        return requests.get(address, params=params, headers=headers, timeout=30).status_code

    assert status(phone_number_id=desk.line["phone_number_id"]) == 200
    assert status(phone_number_id="1") == 400
    desk.gateway.panel("PUT", "/clock", {"advance_seconds": 7 * DAY + 1})
    assert status() == 400


@pytest.mark.parametrize(
    ("code", "reason"),
    [(131052, "media_download_failed"), (100, "bad_request"), (33, "no_such_object")],
)
def test_what_the_platform_will_never_give_is_not_asked_for_again(
    desk: Desk, phone: str, code: int, reason: str
) -> None:
    gateway = desk.gateway
    gateway.panel(
        "PUT", "/faults", {"graph": {"error_rate": 1, "error_code": code, "calls": ["read_media"]}}
    )
    wamid = sends(desk, phone, "image")
    media = settled(desk, wamid)["media"]
    gateway.panel("PUT", "/faults", {})
    gateway.work()

    media = shown(desk, wamid)["media"]
    assert (media["state"], media["reason"]) == ("failed", reason)
    assert told(desk, media["id"]) == ["message.media_failed"]


@pytest.mark.parametrize("kind", FILES)
def test_every_kind_has_its_size(desk: Desk, phone: str, kind: str, monkeypatch: Any) -> None:
    limit = 1000
    monkeypatch.setitem(FILES, kind, file_limit(kind, limit))
    wamids = [sends(desk, phone, kind, b"x" * size) for size in (limit, limit + 1)]

    just, over = (settled(desk, wamid)["media"] for wamid in wamids)

    assert (just["state"], just["size"]) == ("stored", limit)
    assert (over["state"], over["reason"], over["size"]) == ("failed", "too_large", None)


def file_limit(kind: str, most_bytes: int) -> Any:
    return type(FILES[kind])(types=FILES[kind].types, most_bytes=most_bytes)


def mpeg(second: int) -> bytes:
    return bytes([0xFF, second]) + bytes(40)


def brand(name: bytes) -> bytes:
    return struct.pack(">I", 24) + b"ftyp" + name + bytes(12)


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (picture("JPEG"), "image/jpeg"),
        (picture("PNG"), "image/png"),
        (picture("GIF"), "image/gif"),
        (picture("WEBP"), "image/webp"),
        (PDF, "application/pdf"),
        (b"\xef\xbb\xbf\n %PDF-1.4", "application/pdf"),
        (OPUS, "audio/ogg"),
        (b"OggS" + bytes(24) + b"\x80theora", "application/ogg"),
        (b"ID3\x04" + bytes(20), "audio/mpeg"),
        (mpeg(0xFB), "audio/mpeg"),
        (mpeg(0xF3), "audio/mpeg"),
        (mpeg(0xF1), "audio/aac"),
        (mpeg(0xF9), "audio/aac"),
        (b"#!AMR\n", "audio/amr"),
        (brand(b"M4A "), "audio/mp4"),
        (brand(b"isom"), "video/mp4"),
        (brand(b"3gp4"), "video/3gpp"),
        (brand(b"qt  "), "video/quicktime"),
        (brand(b"heic"), "image/heic"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(20), "application/x-ole-storage"),
        (office("[Content_Types].xml", "xl/workbook.xml"), f"{OFFICE}.spreadsheetml.sheet"),
        (office("[Content_Types].xml", "ppt/a.xml"), f"{OFFICE}.presentationml.presentation"),
        (office("[Content_Types].xml", "word/vbaProject.bin"), "application/zip"),
        (office("classes.dex"), "application/zip"),
        (b"PK\x03\x04 broken", file_types.UNKNOWN),
        (b"\x7fELF\x02", file_types.PROGRAM),
        (b"#!/bin/sh\nrm -rf /", file_types.PROGRAM),
        (b" \n<HTML><body>", "text/html"),
        ("\ufeff<!doctype html>".encode("utf-16"), "text/html"),
        ("Né à Fès, 1990".encode(), "text/plain"),
        ("Né à Fès, 1990".encode("cp1252"), "text/plain"),
        (b"", file_types.UNKNOWN),
        (bytes(range(256)), file_types.UNKNOWN),
    ],
)
def test_content_says_what_it_is(content: bytes, found: str) -> None:
    assert file_types.sniff(content) == found


@pytest.mark.parametrize(
    ("declared", "found", "agree"),
    [
        ("audio/ogg; codecs=opus", "audio/ogg", True),
        ("audio/mp4", "video/mp4", True),
        ("image/jpg", "image/jpeg", True),
        ("application/msword", "application/x-ole-storage", True),
        ("application/vnd.oasis.opendocument.text", "application/zip", True),
        ("text/csv", "text/plain", True),
        ("text/csv", "text/html", False),
        ("application/pdf", "text/plain", False),
        ("image/jpeg", "application/octet-stream", False),
        ("application/vnd.oasis.opendocument.text", file_types.PROGRAM, False),
    ],
)
def test_a_declared_type_is_held_to_its_content(declared: str, found: str, agree: bool) -> None:
    assert file_types.agrees(declared, found) is agree


def test_the_thread_shows_each_kind_as_what_it_is(desk: Desk, phone: str) -> None:
    number = desk.line["phone_number"]
    wamids = {
        kind: sends(desk, phone, kind, filename="cv <1>.pdf", caption="Voilà")
        for kind in ("image", "sticker", "audio", "video", "document")
    }
    for kind, content in (
        ("location", {"latitude": 33.57, "longitude": -7.58, "name": "Gare"}),
        ("contacts", {"contacts": [{"name": {"formatted_name": "Youssef"},
                                    "phones": [{"phone": "+212 600"}]}]}),
        ("reaction", {"message_id": wamids["image"], "emoji": "👍"}),
        ("reaction", {"message_id": wamids["image"]}),
        ("button", {"payload": "YES", "text": "Oui"}),
        ("interactive", {"type": "list_reply", "list_reply": {"id": "1", "title": "Lundi"}}),
    ):  # fmt: skip
        said = {"to": number, "type": kind, kind: content}
        desk.gateway.panel("POST", f"/phones/{phone}/messages", said)
    media = {kind: settled(desk, wamid)["media"]["id"] for kind, wamid in wamids.items()}
    desk.gateway.work()
    talk = shown(desk, wamids["image"])["conversation_id"]
    previews = [message["preview"] for message in desk.messages(talk)][-6:]
    browser = Browser(desk.gateway.app).sign_in(desk.client)

    page = browser.read(f"/console/conversations/{talk}")

    # Webhooks that are sent at once come in any order.
    assert sorted(previews) == sorted(
        ["Location: Gare", "Contact card: Youssef +212 600", "Reaction: 👍",
         "Reaction taken back", "Oui", "Lundi"]
    )  # fmt: skip
    for preview in previews:
        assert preview in page
    for kind, element in (
        ("image", '<img loading="lazy" src="{}"'),
        ("sticker", '<img loading="lazy" src="{}"'),
        ("audio", '<audio controls preload="none" src="{}"'),
        ("video", '<video controls preload="none" src="{}"'),
        ("document", '<a href="{}" download><bdi dir="auto">Document: Voilà'),
    ):
        assert element.format(f"/console/media/{media[kind]}") in page
    served = browser.get(f"/console/media/{media['image']}")
    assert served.content_type == "image/png"
    assert "default-src 'none'" in served.headers["Content-Security-Policy"]
    assert served.headers["X-Frame-Options"] == "DENY"
