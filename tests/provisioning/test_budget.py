"""A portfolio's budget is shared fairly, and no number of workers exceeds it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import text

from gateway.database import platform
from gateway.ids import new_id
from gateway.provisioning import budget
from gateway.provisioning.budget import Place


def waiting(*who: str) -> list[Place]:
    return [Place(client_id=name, candidate_id=f"{name}{it}") for it, name in enumerate(who)]


def given(limit: int | None, clients: int, used: dict[str, int], *who: str) -> str:
    """Whose turn it was, in order."""
    shared = budget.share(limit, clients, used, waiting(*who))
    return "".join(place.client_id for place in shared)


@pytest.mark.parametrize(
    ("limit", "clients", "used", "who", "expected"),
    [
        (None, 2, {"a": 999}, "aab", "aab"),
        (0, 2, {}, "ab", ""),
        (4, 1, {}, "aaaaaa", "aaaa"),  # alone, it has all
        (4, 2, {}, "aaaaaa", "aaa"),  # one place is kept for the other
        (4, 2, {"a": 3}, "aaab", "b"),  # … which finds it free
        (4, 2, {"a": 3, "b": 1}, "ab", ""),
        (8, 2, {"a": 6}, "aaabbb", "bb"),
        (8, 2, {"a": 4, "b": 2}, "aaabb", "bb"),  # whoever has the fewest goes first
        (8, 2, {"a": 2, "b": 2}, "aaabb", "abab"),
        (8, 4, {"a": 5}, "aaaa", ""),  # each of the other three keeps one
        (8, 4, {"a": 5, "b": 1}, "ab", ""),
        (8, 4, {"a": 4, "b": 1}, "ab", "b"),
        (8, 9, {"a": 3}, "abca", "bcaa"),  # too many clients to keep a part for each
        (4, 2, {"a": 9}, "ab", ""),  # the limit was lowered
        (4, 1, {"gone": 2}, "aaa", "aa"),  # a client that has left still counts
    ],
)
def test_places_are_shared(
    limit: int | None, clients: int, used: dict[str, int], who: str, expected: str
) -> None:
    assert given(limit, clients, used, *who) == expected


def test_a_client_that_asks_for_a_thousand_starves_nobody() -> None:
    assert given(250, 2, {}, *"a" * 1000) == "a" * 188
    assert given(250, 2, {"a": 188}, *"a" * 812, *"b" * 3) == "bbb"


def test_two_workers_at_once_do_not_exceed_it(app: Flask, client_id: str) -> None:
    with app.app_context(), platform() as session:
        session.execute(text("INSERT INTO portfolio_limits VALUES ('7', 10, now())"))
    begin = Barrier(8)

    def work(_: int) -> int:
        with app.app_context():
            people = [new_id("cand") for _ in range(5)]
            begin.wait()
            with platform() as session:
                shared = budget.ask(session, "7", client_id, people)
            assert shared.next_at is None or len(shared.given) < 5
            return len(shared.given)

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(work, range(8))) == 10
    with app.app_context(), platform() as session:
        state = budget.states(session)["7"]
    assert (state.people, state.used, state.waiting) == (10, 10, 30)


def test_who_has_a_place_takes_no_other(app: Flask, client_id: str) -> None:
    one, two = new_id("cand"), new_id("cand")
    with app.app_context(), platform() as session:
        session.execute(text("INSERT INTO portfolio_limits VALUES ('7', 1, now())"))
        budget.ask(session, "7", client_id, [one, one])
        budget.ask(session, "7", client_id, [one])
        budget.ask(session, "7", client_id, [two])
        assert budget.fresh(session, "7", client_id, [one, two, new_id("cand")]) == {
            one: True,
            two: False,
        }
        assert budget.states(session)["7"].used == 1
        person = Place(client_id=client_id, candidate_id=one)
        assert budget.would_wait_until(session, "7", person) is None
        person = Place(client_id=client_id, candidate_id=two)
        assert budget.would_wait_until(session, "7", person) is not None


def test_the_limit_told_last_counts(app: Flask, client_id: str) -> None:
    with app.app_context(), platform() as session:
        session.execute(
            text(
                "INSERT INTO numbers (id, phone_number, hears, state, portfolio_id, waba_id,"
                " rented_at) VALUES (gen_random_uuid(), '+212520000001', 'VOICE', 'rented', '7',"
                " '22', now())"
            )
        )
        now = datetime.now(UTC)
        assert budget.limit(session, "7") is None, "nobody told any"
        assert budget.limit(session, "1100000000000001") == 100_000, "as it is configured"
        assert budget.tell_limit(session, "22", 250, now) == "7"
        budget.tell_limit(session, "22", 2_000, now - timedelta(hours=1))
        assert budget.tell_limit(session, "23", 10, now) is None
    with app.app_context(), platform() as session:
        assert budget.limit(session, "7") == 250
        budget.tell_limit(session, "22", None, now + timedelta(hours=1))
    with app.app_context(), platform() as session:
        assert budget.limit(session, "7") is None
