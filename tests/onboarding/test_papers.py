"""Papers that a client hands in: which files and numbers are taken, who confirms, what waits."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import text

from gateway.database import platform
from gateway.roles import DatabaseUrls
from tests.harness import Gateway, running

PDF = b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\n%%EOF\n"
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
    address = {"street": "12 bis, boulevard Zerktouni", "city": "Casablanca"}
    client = wanting.client(legal_name="Atlas Logistics SARL", registered_address=address)
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


def _today(gateway: Gateway) -> str:
    return str(gateway.panel("GET", "/clock")["now"])[:10]


def asleep(gateway: Gateway) -> None:
    """Nothing looks at an activation by itself for an hour."""
    with gateway.app.app_context(), platform() as session:
        session.execute(text("UPDATE outbox SET due_at = clock_timestamp() + interval '1 h'"))
