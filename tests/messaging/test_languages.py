"""A first answer in Arabic script sets the language of what follows; nothing later does."""

import itertools
from typing import Any

import pytest

from tests.harness import Desk
from tests.messaging.test_inbound import now, text_from, value_of
from tests.messaging.test_merging import writes_unseen

YES = "نعم، أنا مهتم"
WAMIDS = itertools.count(1)


def hear(desk: Desk, phone: str, body: str, ago: float) -> None:
    """What the person wrote so many seconds ago reaches the gateway now."""
    told = text_from(desk, phone, body, f"wamid.spoken{next(WAMIDS)}", now(desk) - ago)
    if body == "a voice note":
        message = value_of(told)["messages"][0]
        audio = {"id": "1", "mime_type": "audio/ogg", "voice": True}
        value_of(told)["messages"] = [{**message, "type": "audio", "audio": audio}]
    assert desk.gateway.webhook(told).status_code == 200
    desk.gateway.work()


def spoken(desk: Desk, talk: str) -> str | None:
    found: Any = desk.get(f"/conversations/{talk}")["candidate"]
    language: str | None = found["language"]
    return language


def correct(desk: Desk, talk: str, language: str | None) -> None:
    candidate = desk.get(f"/conversations/{talk}")["candidate"]["id"]
    path = f"{desk.path}/candidates/{candidate}"
    shown = desk.gateway.request("PATCH", path, {"language": language}).json()
    assert shown["language"] == language


@pytest.mark.parametrize(
    ("said", "language"),
    [
        ([(60, YES), (30, "Oui")], "ar"),
        ([(60, "Oui"), (30, YES)], "fr"),
        ([(30, YES), (60, "Oui")], "fr"),  # the first is heard last
        ([(30, "Oui"), (60, YES)], "ar"),
        ([(60, "👍"), (50, "a voice note"), (30, YES)], "ar"),  # these show no script
    ],
)
def test_the_first_answer_decides_whenever_it_is_heard(
    desk: Desk, phone: str, said: list[tuple[int, str]], language: str
) -> None:
    talk = desk.talk(phone, language="fr")
    for ago, body in said:
        hear(desk, phone, body, ago)
    assert spoken(desk, talk) == language


def test_what_the_client_tells_after_the_answer_counts_again(desk: Desk, phone: str) -> None:
    talk = desk.talk(phone)
    correct(desk, talk, "fr")
    desk.gateway.panel("PUT", "/clock", {"advance_seconds": 2})
    hear(desk, phone, YES, 0)
    assert spoken(desk, talk) == "ar", "the answer came after what was told"

    correct(desk, talk, "en")
    hear(desk, phone, "نعم", 3600)
    desk.gateway.panel("PUT", "/clock", {"advance_seconds": 2})
    hear(desk, phone, "نعم", 0)
    assert spoken(desk, talk) == "en", "neither an older one nor a later one changes it"
    correct(desk, talk, None)


def test_the_first_answer_of_two_who_are_one_decides(desk: Desk, phone: str) -> None:
    unseen = writes_unseen(desk, phone, YES)
    talk = desk.talk(phone, language="fr")
    desk.gateway.until(lambda: desk.get(f"/conversations/{unseen}")["id"] == talk)
    assert spoken(desk, talk) == "ar"
    correct(desk, talk, "fr")
