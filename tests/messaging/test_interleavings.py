"""However webhooks are mixed, repeated and reordered around what recruiters send, the end is that
of the ordered run."""

import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.harness import Desk
from tests.messaging.stories import (
    DAY,
    Act,
    Imported,
    Said,
    Told,
    Wrote,
    mix,
    stories,
    verdict,
    whole,
)
from tests.messaging.telling import Person, Telling, introduced

EXAMPLES = 11


@pytest.fixture(scope="module")
def desks(shared_desk: Desk) -> Iterator[Sequence[Desk]]:
    """Clients of one portfolio, with simulators that say nothing by themselves."""
    gateway = shared_desk.gateway
    others = [gateway.client(name) for name in ("Souss Agro", "Rif Textile")]
    made = [
        Desk(
            gateway=gateway, client=client, recruiter=gateway.recruiter(client),
            line=gateway.line(client),
        )
        for client in others
    ]  # fmt: skip
    assert {it.line["portfolio_id"] for it in made} == {shared_desk.line["portfolio_id"]}
    gateway.panel("PUT", "/faults", {"webhooks": {"delay_ms": 1000 * DAY}})
    yield (shared_desk, *made)
    gateway.panel("PUT", "/faults", {})
    gateway.work()


@pytest.fixture(scope="module")
def people(desks: Sequence[Desk]) -> Iterator[Person]:
    return introduced(desks, 2 * EXAMPLES)


@settings(
    max_examples=EXAMPLES - 1,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(story=stories, seed=st.integers(0, 2**32))
@example(
    story=[
        Said(client=1, ago=990, body="Oui"),
        Said(client=1, ago=980, body="مرحبا"),
        Said(client=2, ago=970, body="مرحبا"),
        Told(client=0, ago=900, status="read"),
        Told(client=0, ago=600, status="played"),
        Told(client=0, ago=950, status="delivered"),
        Said(client=0, ago=500, body="STOP"),
        Wrote(client=0, ago=450, type="text"),
        Said(client=0, ago=400, body="START"),
        Wrote(client=0, ago=350, type="text", told=("read", "sent", "delivered")),
        Said(client=1, ago=300, body="STOP"),
        Imported(client=0, ago=70),
        Imported(client=2, ago=90),
        Wrote(client=2, ago=80, type="text"),
        Wrote(client=2, ago=75, type="template", told=("delivered", "sent")),
    ],
    seed=4,
)
def test_any_order_ends_like_the_ordered_run(
    desks: Sequence[Desk], people: Iterator[Person], story: list[Act], seed: int
) -> None:
    story = whole(story)
    chance = random.Random(seed)
    began = datetime.fromisoformat(desks[0].gateway.panel("GET", "/clock")["now"])
    ordered, mixed = (Telling(desks, next(people), began) for _ in range(2))
    ordered.tell(story, lambda: True)
    mixed.tell(mix(story, chance), lambda: chance.random() < 0.7)

    assert mixed.answers == ordered.answers
    for wrote, code in mixed.answers.items():
        if wrote.type == "text":
            assert code == verdict(story, wrote)
    end = mixed.end()
    assert end == ordered.end()
    for client, stand in enumerate(end):
        said = [it for it in story if isinstance(it, Said) and it.client == client]
        assert [body for _, body in stand["heard"]] == [it.body for it in said], "each once, here"
        newest = min((it.ago for it in said), default=None)
        assert stand["language"] == first_spoken(said)
        assert stand["closes_at"] == closing(began, newest), "a history opens no window"


def first_spoken(said: Sequence[Said]) -> str | None:
    """The language that the first answer with letters in it sets."""
    first = next((it.body for it in said if it.body != "👍"), None)
    return "ar" if first == "مرحبا" else None


def closing(began: datetime, ago: int | None) -> str | None:
    if ago is None:
        return None
    closes_at = began.replace(microsecond=0) + timedelta(seconds=DAY - ago)
    return closes_at.isoformat()
