"""A list asks the database as often for many as for few."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event

from tests.harness import Desk

PEOPLE = [f"+2126610000{number:02}" for number in range(1, 7)]


@contextmanager
def statements() -> Iterator[list[str]]:
    """What the database is asked meanwhile, by whatever thread."""
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def lists(desk: Desk, talk: str) -> dict[str, tuple[int, int]]:
    """Of each list, how long it is and how often the database was asked for it."""
    desk.gateway.until(lambda: desk.gateway.panel("GET", "/stats")["webhooks"]["pending"] == 0)
    paths = {
        "/v1/clients": "",
        **dict.fromkeys(("/recruiters", "/lines", "/conversations"), desk.path),
        f"/conversations/{talk}/messages": desk.path,
    }
    found = {}
    for path, before in paths.items():
        with statements() as asked:
            listed = desk.gateway.get(before + path)["data"]
        found[path] = len(listed), len(asked)
    return found


def test_a_longer_list_takes_no_more_statements(own_desk: Desk) -> None:
    desk, gateway = own_desk, own_desk.gateway
    talk = desk.answered(PEOPLE[0])
    few = lists(desk, talk)
    for phone in PEOPLE[1:]:
        desk.answered(phone)
        desk.writes(PEOPLE[0])
    for name in ("Reda Alami", "Hind Bennis"):
        gateway.client(name)
        gateway.recruiter(desk.client, name)
        gateway.line(desk.client)
    many = lists(desk, talk)

    assert {path: asked for path, (_, asked) in many.items()} == {
        path: asked for path, (_, asked) in few.items()
    }
    assert all(many[path][0] > few[path][0] for path in few)
