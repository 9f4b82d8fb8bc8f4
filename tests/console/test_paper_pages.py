"""A person at the client's papers: hands them in, looks at the file, confirms what was compared."""

import io
import re
from datetime import UTC, datetime
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from gateway.tenancy import service as tenancy
from tests.console.browser import Browser

PDF = b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\n%%EOF\n"
TODAY = datetime.now(UTC).date().isoformat()
BILL = {"kind": "utility_bill", "issued_on": TODAY, "address": "Casablanca - Bd ZERKTOUNI n° 12bis"}
ADDRESS = {"street": "12 bis, boulevard Zerktouni", "city": "Casablanca"}


def hand_in(browser: Browser, content: bytes = PDF, **form: str) -> TestResponse:
    data: dict[str, Any] = {"csrf_token": browser.token(), **form}
    data["file"] = (io.BytesIO(content), "facture d'électricité.pdf")
    return browser.client.post("/console/papers", data=data)


def test_the_bill_is_handed_in_looked_at_and_confirmed(browser: Browser) -> None:
    assert browser.read("/console/papers").count("Not here yet") == 3
    assert hand_in(browser, **BILL).status_code == 303
    assert "registered_address" in browser.read("/console/papers")

    browser.post("/console/papers/registered-address", **ADDRESS)
    page = browser.read("/console/papers")
    assert "They look the same." in page
    assert ADDRESS["street"] in page
    assert "Bd ZERKTOUNI" in page
    [file] = re.findall(r'href="(/console/papers/[^"]+/content)"', page)
    downloaded = browser.get(file)
    assert downloaded.data == PDF
    assert downloaded.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in downloaded.headers["Content-Security-Policy"]

    [confirm] = re.findall(r'action="(/console/papers/[^"]+/confirm)"', page)
    [seen] = re.findall(r'name="registered" value="([^"]+)"', page)
    moved = browser.post(confirm, registered="7 rue Oued Ziz, Rabat")
    assert moved.status_code == 409
    assert "changed meanwhile" in moved.text
    assert browser.post(confirm, registered=seen).status_code == 303
    page = browser.read("/console/papers")
    assert "/confirm" not in page
    assert ">Here</span>" in page


def test_what_is_wrong_is_said_at_its_field_and_nothing_is_kept(browser: Browser) -> None:
    for content, form, field in (
        (b"MZ\x90\x00", {"kind": "rc"}, "file"),
        (PDF, {"kind": "rc", "number": "12 345 A"}, "number"),
        (PDF, {"kind": "utility_bill", "issued_on": "2020-01-31"}, "issued_on"),
        (PDF, {"kind": "utility_bill", "issued_on": "yesterday"}, "issued_on"),
        (PDF, {"kind": "passport"}, "kind"),
    ):
        refused = hand_in(browser, content, **form)
        assert refused.status_code == 422
        assert f'id="{field}-wrong"' in refused.text
    assert 'id="street-wrong"' in browser.post("/console/papers/registered-address").text
    assert browser.read("/console/papers").count("Not here yet") == 3


def test_nobody_elses_papers_are_there(browser: Browser, app: Flask) -> None:
    hand_in(browser, **BILL)
    [path] = re.findall(r'href="(/console/papers/[^"]+)/content"', browser.read("/console/papers"))
    with app.app_context():
        values = {"name": "Rif Textile", "country": "MA"}
        other = tenancy.create_client(tenancy.create_vendor("Another vendor"), values).client_id
    stranger = Browser(app).sign_in(other)
    assert stranger.get(f"{path}/content").status_code == 404
    assert stranger.post(f"{path}/confirm", registered="").status_code == 404
    assert stranger.read("/console/papers").count("Not here yet") == 3
