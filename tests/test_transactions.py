"""What a request did and its answer are one: both are there, or nothing is."""

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DataError

from gateway import queues
from gateway.database import db, tenant
from gateway.messaging.schemas import ConversationShown
from tests.harness import Desk


def conversations(desk: Desk, phone: str) -> int:
    """How many are committed with this person."""
    query = (
        "SELECT count(*) FROM conversations JOIN candidates USING (client_id)"
        " WHERE candidates.id = candidate_id AND phone = :phone"
    )
    with desk.gateway.app.app_context(), tenant(desk.client) as session:
        return session.scalar(text(query), {"phone": phone}) or 0


@pytest.fixture
def seen_by_hints(desk: Desk, phone: str, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """What whoever is told to work finds, each time."""
    seen: list[int] = []
    monkeypatch.setattr(queues, "enqueue", lambda _topic: seen.append(conversations(desk, phone)))
    return seen


def test_workers_are_told_of_what_is_committed(
    desk: Desk, phone: str, seen_by_hints: list[int]
) -> None:
    desk.talk(phone)

    assert set(seen_by_hints) == {1}


def test_an_answer_that_cannot_be_made_leaves_nothing(
    desk: Desk, phone: str, seen_by_hints: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    opening = {
        "line_id": desk.line["id"],
        "recruiter_id": desk.recruiter,
        "candidate": {"name": "Imane Tazi", "phone": phone},
    }
    with monkeypatch.context() as broken:
        broken.setattr(ConversationShown, "dump", lambda *_: 1 / 0)
        answer = desk.attempt("/conversations", opening)

    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert (conversations(desk, phone), seen_by_hints) == (0, [])
    assert desk.attempt("/conversations", opening).status_code == 201


@pytest.mark.parametrize("bind", [None, "router", "owner"])
def test_an_error_of_the_database_says_nothing_of_what_people_wrote(
    app: Flask, bind: str | None
) -> None:
    """Its words get into logs."""
    words = {"words": "My son is ill"}
    with (
        app.app_context(),
        pytest.raises(DataError, match="division by zero") as failed,
        db.engines[bind].connect() as connection,
    ):
        connection.execute(text("SELECT CAST(:words AS text), 1 / 0"), words)

    assert words["words"] not in str(failed.value)
