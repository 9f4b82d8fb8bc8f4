"""`gateway events`: what an operator types."""

import json
from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result

from gateway.cli import main
from tests.events.conftest import Receiver, Vendor
from tests.harness import TEST_SETTINGS

Run = Callable[..., Result]


@pytest.fixture
def run(vendor: Vendor, migrated: dict[str, str]) -> Run:
    runner = CliRunner(env={**TEST_SETTINGS, **migrated})
    return lambda *words: runner.invoke(
        main, ["events", "resend", "--vendor", vendor.vendor_id, *words]
    )


def test_what_happened_is_pushed_again(vendor: Vendor, receiver: Receiver, run: Run) -> None:
    endpoint = vendor.endpoint(receiver.url)
    vendor.happen()
    vendor.happen()
    vendor.work()
    first, second = receiver.ids("/")
    receiver.pushed.clear()

    told = run(endpoint["id"], "--after", "2020-01-01T00:00:00Z", "--json")
    assert (told.exit_code, json.loads(told.stdout)) == (0, {"events": 2})
    vendor.work()
    assert sorted(receiver.ids("/")) == sorted([first, second])
    told = run(endpoint["id"], "--event-id", second)
    assert (told.stdout, told.stderr) == ("", "1 will be pushed again.\n")
    vendor.work()
    assert len(receiver.ids("/")) == 3
    assert receiver.ids("/")[-1] == second


def test_a_mistake_is_one_sentence(vendor: Vendor, receiver: Receiver, run: Run) -> None:
    known = vendor.endpoint(receiver.url)["id"]
    for words, said in (
        ([known], "--event-id: Give either an event_id or after, not both."),
        ([known, "--after", "yesterday"], "--after: Not a valid datetime."),
        ([known, "--event-id", "evt_1"], "There is no such event."),
        (["whe_1", "--event-id", "evt_1"], "There is no such webhook endpoint."),
        ([known, "--vendor", "vnd_1", "--event-id", "evt_1"], "There is no vendor vnd_1."),
    ):
        told = run(*words)
        assert (told.exit_code, told.stderr) == (1, f"Error: {said}\n")
