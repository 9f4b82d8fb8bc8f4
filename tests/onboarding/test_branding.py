"""What a candidate's phone shows of a line, from its first branding through every change."""

import io
import struct
import zlib
from hashlib import sha256
from typing import Any

import pytest
from PIL import Image
from requests import get

from tests.harness import Gateway

PERSON = "+212661000001"


def picture(colour: str = "navy", kind: str = "PNG", size: tuple[int, int] = (300, 200)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, kind)
    return out.getvalue()


def upload(gateway: Gateway, client: str, content: bytes, kind: str = "logo") -> Any:
    return gateway.session.post(
        f"{gateway.url}/v1/clients/{client}/documents",
        headers={"Authorization": f"Bearer {gateway.api_key}"},
        data={"kind": kind},
        files={"file": ("logo.png", content)},
        timeout=30,
    )


class Branded:
    """A client's line and how a person sees it."""

    def __init__(self, gateway: Gateway, *, named: bool = True, **client: Any) -> None:
        self.gateway = gateway
        self.client = gateway.client(**client)
        assert upload(gateway, self.client, picture("navy")).status_code == 201
        self.number = gateway.line(self.client, named=named)["phone_number"]

    @property
    def path(self) -> str:
        return f"/v1/clients/{self.client}"

    def line(self) -> Any:
        (line,) = self.gateway.get(f"{self.path}/lines")["data"]
        return line

    def card(self) -> Any:
        return self.gateway.panel("GET", f"/phones/{PERSON}/contacts/{self.number}")

    def patch(self, **values: Any) -> Any:
        return self.gateway.request("PATCH", self.path, values)

    def calls(self, name: str) -> int:
        return int(self.gateway.panel("GET", "/stats")["calls"].get(name, 0))

    def until(self, **seen: Any) -> Any:
        return self.gateway.until(
            self.card, lambda card: {name: card[name] for name in seen} == seen
        )


def decide(gateway: Gateway, **decisions: Any) -> None:
    gateway.panel("PUT", "/graph/decisions", decisions)


def shown_picture(card: Any) -> Image.Image:
    content = get(card["picture_url"], timeout=10).content
    assert sha256(content).hexdigest() == card["picture_sha256"]
    return Image.open(io.BytesIO(content))


def test_the_line_is_seen_under_its_name_and_logo_and_under_the_new_ones_after_a_change(
    gateway: Gateway,
) -> None:
    decide(gateway, display_name="hold")
    line = Branded(gateway, named=False, website="https://atlas.example", email="hr@atlas.example")

    card = line.card()
    assert (card["title"], card["name"]) == (line.number, None)
    assert (card["about"], card["websites"]) == ("Powered by LinkoJob", ["https://atlas.example"])
    assert card["description"] == "Atlas Logistics Recruitment. Powered by LinkoJob."
    face = shown_picture(card)
    assert (face.format, face.size) == ("JPEG", (640, 640))
    navy = face.getpixel((320, 320))
    decide(gateway, display_name="approve")
    line.until(title="Atlas Logistics Recruitment")
    gateway.until(line.line, lambda shown: shown["display_name_status"] == "APPROVED")

    # Another name and another logo: the old name stays until Meta has decided.
    decide(gateway, display_name="hold")
    assert line.patch(name="Rif Textile").status_code == 200
    asked = line.line()["rebranding"]
    assert (asked["display_name"], asked["state"]) == ("Rif Textile Recruitment", "asked")
    assert upload(gateway, line.client, picture("crimson", "WEBP")).status_code == 201
    line.until(description="Rif Textile Recruitment. Powered by LinkoJob.")
    shown = gateway.until(
        line.line,
        lambda shown: (shown["rebranding"] or {}).get("display_name_status") == "PENDING_REVIEW",
    )
    assert (shown["display_name"], shown["display_name_status"]) == (
        "Atlas Logistics Recruitment", "APPROVED",
    )  # fmt: skip
    assert (shown["rebranding"]["state"], shown["rebranding"]["who"]) == ("in_review", "meta")
    card = line.until(title="Atlas Logistics Recruitment")
    assert shown_picture(card).getpixel((320, 320)) != navy
    assert shown["branding"]["picture_sha256"] == card["picture_sha256"]

    registrations = line.calls("register")
    decide(gateway, display_name="approve")
    line.until(title="Rif Textile Recruitment")
    shown = gateway.until(line.line, lambda shown: shown["rebranding"] is None)
    assert (shown["display_name"], shown["display_name_refusal"]) == (
        "Rif Textile Recruitment", None,
    )  # fmt: skip
    assert line.calls("register") == registrations + 1

    # Nothing that anybody sees changed: nothing is set again.
    sets = line.calls("whatsapp_business_profile")
    line.patch(name="Rif Textile", default_language="fr")
    assert upload(gateway, line.client, picture("crimson", "WEBP")).status_code == 201
    gateway.until(line.line, lambda shown: shown["rebranding"] is None)
    assert (line.calls("whatsapp_business_profile"), line.calls("update_number")) == (sets, 1)


def test_a_refused_name_says_why_and_the_old_one_stays(gateway: Gateway) -> None:
    line = Branded(gateway)
    decide(gateway, display_name="reject")

    line.patch(display_name="Atlas Talents")

    shown = gateway.until(line.line, lambda shown: bool(shown["display_name_refusal"]))
    refusal = gateway.until(
        lambda: line.line()["display_name_refusal"], lambda found: bool(found["provider_code"])
    )
    assert refusal["display_name"] == "Atlas Talents"
    assert (refusal["code"], refusal["provider_code"]) == (
        "display_name_not_related", "NAME_ENDCLIENT_NOTRELATED",
    )  # fmt: skip
    assert "website" in refusal["detail"]
    shown = gateway.until(line.line, lambda shown: shown["rebranding"] is None)
    assert (shown["display_name"], shown["display_name_status"]) == (
        "Atlas Logistics Recruitment", "APPROVED",
    )  # fmt: skip
    assert line.card()["title"] == "Atlas Logistics Recruitment"
    events = gateway.until(
        lambda: [
            event["data"]
            for event in gateway.get("/v1/events?limit=100")["data"]
            if event["type"] == "line.display_name_refused"
        ],
        lambda found: bool(found and found[-1]["provider_code"]),
    )
    assert events[-1]["display_name"] == "Atlas Talents"

    # The same name is not handed in again with every other change.
    line.patch(email="hr@atlas.example")
    gateway.until(line.line, lambda shown: shown["branding"].get("email") == "hr@atlas.example")
    gateway.until(line.line, lambda shown: shown["rebranding"] is None)
    assert line.calls("update_number") == 1
    decide(gateway, display_name="approve")
    line.patch(display_name=None)
    line.patch(display_name="Atlas Carrières")
    line.until(title="Atlas Carrières")
    gateway.until(line.line, lambda shown: shown["display_name_refusal"] is None)


def test_answers_that_are_lost_hand_in_and_set_nothing_twice(gateway: Gateway) -> None:
    line = Branded(gateway)
    gateway.app.extensions["http"]._timeout = (3.0, 0.4)
    gateway.world.fault_panel.patience_seconds = 0.5
    calls = ["update_number", "whatsapp_business_profile"]
    lost = {"timeout_after_accept_rate": 1, "calls": calls}
    gateway.panel("PUT", "/faults", {"graph": lost})
    before = {call: line.calls(call) for call in calls}

    line.patch(name="Rif Textile", website="https://rif.example")

    error = gateway.until(lambda: (line.line()["rebranding"] or {}).get("error"))
    assert error["code"]
    line.until(websites=["https://rif.example"])
    line.until(title="Rif Textile Recruitment")
    gateway.until(line.line, lambda shown: shown["rebranding"] is None)
    assert {call: line.calls(call) - before[call] for call in calls} == dict.fromkeys(calls, 1)


@pytest.mark.parametrize(
    ("name", "reason", "suggestion"),
    [
        ("ATLAS LOGISTICS", "all_capitals", "Atlas Logistics Recruitment"),
        ("Karim Bennani", "person", "Cabinet Karim Bennani Recruitment"),
        ("Casablanca", "only_a_place", None),
    ],
)
def test_a_name_that_meta_refuses_is_refused_before_anything_is_bought(
    gateway: Gateway, name: str, reason: str, suggestion: str | None
) -> None:
    client = gateway.client(name)
    asked = gateway.request("POST", f"/v1/clients/{client}/lines", {"case": "virtual-number"})

    problem = asked.json()
    assert (asked.status_code, problem["code"]) == (422, "display_name_refused")
    assert (problem["reason"], problem["suggestion"]) == (reason, suggestion)
    assert gateway.get(f"/v1/clients/{client}/lines")["data"] == []
    gateway.work()
    assert gateway.panel("GET", "/suppliers/twilio/ledger")["data"] == []

    refused = gateway.request("PATCH", f"/v1/clients/{client}", {"display_name": f"{name} 🚛"})
    assert (refused.status_code, refused.json()["reason"]) == (422, "emoji")
    kept = gateway.get(f"/v1/clients/{client}")
    assert (kept["name"], kept["display_name"]) == (name, None)
    if suggestion:
        gateway.request("PATCH", f"/v1/clients/{client}", {"display_name": suggestion})
        gateway.post(f"/v1/clients/{client}/lines", {"case": "virtual-number"})


def bomb() -> bytes:
    """A PNG of a few bytes that says it is 50,000 by 50,000 pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    body = (
        chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    )
    return b"\x89PNG\r\n\x1a\n" + body


def test_what_is_wrong_with_a_logos_address_is_seen_before_anything_is_branded(
    gateway: Gateway,
) -> None:
    client = gateway.client(logo_url=f"{gateway.sandbox_url}/graph/sdk.js")
    path = f"/v1/clients/{client}"
    assert gateway.get(path)["logo_error"] is None, "nobody waits for somebody's server"
    assert blocks(gateway, client) == ["logo_not_an_image", "logo_not_usable"]

    def give(url: str | None) -> None:
        answer = gateway.request("PATCH", path, {"logo_url": url}).json()
        assert (answer["logo_url"], answer["logo_error"]) == (url, None)

    give(f"{gateway.sandbox_url}/assets/none.png")
    assert blocks(gateway, client) == ["bad_url", "logo_not_usable"]
    assert upload(gateway, client, picture()).status_code == 201
    assert blocks(gateway, client) == ["bad_url"], "the one that was uploaded is worn"
    give(f"{gateway.sandbox_url}/assets/logo.png")
    assert blocks(gateway, client) == []
    refused = gateway.request("PATCH", path, {"logo_url": "https://192.168.1.1/logo.png"})
    assert (refused.status_code, refused.json()["code"]) == (422, "logo_url_refused")
    give(None)


def blocks(gateway: Gateway, client: str) -> list[str]:
    """What is wrong with the client's logo, once it was looked at."""
    gateway.work()
    path = f"/v1/clients/{client}"
    error = gateway.get(path)["logo_error"]
    cases = gateway.get(f"{path}/cases")["data"]
    codes = [blocker["code"] for case in cases for blocker in case["blockers"]]
    return [*([error["code"]] if error else []), *(one for one in codes if "logo" in one)]


def test_what_is_no_logo_is_refused_at_once_and_what_is_one_is_set_upright(
    gateway: Gateway,
) -> None:
    client = gateway.client()
    for content, code in (
        (b"%PDF-1.7 a paper", "logo_not_an_image"),
        (b"#!/bin/sh\necho no image\n", "logo_not_an_image"),
        (picture()[:80], "logo_not_an_image"),
        (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "logo_is_svg"),
        (bomb(), "logo_too_large"),
        (picture(size=(5_001, 5_000)), "logo_too_large"),
    ):
        answer = upload(gateway, client, content)
        assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert gateway.get(f"/v1/clients/{client}/documents")["data"] == []
    for kind in ("PNG", "JPEG", "WEBP", "GIF", "BMP"):
        answer = upload(gateway, client, picture(kind=kind))
        assert answer.json()["content_type"] == f"image/{kind.lower()}"

    # A phone's photo: lying down, with the note that it is to be turned.
    lying = Image.new("RGB", (400, 200), "white")
    lying.paste("red", (0, 0, 200, 200))
    note = Image.Exif()
    note[0x0112] = 6
    out = io.BytesIO()
    lying.save(out, "JPEG", exif=note, quality=95)
    assert upload(gateway, client, out.getvalue()).status_code == 201
    number = gateway.line(client, named=False)["phone_number"]
    card = gateway.panel("GET", f"/phones/{PERSON}/contacts/{number}")
    face = shown_picture(card)
    red, green, _ = face.getpixel((320, 100))  # type: ignore[misc]
    assert red > 200 > 60 > green, "its left half is on top"
