"""docs/reference/events.md is what the code does: its types, its schedule, its examples."""

import json
import re
from pathlib import Path
from typing import Any

from gateway.events import deliveries, endpoints, jobs
from gateway.events.catalogue import TYPES
from gateway.events.schemas import EventShown
from gateway.http_client import PUSH_SECONDS
from tests.events.conftest import Receiver, Vendor

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "events.md"


def row(name: str) -> str:
    """As the page shows a type."""
    when, schema = TYPES[name]
    return f"| `{name}` | {when} | {', '.join(f'`{field}`' for field in schema().fields)} |"


def page() -> str:
    return PAGE.read_text(encoding="utf-8")


def test_the_page_shows_every_type() -> None:
    shown = [line for line in page().splitlines() if re.match(r"\| `\w+\.\w+` ", line)]

    assert shown == [row(name) for name in TYPES]


def test_the_page_shows_the_schedule_and_the_limits() -> None:
    def words(seconds: int) -> str:
        units = (("h", 3600), ("min", 60), ("s", 1))
        return next(f"{seconds // size} {unit}" for unit, size in units if seconds >= size)

    pauses = " | ".join(words(seconds) for seconds in deliveries.SCHEDULE)
    assert f"| after | at once | {pauses} |" in page()
    for said in (
        f"within {PUSH_SECONDS:.0f} seconds",
        f"at most {jobs.AT_ONCE} calls at once",
        f"at most {deliveries.MOST_RESENT:,} events",
        f"sign for {endpoints.ROTATION.total_seconds() / 3600:.0f} hours",
    ):
        assert said in " ".join(page().split()), said
    assert (deliveries.JITTER, endpoints.PATIENCE, endpoints.REST.total_seconds()) == (0.1, 5, 60)


def test_the_pages_event_is_as_its_type_says() -> None:
    [example] = re.findall(r"```json\n(.+?)```", page(), re.DOTALL)
    event: Any = json.loads(example)

    assert set(event) == set(EventShown().fields)
    assert set(event["data"]) == set(TYPES[event["type"]][1]().fields)


def test_the_pages_five_lines_verify_a_push(vendor: Vendor, receiver: Receiver) -> None:
    [example] = re.findall(r"```python\n(.+?)```", page(), re.DOTALL)
    names: dict[str, Any] = {}
    exec(compile(example, "example", "exec"), names)
    endpoint = vendor.endpoint(receiver.url)
    vendor.happen()
    vendor.work()

    [push] = receiver.pushed
    received = names["receive"](endpoint["secret"], dict(push.headers), push.body)
    assert received == vendor.get("/v1/events")["data"][0]
