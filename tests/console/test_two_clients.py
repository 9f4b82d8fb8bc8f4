"""One person, by one phone and one BSUID, under two clients on one WABA: no page mixes them."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from werkzeug.routing import Rule

from gateway.console.pages import FRAGMENTS
from tests.console.browser import Browser
from tests.console.test_live import notices
from tests.harness import Desk
from tests.messaging.test_media import picture, sends

PHONE = "+212662099001"
MONTH = f"{datetime.now(UTC):%Y-%m}"
APART = ("/console/static", "/console/live")


@dataclass(frozen=True, kw_only=True)
class Side:
    """What the one client has of the person, and a browser on that client's pages."""

    desk: Desk
    browser: Browser
    name: str
    words: str
    talk: Any
    media_id: str
    paper_id: str

    def marks(self) -> set[str]:
        """What stands on this client's pages and nobody else's."""
        candidate = self.talk["candidate"]["id"]
        return {self.name, self.words, self.talk["id"], candidate, self.media_id,
                self.paper_id, self.desk.line["phone_number"], self.desk.recruiter}  # fmt: skip


@pytest.fixture(scope="module")
def sides(shared_desk: Desk) -> tuple[Side, Side]:
    gateway = shared_desk.gateway
    desks = [_beside(shared_desk, company) for company in ("Atlas Logistics", "Rif Textile")]
    made = [
        _side(desk, number, name)
        for number, (desk, name) in enumerate(zip(desks, ("Imane Tazi", "Dr Tazi"), strict=True))
    ]
    one, other = made
    assert one.desk.line["waba_id"] == other.desk.line["waba_id"]
    people = [desk.get(f"/candidates/{it.talk['candidate']['id']}")
              for desk, it in zip(desks, made, strict=True)]  # fmt: skip
    assert people[0]["bsuid"] == people[1]["bsuid"] is not None
    assert people[0]["phone"] == people[1]["phone"] == PHONE
    assert not one.marks() & other.marks()
    gateway.work()
    return one, other


def _beside(desk: Desk, company: str) -> Desk:
    """A client whose line is in the same WABA as the desk's."""
    gateway = desk.gateway
    settings = gateway.app.extensions["settings"]
    (portfolio,) = settings.provisioning.portfolios
    narrow = replace(portfolio, wabas=(desk.line["waba_id"],))
    provisioning = replace(settings.provisioning, portfolios=(narrow,))
    gateway.app.extensions["settings"] = replace(settings, provisioning=provisioning)
    try:
        client = gateway.client(company)
        return Desk(
            gateway=gateway,
            client=client,
            recruiter=gateway.recruiter(client, f"Recruiter of {company}"),
            line=gateway.line(client),
        )
    finally:
        gateway.app.extensions["settings"] = settings


def _side(desk: Desk, number: int, name: str) -> Side:
    talk = desk.talk(PHONE, name=name)
    words = f"These words are for {desk.client} alone"
    desk.gateway.until(lambda: desk.gateway.phone(PHONE))
    desk.writes(PHONE, words)
    sends(desk, PHONE, "image", picture(color=number))
    stored = desk.gateway.until(
        lambda: [it["media"] for it in desk.messages(talk) if it["media"]],
        lambda found: bool(found) and found[0]["state"] == "stored",
    )
    return Side(
        desk=desk,
        browser=Browser(desk.gateway.app).sign_in(desk.client),
        name=name,
        words=words,
        talk=desk.get(f"/conversations/{talk}"),
        media_id=stored[0]["id"],
        paper_id=_paper(desk),
    )


def _paper(desk: Desk) -> str:
    answer = desk.gateway.session.post(
        f"{desk.gateway.url}{desk.path}/documents",
        headers={"Authorization": f"Bearer {desk.gateway.api_key}"},
        data={"kind": "rc"},
        files={"file": ("rc.pdf", b"%PDF-1.4 a paper", "application/pdf")},
        timeout=30,
    )
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def addresses(side: Side) -> Iterator[tuple[Rule, str]]:
    """Every page that may be read, with this client's ids where its address takes one."""
    app = side.desk.gateway.app
    own = {"talk_id": side.talk["id"], "media_id": side.media_id, "month": MONTH,
           "document_id": side.paper_id}  # fmt: skip
    for rule in app.url_map.iter_rules():
        if not rule.rule.startswith("/console") or rule.rule.startswith(APART):
            continue
        if "GET" in (rule.methods or ()):
            built = app.url_map.bind("").build(
                rule.endpoint, {it: own[it] for it in rule.arguments}
            )
            yield rule, built
            parts = FRAGMENTS.get(rule.endpoint.removeprefix("console."))
            if parts:
                yield rule, f"{built}?fragment={','.join(parts)}"


def test_no_page_shows_what_is_the_other_clients(sides: tuple[Side, Side]) -> None:
    for side, other in (sides, sides[::-1]):
        shown = ""
        for rule, address in addresses(side):
            answer = side.browser.get(address)
            assert answer.status_code == 200 or rule.endpoint == "console.logo", address
            found = [mark for mark in other.marks() if mark.encode() in answer.data]
            assert not found, f"{address} shows {found}"
            shown += "" if rule.arguments & {"media_id", "document_id"} else answer.text
        assert [mark for mark in side.marks() if mark not in shown] == [
            side.talk["candidate"]["id"]
        ], "all else is shown to whose it is"


def test_what_is_the_other_clients_has_no_address(sides: tuple[Side, Side]) -> None:
    for side, other in (sides, sides[::-1]):
        theirs = [address for rule, address in addresses(other) if rule.arguments - {"month"}]
        assert len(theirs) == 4
        assert [side.browser.get(address).status_code for address in theirs] == [404] * 4


def test_each_client_hears_of_its_own_conversation(sides: tuple[Side, Side]) -> None:
    streams = [side.browser.get("/console/live") for side in sides]
    heard = [notices(stream) for stream in streams]
    assert next(heard[0]) == {"type": "stream.resumed"}  # from here on it listens, for both
    for side in (*sides, *sides):
        _writes(side)
    for place, side in enumerate(sides):
        told: list[dict[str, Any]] = []
        while [it["type"] for it in told].count("message.received") < 2:
            told.append(next(heard[place]))
        values = {str(it) for notice in told for it in notice.values()}
        assert side.talk["id"] in values
        assert not values & sides[1 - place].marks()
    for stream in streams:
        stream.close()


def _writes(side: Side) -> None:
    before = len(side.desk.messages(side.talk["id"]))
    side.desk.writes(PHONE, "Hello")
    side.desk.gateway.until(lambda: len(side.desk.messages(side.talk["id"])) > before)
