"""Papers that a client hands in: which files and numbers are taken, who confirms, what waits."""

import zlib
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import text

from gateway.database import platform, tenant
from gateway.onboarding import paper_files
from gateway.problems import Problem
from gateway.roles import DatabaseUrls
from gateway.tenancy.addresses import compare
from tests.harness import Gateway, running

PDF = b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\n%%EOF\n"
ADDRESS = {"street": "12 bis, boulevard Zerktouni", "city": "Casablanca"}
ICE = "001561191000066"
TWILIO = "GATEWAY_PROVIDERS__TWILIO__"
AT_THE_CLIENT = {
    "GATEWAY_SANDBOX__PAPERS": '["MA"]',
    f"{TWILIO}CLIENT_PAPERS": '["MA"]',
    f"{TWILIO}PAPERS_EMAIL": "papers@platform.example",
}


@pytest.fixture
def wanting(database: DatabaseUrls, redis_url: str, tmp_path: Path) -> Iterator[Gateway]:
    """A gateway whose supplier wants the papers of whoever uses the number."""
    with running(database, redis_url, tmp_path / "clock.json", AT_THE_CLIENT) as gateway:
        yield gateway


def upload(gateway: Gateway, client: str, kind: str, content: bytes = PDF, **says: str) -> Any:
    answer = attempt(gateway, client, kind, content, **says)
    assert answer.status_code == 201, answer.text
    return answer.json()


def attempt(
    gateway: Gateway, client: str, kind: str, content: bytes = PDF, **says: str
) -> requests.Response:
    return gateway.request(
        "POST",
        f"/v1/clients/{client}/documents",
        data={"kind": kind, **says},
        files={"file": (f"{kind}.pdf", content)},
    )


def step(gateway: Gateway, path: str, name: str = "papers") -> Any:
    steps = gateway.get(path)["activation"]["steps"]
    return next(it for it in steps if it["name"] == name)


def test_an_activation_waits_for_the_clients_papers_and_goes_on_by_itself(
    wanting: Gateway,
) -> None:
    client = wanting.client(legal_name="Atlas Logistics SARL", registered_address=ADDRESS)
    made = wanting.post(f"/v1/clients/{client}/lines", {"case": "virtual-number"})
    path = f"/v1/clients/{client}/lines/{made['id']}"
    waits = wanting.until(lambda: step(wanting, path), lambda it: it["state"] == "waiting")
    assert (waits["error"]["code"], waits["who"]) == ("papers_missing", "client")
    assert "trade register extract" in waits["error"]["detail"]
    assert "utility bill" in waits["error"]["detail"]

    asleep(wanting)
    upload(wanting, client, "rc", number="123 456", court="Casablanca")

    bill = upload(
        wanting,
        client,
        "utility_bill",
        issued_on=_today(wanting),
        address="Casablanca - Bd ZERKTOUNI n° 12bis",
    )
    assert (bill["state"], bill["who"], bill["comparison"]["verdict"]) == (
        "to_confirm", "client", "same",
    )  # fmt: skip
    waits = wanting.until(
        lambda: step(wanting, path), lambda it: "trade register" not in it["error"]["detail"]
    )
    assert waits["error"]["code"] == "papers_missing"

    asleep(wanting)
    confirmed = wanting.post(f"/v1/clients/{client}/documents/{bill['id']}/confirm")
    assert confirmed["state"] == "accepted"
    assert confirmed["confirmation"]["by"].startswith("key_")
    line = wanting.until(lambda: wanting.get(path), lambda line: line["status"] == "active")
    assert line["supplier"] == "twilio"


def test_declined_papers_say_why_and_others_are_handed_in_by_themselves(wanting: Gateway) -> None:
    client, path = _with_papers(wanting)
    decisions = "/suppliers/twilio/decisions"
    blurred = {"papers": "decline", "reason": "The bill is blurred"}
    wanting.panel("PUT", decisions, blurred)
    declined = wanting.until(
        lambda: step(wanting, path), lambda it: (it["error"] or {})["code"] == "papers_declined"
    )
    assert declined["who"] == "client"
    assert "The bill is blurred." in declined["error"]["detail"]
    handed_in = wanting.panel("GET", "/suppliers/twilio/papers")["data"]
    assert len(handed_in) == 1, "the same papers are not handed in again"

    wanting.panel("PUT", decisions, {"papers": "hold"})
    confirmed_bill(wanting, client)
    held = wanting.until(
        lambda: step(wanting, path), lambda it: it["error"]["code"] == "papers_in_review"
    )
    assert held["who"] == "supplier"
    wanting.panel("PUT", decisions, {"papers": "approve"})
    wanting.until(lambda: wanting.get(path), lambda line: line["status"] == "active")
    first, second = _bundles(wanting)
    assert (first["status"], second["status"]) == ("twilio-rejected", "twilio-approved")
    [number] = [number for _, number in wanting.world.store.all("twilio-number")]
    assert number["bundle_sid"] == second["sid"]
    assert number["address_sid"].startswith("AD")


def test_what_cannot_count_is_refused_and_what_was_replaced_stays(gateway: Gateway) -> None:
    client = gateway.client(registered_address=ADDRESS)
    today = date.fromisoformat(_today(gateway))
    for kind, content, says, code in (
        ("rc", b"MZ\x90\x00 a program", {}, "unsupported_document"),
        ("rc", PDF + b"PK\x03\x04", {}, "document_active"),
        ("rc", PDF, {"number": "12 345 A"}, "paper_number_invalid"),
        ("tax_id", PDF, {"number": "001561191000067"}, "paper_number_invalid"),
        ("rc", PDF, {"expires_on": str(today - timedelta(days=1))}, "paper_expired"),
        ("utility_bill", PDF, {"issued_on": str(today - timedelta(days=100))}, "paper_expired"),
        ("utility_bill", PDF, {"issued_on": str(today + timedelta(days=1))}, "paper_of_the_future"),
    ):
        answer = attempt(gateway, client, kind, content, **says)
        assert (answer.status_code, answer.json()["code"]) == (422, code), answer.text
    assert gateway.get(f"/v1/clients/{client}/documents")["data"] == []

    old = upload(gateway, client, "tax_id", number="001561191000066")
    new = upload(gateway, client, "tax_id", number=ICE, expires_on=str(today))
    listed = gateway.get(f"/v1/clients/{client}/documents")["data"]
    assert [(it["id"], it["state"]) for it in listed] == [
        (old["id"], "replaced"), (new["id"], "accepted"),
    ]  # fmt: skip
    path = f"/v1/clients/{client}/documents/{new['id']}"
    assert gateway.request("POST", f"{path}/confirm").json()["code"] == "nothing_to_confirm"
    file = gateway.request("GET", f"{path}/content")
    assert file.content == PDF
    assert file.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in file.headers["Content-Security-Policy"]
    gateway.panel("PUT", "/clock", {"advance_seconds": 2 * 86400})
    lapsed = gateway.get(path)
    assert (lapsed["state"], lapsed["who"]) == ("expired", "client")


def test_a_confirmed_address_counts_until_another_is_registered(gateway: Gateway) -> None:
    client = gateway.client(registered_address=ADDRESS)
    path = f"/v1/clients/{client}"
    bill = confirmed_bill(gateway, client)
    assert bill["state"] == "accepted"
    moved = {"registered_address": {"street": "7 rue Oued Ziz", "city": "Rabat"}}
    gateway.request("PATCH", path, moved)
    bill = gateway.get(f"{path}/documents/{bill['id']}")
    assert (bill["state"], bill["comparison"]["verdict"]) == ("to_confirm", "different")
    with gateway.app.app_context(), tenant(client) as session:
        query = "SELECT actor, details FROM audit_entries WHERE action = 'document.confirmed'"
        [(actor, details)] = session.execute(text(query)).all()
    assert actor.startswith("key_")
    assert details["verdict"] == "same"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"%PDF-1.4\n<< /OpenAction << /S /Launch >> >>\n%%EOF", "document_active"),
        (b"%PDF-1.4\n<< /S /Java#53cript >>\n%%EOF", "document_active"),
        (b"%PDF-1.4\n%%EOF\n#!/bin/sh\nrm -rf /\n", "document_active"),
        (b"%PDF-1.4\n<< /Encrypt 5 0 R >>\n%%EOF", "document_unreadable"),
        (b"<script>alert(1)</script>%PDF-1.4\n%%EOF", "unsupported_document"),
        (b" %PDF-1.4\n%%EOF", "unsupported_document"),
        (b"#!/bin/sh\n%PDF-1.4\n", "unsupported_document"),
    ],
)
def test_a_pdf_that_does_something_is_no_paper(content: bytes, code: str) -> None:
    with pytest.raises(Problem) as refused:
        paper_files.type_of(content)
    assert refused.value.code == code


def test_what_is_packed_into_a_pdf_is_looked_into() -> None:
    def packed(inner: bytes) -> bytes:
        body = zlib.compress(inner)
        return (
            b"%PDF-1.5\n1 0 obj\n<< /Type /ObjStm /Filter /FlateDecode >>\nstream\n"
            + body
            + b"\nendstream\nendobj\n%%EOF\n"
        )

    assert paper_files.type_of(packed(b"<< /Type /Page >>")) == "application/pdf"
    with pytest.raises(Problem, match="document_active"):
        paper_files.type_of(packed(b"<< /S /JavaScript /JS (app.alert(1)) >>"))
    with pytest.raises(Problem, match="document_unreadable"):
        paper_files.type_of(packed(b" " * 40_000_000))


@pytest.mark.parametrize(
    ("registered", "on_paper", "verdict"),
    [
        ("12 bis, Bd Zerktouni, 20 000 Casablanca", "CASA 20000 boulevard Zerktouni 12bis", "same"),
        ("الدار البيضاء", "Casablanca", "same"),
        ("٤٥ شارع علال بن عبد الله الرباط", "45 ش. علال بن عبد الله، الرباط", "same"),
        ("45 avenue Hassan II, Rabat", "45 av. Hassan II, 3ème étage, Rabat", "similar"),
        ("45 avenue Hassan II, Rabat", "7 rue Oued Ziz, Agdal, Rabat", "different"),
    ],
)
def test_addresses_compare_as_they_are_meant(registered: str, on_paper: str, verdict: str) -> None:
    assert compare(registered, on_paper).verdict == verdict


def _with_papers(gateway: Gateway) -> tuple[str, str]:
    """A client whose papers are all here, and the path of a line that it asked for."""
    client = gateway.client(legal_name="Atlas Logistics SARL", registered_address=ADDRESS)
    upload(gateway, client, "rc", number="123456", court="Casablanca")
    gateway.panel("PUT", "/suppliers/twilio/decisions", {"papers": "hold"})
    confirmed_bill(gateway, client)
    made = gateway.post(f"/v1/clients/{client}/lines", {"case": "virtual-number"})
    return client, f"/v1/clients/{client}/lines/{made['id']}"


def confirmed_bill(gateway: Gateway, client: str) -> Any:
    address = "Casablanca - Bd ZERKTOUNI n° 12bis"
    bill = upload(gateway, client, "utility_bill", issued_on=_today(gateway), address=address)
    return gateway.post(f"/v1/clients/{client}/documents/{bill['id']}/confirm")


def _bundles(gateway: Gateway) -> list[Any]:
    return [bundle for _, bundle in gateway.world.store.all("twilio-Bundles")]


def _today(gateway: Gateway) -> str:
    return str(gateway.panel("GET", "/clock")["now"])[:10]


def asleep(gateway: Gateway) -> None:
    """Nothing looks at an activation by itself for an hour."""
    with gateway.app.app_context(), platform() as session:
        session.execute(text("UPDATE outbox SET due_at = clock_timestamp() + interval '1 h'"))
