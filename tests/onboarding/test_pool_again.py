"""Numbers whose client left and that Meta has forgotten: the next client's, as if new."""

import io
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from gateway.onboarding import pool_returning
from gateway.provisioning import reusing
from gateway.roles import DatabaseUrls
from gateway.tenancy import house
from tests.harness import Gateway, running

PHONE = "+212661000001"


@pytest.fixture
def gateway(database: DatabaseUrls, redis_url: str, tmp_path: Path) -> Iterator[Gateway]:
    with running(database, redis_url, tmp_path / "clock.json") as made:
        yield made


def test_what_the_pool_lacks_it_keeps_and_nothing_of_the_former_client_is_on_it(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("A1", "B2", "C3", "D4")
    clients = [gateway.client(name, website="https://atlas.example") for name in names]
    _upload_logo(gateway, clients[0])
    lines = [gateway.line(client) for client in clients]
    kept, back, second, known = (line["phone_number"] for line in lines)
    talk = gateway.talk(clients[0], lines[0]["id"], gateway.recruiter(clients[0]))
    gateway.until(gateway.phone)
    gateway.writes(PHONE, kept)
    worn = gateway.panel("GET", f"/phones/{PHONE}/contacts/{kept}")
    assert (worn["title"], bool(worn["picture_url"])) == ("A1 Recruitment", True)
    for client, line in zip(clients[:3], lines[:3], strict=True):
        gateway.post(f"/v1/clients/{client}/lines/{line['id']}/release")
    gateway.panel("PUT", "/clock", {"advance_seconds": 72 * 3600})
    gateway.until(lambda: len(quarantined(gateway)) == 3)

    aim(gateway, 1, "0.50")
    gateway.until(lambda: pool(gateway)["preparing"], lambda one: one[0]["code"] == "pool_budget")
    assert "Meta still shows" in confirm(gateway, back).stderr
    gateway.panel("PUT", "/clock", {"advance_seconds": 59 * 86_400})
    gateway.writes(PHONE, known)
    gateway.until(lambda: gateway.get(f"/v1/clients/{clients[3]}/conversations")["data"])
    gateway.post(f"/v1/clients/{clients[3]}/lines/{lines[3]['id']}/release")
    gateway.panel("PUT", "/clock", {"advance_seconds": 72 * 3600})
    gateway.until(lambda: len(quarantined(gateway)) == 4)
    gateway.panel("PUT", "/graph/decisions", {"deleted": [kept, back, second, known]})
    assert "goes back to its supplier" in confirm(gateway, back).stderr, "it costs too much"
    aim(gateway, 1, "2")
    assert "goes back to its supplier" in confirm(gateway, known).stderr, "people know it"
    with monkeypatch.context() as broken:
        broken.setattr(reusing.audit, "record", _killed)
        with gateway.app.app_context(), pytest.raises(Killed):
            pool_returning.confirm(kept)
    assert {one["phone_number"] for one in quarantined(gateway)} == {kept, back, second, known}
    assert "prepared for the next client" in confirm(gateway, kept).stderr
    assert confirm(gateway, kept).exit_code == 1, "it is in one place"
    aim(gateway, 2, "2")
    assert "prepared for the next client" in confirm(gateway, second).stderr
    with monkeypatch.context() as meta:
        meta.setattr(gateway.world.store, "put", _remembering(gateway.world.store.put))
        gateway.until(
            lambda: [one["code"] for one in pool(gateway)["preparing"]],
            lambda codes: codes == ["number_not_neutral"] * 2,
        )
    for _, number in list(gateway.world.store.all("graph_number")):
        gateway.world.store.put("graph_number", number["id"], {**number, "profile": {}})
    shown = gateway.until(lambda: pool(gateway), lambda shown: len(shown["ready"]) == 2)
    assert [one["phone_number"] for one in shown["ready"]] == [kept, second]
    gateway.until(lambda: sorted(ledger(gateway)) == [*["bought"] * 4, *["released"] * 2])
    card = gateway.panel("GET", f"/phones/{PHONE}/contacts/{kept}")
    assert (card["title"], card["picture_url"], card["description"]) == (
        "LinkoJob Recruitment",
        None,
        None,
    )

    months = gateway.until(lambda: billed(gateway), lambda months: len(months) == 2)
    assert set(months.values()) == {"3.0000"}, "the platform bore what no client did"

    aim(gateway, 0, "2")
    next_client = gateway.client("Rif Textile")
    line = gateway.line(next_client)
    path = f"/v1/clients/{next_client}"
    assert (line["phone_number"], line["display_name"]) == (kept, "Rif Textile Recruitment")
    card = gateway.panel("GET", f"/phones/{PHONE}/contacts/{kept}")
    assert (card["title"], card["picture_url"]) == ("Rif Textile Recruitment", None)
    assert gateway.get(f"{path}/conversations")["data"] == []
    gateway.writes(PHONE, kept, body="Is anybody there?")
    [heard] = gateway.until(lambda: gateway.get(f"{path}/conversations")["data"])
    assert heard["id"] != talk["id"]
    assert len(gateway.get(f"{path}/conversations/{heard['id']}/messages")["data"]) == 1
    before = gateway.get(f"/v1/clients/{clients[0]}/lines/{lines[0]['id']}")
    assert (before["status"], before["phone_number"]) == ("released", kept)
    old_talk = f"/v1/clients/{clients[0]}/conversations/{talk['id']}/messages"
    assert len(gateway.get(old_talk)["data"]) == 2


class Killed(RuntimeError):
    pass


def _killed(*_: Any, **__: Any) -> None:
    raise Killed


def _upload_logo(gateway: Gateway, client: str) -> None:
    out = io.BytesIO()
    Image.new("RGB", (300, 200), "navy").save(out, "PNG")
    answer = gateway.session.post(
        f"{gateway.url}/v1/clients/{client}/documents",
        files={"file": ("logo.png", out.getvalue(), "image/png")},
        data={"kind": "logo"},
        headers={"Authorization": f"Bearer {gateway.api_key}"},
        timeout=30,
    )
    assert answer.status_code == 201, answer.text


def aim(gateway: Gateway, numbers: int, budget: str) -> None:
    words = ("lines", "pool", "set", "MA", str(numbers), "--budget", budget, "USD")
    assert gateway.run(*words).exit_code == 0


def confirm(gateway: Gateway, phone: str) -> Any:
    return gateway.run("lines", "quarantine", "confirm", phone)


def pool(gateway: Gateway) -> Any:
    return json.loads(gateway.run("lines", "pool", "--json").stdout)[0]


def quarantined(gateway: Gateway) -> Any:
    return json.loads(gateway.run("lines", "quarantine", "list", "--json").stdout)


def _remembering(put: Callable[..., None]) -> Callable[..., None]:
    """As if Meta knew the former face of a number that is added again."""

    def remember(kind: str, key: str, document: Mapping[str, Any]) -> None:
        face = {"profile": {"description": "A1 Recruitment"}} if kind == "graph_number" else {}
        put(kind, key, {**document, **face})

    return remember


def billed(gateway: Gateway) -> dict[str, str]:
    """What the platform's own months cost in dollars."""
    told = gateway.run("costs", "statements", "list", house.CLIENT, "--json")
    return {month["month"]: month["totals"]["USD"] for month in json.loads(told.stdout)}


def ledger(gateway: Gateway) -> list[str]:
    entries = gateway.panel("GET", "/suppliers/twilio/ledger")["data"]
    return [entry["event"] for entry in entries]
