"""However webhooks are mixed, repeated and reordered, the end is that of the ordered run."""

import itertools
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from gateway.messaging.receipts import RANK
from tests.harness import Desk

SAID = ("Oui", "STOP", "START", "مرحبا", "Safi", "👍")
RANKED = ("sent", "delivered", "read", "played")
PEOPLE = 1
NUMBERS = itertools.count(1)


@dataclass(frozen=True, kw_only=True)
class Said:
    """Somebody writes to one of two clients, so many seconds ago."""

    client: int
    person: int
    ago: int
    body: str


@dataclass(frozen=True, kw_only=True)
class Told:
    """The platform tells of the introduction that a client sent somebody."""

    client: int
    person: int
    ago: int
    status: str


@dataclass(frozen=True, kw_only=True)
class Imported:
    """A piece of a history from before the number came to us."""

    client: int
    person: int
    ago: int


Event = Said | Told | Imported
where = {"client": st.integers(0, 1), "person": st.integers(0, PEOPLE - 1)}
ago = st.integers(60, 60_000)
stories = st.lists(
    st.one_of(
        st.builds(Said, **where, ago=ago, body=st.sampled_from(SAID)),
        st.builds(Told, **where, ago=ago, status=st.sampled_from((*RANKED, "failed"))),
        st.builds(Imported, **where, ago=st.integers(60, 600)),
    ),
    min_size=1,
    max_size=12,
    unique_by=lambda event: (type(event), event.client, event.person,
                             getattr(event, "status", event.ago)),
)  # fmt: skip


class Telling:
    """One telling of a story, with people of its own."""

    def __init__(self, desks: Sequence[Desk]) -> None:
        self.desks = desks
        self.began = int(time.time())
        self.phones = [f"+2126630{next(NUMBERS):05}" for _ in range(PEOPLE)]
        self.talks = [[desk.talk(phone) for phone in self.phones] for desk in desks]
        gateway = desks[0].gateway
        self.introductions = [
            [
                gateway.until(
                    lambda desk=desk, talk=talk: desk.messages(talk)[0],
                    lambda message: message["status"] == "accepted",
                )
                for talk in talks
            ]
            for desk, talks in zip(desks, self.talks, strict=True)
        ]

    def post(self, events: Sequence[Event]) -> None:
        """One webhook of the platform's with all of these, read before the next comes."""
        changes = [self._change(event) for event in events]
        body = {
            "object": "whatsapp_business_account",
            "entry": [{"id": "1", "changes": [change]} for change in changes],
        }
        assert self.desks[0].gateway.webhook(body).status_code == 200
        self.desks[0].gateway.work()

    def _change(self, event: Event) -> dict[str, Any]:
        line = self.desks[event.client].line
        digits = self.phones[event.person].removeprefix("+")
        value: dict[str, Any] = {
            "messaging_product": "whatsapp",
            "metadata": {"phone_number_id": line["phone_number_id"]},
        }
        stamp = str(self.began - event.ago)
        message = {"from": digits, "timestamp": stamp, "type": "text"}
        match event:
            case Said():
                wamid = f"wamid.{event.client}.{digits}.{event.ago}"
                said = {**message, "id": wamid, "text": {"body": event.body}}
                value["contacts"] = [{"profile": {"name": "Imane Tazi"}, "wa_id": digits}]
                value["messages"] = [said]
            case Told():
                told = self.introductions[event.client][event.person]
                value["statuses"] = [
                    {"id": told["wamid"], "status": event.status, "timestamp": stamp,
                     "recipient_id": digits}
                ]  # fmt: skip
            case Imported():
                old = {**message, "id": f"wamid.old.{digits}.{event.ago}", "text": {"body": "Hi"}}
                value["history"] = [{"threads": [{"id": digits, "messages": [old]}]}]
        return {"field": "history" if "history" in value else "messages", "value": value}

    def end(self) -> list[Any]:
        """How everything stands, without what differs from telling to telling."""
        return [
            self._stand(desk, talk, phone)
            for desk, talks in zip(self.desks, self.talks, strict=True)
            for talk, phone in zip(talks, self.phones, strict=True)
        ]

    def _stand(self, desk: Desk, talk: str, phone: str) -> dict[str, Any]:
        shown = desk.get(f"/conversations/{talk}")
        messages = desk.messages(talk)
        person = shown["candidate"]
        assert (person["phone"], person["name"]) == (phone, "Imane Tazi")
        closes_at = shown["reply_window"]["closes_at"]
        return {
            "heard": sorted(
                (message["created_at"], message["text"]["body"])
                for message in messages
                if message["direction"] == "inbound"
            ),
            "introduction": {
                name: messages[0][name] for name in ("status", "sent_at", "delivered_at", "read_at")
            },
            "introductions": sum(message["introduction"] for message in messages),
            "closes_at": closes_at,
            "opted_out_at": person["opted_out_at"],
            "language": person["language"],
        }

    def ranks(self) -> list[int]:
        return [
            RANK.get(desk.messages(talk)[0]["status"], len(RANK))
            for desk, talks in zip(self.desks, self.talks, strict=True)
            for talk in talks
        ]


@pytest.fixture(scope="module")
def desks(shared_desk: Desk) -> Iterator[Sequence[Desk]]:
    """Two clients on one WABA, with simulators that say nothing by themselves."""
    gateway = shared_desk.gateway
    client = gateway.client("Souss Agro")
    other = Desk(
        gateway=gateway, client=client, recruiter=gateway.recruiter(client),
        line=gateway.line(client),
    )  # fmt: skip
    assert other.line["portfolio_id"] == shared_desk.line["portfolio_id"]
    gateway.panel("PUT", "/faults", {"webhooks": {"drop_rate": 1}})
    yield (shared_desk, other)
    gateway.panel("PUT", "/faults", {})


@settings(
    max_examples=10,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(story=stories, seed=st.integers(0, 2**32))
@example(
    story=[
        Told(client=0, person=0, ago=900, status="read"),
        Told(client=0, person=0, ago=600, status="played"),
        Told(client=0, person=0, ago=950, status="delivered"),
        Said(client=0, person=0, ago=500, body="STOP"),
        Said(client=0, person=0, ago=400, body="START"),
        Said(client=1, person=0, ago=300, body="STOP"),
        Imported(client=0, person=0, ago=70),
    ],
    seed=3,
)
def test_any_order_ends_like_the_ordered_run(
    desks: Sequence[Desk], story: list[Event], seed: int
) -> None:
    story = consistent(story)
    ordered, mixed = Telling(desks), Telling(desks)
    mixed.began = ordered.began
    for event in sorted(story, key=lambda event: -event.ago):
        ordered.post([event])

    chance = random.Random(seed)
    events = [*story, *chance.choices(story, k=len(story))]
    chance.shuffle(events)
    before = mixed.ranks()
    while events:
        size = chance.randint(1, 5)
        batch, events = events[:size], events[size:]
        mixed.post(batch)
        after = mixed.ranks()
        assert all(map(int.__le__, before, after)), "a state went backwards"
        before = after

    assert mixed.end() == ordered.end()
    for said, stand in zip(by_place(story), mixed.end(), strict=True):
        assert [body for _, body in stand["heard"]] == said, "each once, at its own client's"


def consistent(story: list[Event]) -> list[Event]:
    """What failed is neither delivered nor read."""
    failed = {
        (it.client, it.person) for it in story if isinstance(it, Told) and it.status == "failed"
    }
    return [
        it
        for it in story
        if not isinstance(it, Told)
        or (it.client, it.person) not in failed
        or it.status in ("sent", "failed")
    ]


def by_place(story: list[Event]) -> Iterator[list[str]]:
    for client, person in itertools.product(range(2), range(PEOPLE)):
        here = [
            it for it in story
            if isinstance(it, Said) and (it.client, it.person) == (client, person)
        ]  # fmt: skip
        yield [it.body for it in sorted(here, key=lambda it: (-it.ago, it.body))]
