"""A client lets an ATS in, sees what it may, and shuts it out again."""

from typing import Any

import pytest
from sqlalchemy import text

from gateway.database import tenant
from tests.ats.sender import SETTINGS, Ats, connected, event, request
from tests.harness import Desk

MAPPING = SETTINGS["mapping"]


def test_the_secret_is_shown_once_and_kept_sealed(desk: Desk, ats: Ats) -> None:
    listed = desk.get("/ats-connections")["data"]
    shown = next(row for row in listed if row["id"] == ats.id)

    assert ats.secret.startswith("whsec_")
    assert ats.url == f"{desk.gateway.url}/webhooks/ats/{ats.id}"
    assert shown == {
        **request(desk),
        "id": ats.id,
        "webhook_url": ats.url,
        "created_at": shown["created_at"],
    }
    with desk.gateway.app.app_context(), tenant(desk.client) as session:
        found = session.scalars(text("SELECT sealed FROM secrets WHERE name LIKE 'ats:%'")).all()
    assert found
    assert not any(ats.secret.removeprefix("whsec_").encode() in sealed for sealed in found)


@pytest.mark.parametrize(
    ("settings", "pointer"),
    [
        ({}, "/settings/mapping"),
        ({"mapping": {**MAPPING, "candidate.nam": "/x"}}, "/settings/mapping/candidate.nam"),
        ({"mapping": {**MAPPING, "candidate.phone": "phone"}}, "/settings/mapping/candidate.phone"),
        ({"mapping": {**MAPPING, "candidate.phone": "/a~2"}}, "/settings/mapping/candidate.phone"),
        ({"mapping": {"candidate.phone": "/phone"}}, "/settings/mapping/candidate.name"),
        (
            {"mapping": {**MAPPING, "candidate.opt_in.obtained_at": 1}},
            "/settings/mapping/candidate.opt_in.obtained_at",
        ),
        (
            {
                "mapping": {
                    "candidate.name": "/name",
                    "candidate.phone": "/phone",
                    "candidate.opt_in.source": "/form",
                }
            },
            "/settings/mapping/candidate.opt_in.obtained_at",
        ),
        ({**SETTINGS, "only": {"event": ["made"]}}, "/settings/only/event"),
        ({**SETTINGS, "only": {"/event/type": "made"}}, "/settings/only/~1event~1type"),
        ({**SETTINGS, "only": {"/event": [{}]}}, "/settings/only/~1event"),
        ({**SETTINGS, "only": {"/event": []}}, "/settings/only/~1event"),
        ({**SETTINGS, "always": True}, "/settings/always"),
        ("none", "/settings"),
    ],
)
def test_settings_that_cannot_work_are_refused(desk: Desk, settings: Any, pointer: str) -> None:
    before = desk.get("/ats-connections")
    answer = desk.attempt("/ats-connections", request(desk, settings=settings))

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert pointer in [error["pointer"] for error in answer.json()["errors"]]
    assert desk.get("/ats-connections") == before


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"adapter": "greenlever"}, 422, "unknown_adapter"),
        ({"line_id": "line_00000000000000000000000000"}, 404, "not_found"),
        ({"recruiter_id": "rec_00000000000000000000000000"}, 404, "not_found"),
    ],
)
def test_what_is_not_there_cannot_be_connected(
    desk: Desk, changes: dict[str, str], status: int, code: str
) -> None:
    answer = desk.attempt("/ats-connections", request(desk, **changes))

    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_another_clients_connection_is_nobodys(desk: Desk, ats: Ats, phone: str) -> None:
    ats.came_to(event(phone))
    other = f"/v1/clients/{desk.gateway.client('Rif Textile')}/ats-connections"

    assert desk.gateway.get(other)["data"] == []
    theirs = desk.gateway.request("POST", other, request(desk))
    assert (theirs.status_code, theirs.json()["code"]) == (404, "not_found")
    for method, path in (("GET", f"/{ats.id}/deliveries"), ("DELETE", f"/{ats.id}")):
        answer = desk.gateway.request(method, other + path)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert ats.deliver(event(phone)).status_code == 202


def test_who_is_shut_out_is_nobody_and_what_was_opened_stays(
    desk: Desk, ats: Ats, phone: str
) -> None:
    talk = ats.came_to(event(phone))["conversation_id"]
    ats.deliver(event(phone))  # and is not read any more

    path = f"{desk.path}/ats-connections/{ats.id}"
    assert desk.gateway.request("DELETE", path).status_code == 204
    desk.gateway.work()

    assert ats.deliver(event(phone)).status_code == 404
    assert desk.gateway.request("DELETE", path).status_code == 404
    assert ats.id not in [row["id"] for row in desk.get("/ats-connections")["data"]]
    assert desk.get(f"/conversations/{talk}")["id"] == talk
    with desk.gateway.app.app_context(), tenant(desk.client) as session:
        query = text("SELECT count(*) FROM secrets WHERE name = :name")
        assert session.scalar(query, {"name": f"ats:{ats.id}"}) == 0


def test_two_connections_may_deliver_events_of_one_id(desk: Desk, ats: Ats, phone: str) -> None:
    second = connected(desk)

    found = [one.came_to(event(phone), event_id="evt_same") for one in (ats, second)]

    assert [delivery["state"] for delivery in found] == ["done", "done"]
    assert found[0]["conversation_id"] == found[1]["conversation_id"]
