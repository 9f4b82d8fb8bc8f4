"""Tells a story to the gateway, by webhooks and by its API, and what came of it."""

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gateway import workers
from gateway.messaging import inbound, outgoing, routing
from gateway.messaging.receipts import RANK
from tests.harness import Desk
from tests.messaging.stories import Act, Imported, Said, Told, Wrote, rounds

MOMENTS = ("status", "sent_at", "delivered_at", "read_at")
TEMPLATE = {
    "name": "recruitment_introduction",
    "language": {"code": "en"},
    "components": [
        {"type": "body", "parameters": [{"type": "text", "text": it} for it in ("Sara", "Us")]}
    ],
}
NUMBERS = itertools.count(1)


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody whom every client introduced itself to, on the same phone."""

    phone: str
    talks: Sequence[str]
    introductions: Sequence[str]  # their wamids


class Telling:
    """One telling of a story to a person of its own."""

    def __init__(self, desks: Sequence[Desk], person: Person, began: datetime) -> None:
        self.desks = desks
        self.gateway = desks[0].gateway
        self.person = person
        self.began = began
        self.wamids: dict[tuple[int, Wrote | None], str] = {
            (client, None): wamid for client, wamid in enumerate(person.introductions)
        }
        self.answers: dict[Wrote, str | None] = {}
        self.sent: dict[Wrote, str] = {}
        self.ranks: dict[str, int] = {}

    def tell(self, acts: Sequence[Act], goes_on: Callable[[], bool]) -> None:
        for batch in rounds(acts, goes_on):
            if isinstance(batch[0], Wrote):
                self._write(batch[0])
                continue
            self._post(batch)
            for client in {act.client for act in batch if isinstance(act, Told)}:
                self._look(client)

    def _write(self, wrote: Wrote) -> None:
        desk, talk = self.desks[wrote.client], self.person.talks[wrote.client]
        desk.writes(
            self.person.phone
        )  # so that the platform lets a text pass; the gateway hears nothing
        content = TEMPLATE if wrote.type == "template" else {"body": words(wrote)}
        answer = desk.attempt(
            f"/conversations/{talk}/messages", {"type": wrote.type, wrote.type: content}
        )
        self.answers[wrote] = answer.json().get("code")
        if answer.status_code != 202:
            return
        work(desk, outgoing.SEND)
        self.sent[wrote] = answer.json()["id"]
        message = desk.message(self.sent[wrote])
        assert message["status"] == "accepted"
        self.wamids[wrote.client, wrote] = message["wamid"]

    def _post(self, acts: Sequence[Act]) -> None:
        """One webhook of the platform's with all of these, read before the next comes."""
        changes = [change for act in acts if (change := self._change(act))]
        body = {
            "object": "whatsapp_business_account",
            "entry": [{"id": "1", "changes": [change]} for change in changes],
        }
        assert self.gateway.webhook(body).status_code == 200
        work(self.desks[0], routing.ROUTE, inbound.READ)

    def _change(self, act: Act) -> dict[str, Any] | None:
        digits = self.person.phone.removeprefix("+")
        value: dict[str, Any] = {
            "messaging_product": "whatsapp",
            "metadata": {"phone_number_id": self.desks[act.client].line["phone_number_id"]},
        }
        stamp = str(int(self.began.timestamp()) - act.ago)
        message = {"from": digits, "timestamp": stamp, "type": "text"}
        match act:
            case Said():
                wamid = f"wamid.{act.client}.{digits}.{act.ago}"
                said = {**message, "id": wamid, "text": {"body": act.body}}
                value["contacts"] = [{"profile": {"name": "Imane Tazi"}, "wa_id": digits}]
                value["messages"] = [said]
            case Told():
                if (act.client, act.of) not in self.wamids:
                    return None  # it was refused: there is nothing to tell
                value["statuses"] = [
                    {"id": self.wamids[act.client, act.of], "status": act.status,
                     "timestamp": stamp, "recipient_id": digits}
                ]  # fmt: skip
            case Imported():
                old = {**message, "id": f"wamid.old.{digits}.{act.ago}", "text": {"body": "Hi"}}
                value["history"] = [{"threads": [{"id": digits, "messages": [old]}]}]
        return {"field": "history" if "history" in value else "messages", "value": value}

    def _look(self, client: int) -> None:
        """No message of a client's went backwards."""
        for message in self.desks[client].messages(self.person.talks[client]):
            rank = RANK.get(message["status"], len(RANK))
            assert self.ranks.get(message["id"], 0) <= rank, "a state went backwards"
            self.ranks[message["id"]] = rank

    def end(self) -> list[Any]:
        """How everything stands, without what differs from telling to telling."""
        received = arrived(self.desks, self.person.phone)
        return [self._stand(client, here) for client, here in enumerate(received)]

    def _stand(self, client: int, received: Sequence[Any]) -> dict[str, Any]:
        shown = self.desks[client].get(f"/conversations/{self.person.talks[client]}")
        messages = self.desks[client].messages(self.person.talks[client])
        person = shown["candidate"]
        assert (person["phone"], person["name"]) == (self.person.phone, "Imane Tazi")
        outbound = {it["id"]: it for it in messages if it["direction"] == "outbound"}
        sent = {wrote: id_ for wrote, id_ in self.sent.items() if wrote.client == client}
        check_received(received, outbound, sent)
        introduction, *_ = outbound.values()
        return {
            "heard": sorted(
                (message["created_at"], message["text"]["body"])
                for message in messages
                if message["direction"] == "inbound" and message["source"] != "app_history"
            ),
            "introduction": [introduction[name] for name in MOMENTS],
            "introductions": sum(message["introduction"] for message in messages),
            "sent": {
                wrote: [outbound[id_][name] for name in MOMENTS] for wrote, id_ in sent.items()
            },
            "closes_at": shown["reply_window"]["closes_at"],
            "opted_out_at": person["opted_out_at"],
            "stop_suspected": (shown["stop_suspected"] or {}).get("at"),
            "language": person["language"],
        }


def words(wrote: Wrote) -> str:
    return f"Of {wrote.client}, {wrote.ago} seconds ago"


def arrived(desks: Sequence[Desk], phone: str) -> list[list[Any]]:
    """What a person's phone received from each client's line."""
    received = desks[0].gateway.phone(phone)
    lines = [desk.line["phone_number"] for desk in desks]
    return [[it for it in received if it["from"] == line] for line in lines]


def check_received(
    received: Sequence[Any], outbound: Mapping[str, Any], sent: Mapping[Wrote, str]
) -> None:
    """A client's own messages came from its own line, each once, and in their order."""
    ids = [it["biz_opaque_callback_data"] for it in received]
    assert len(set(ids)) == len(ids)
    assert set(ids) <= outbound.keys()
    assert [id_ for id_ in ids if id_ in sent.values()] == list(sent.values())
    texts = {it["text"]["body"] for it in received}
    assert texts >= {words(wrote) for wrote in sent if wrote.type == "text"}


def work(desk: Desk, *topics: str) -> None:
    """No more than this: nobody waits here for what is told of it."""
    with desk.gateway.app.app_context():
        for topic in topics:
            workers.drain(topic)


def introduced(desks: Sequence[Desk], at_once: int) -> Iterator[Person]:
    """People, without end: so many are introduced at once, which is cheap."""
    while True:
        phones = [f"+2126690{next(NUMBERS):05}" for _ in range(at_once)]
        talks = [[desk.talk(phone) for desk in desks] for phone in phones]
        work(desks[0], outgoing.SEND)
        for phone, theirs in zip(phones, talks, strict=True):
            wamids = [introduction["wamid"] for (introduction,) in arrived(desks, phone)]
            yield Person(phone=phone, talks=theirs, introductions=wamids)
