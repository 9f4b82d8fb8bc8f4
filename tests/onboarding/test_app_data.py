"""What the app shares once, within a day of the sign-up: asked twice, too late, or by a worker that
is killed."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from html import unescape
from typing import Any

import psycopg
import pytest

from gateway.provisioning import coexistence
from gateway.roles import DatabaseUrls
from tests.console.browser import Browser
from tests.harness import Gateway, Servers, in_database
from tests.onboarding.mortal import kill, nursery
from tests.onboarding.popup import sign_up
from tests.onboarding.test_coexistence import IMANE, OWN, PAST, app, coexisting, messages, talks
from tests.onboarding.test_embedded_signup import active
from tests.processes import eventually

CONTACTS = [{"phone": IMANE, "name": "Imane Tazi"}]
Around = Callable[[str, str], AbstractContextManager[None]]
_FREE = "UPDATE outbox SET lease_until = NULL, due_at = clock_timestamp(), attempts = 0"


@contextmanager
def nobody_asks(gateway: Gateway) -> Iterator[None]:
    """No worker takes the job that asks the app."""
    jobs = gateway.app.extensions["jobs"]
    job = jobs.pop(coexistence.ASK)
    yield
    jobs[coexistence.ASK] = job


def shared(gateway: Gateway, path: str) -> Any:
    return gateway.get(path)["coexistence"]


def all_say(gateway: Gateway, client: str, path: str, state: str) -> None:
    """Both parts stand so, and the API and the page say what the client can do."""
    seen = gateway.until(
        lambda: shared(gateway, path),
        lambda seen: {seen[part]["state"] for part in coexistence.PARTS} == {state},
    )
    page = unescape(Browser(gateway.app).sign_in(client).read("/console/?fragment=app"))
    for part in coexistence.PARTS:
        assert "end the link in the app and sign up again" in seen[part]["problem"]
        assert seen[part]["problem"] in page


def linked(gateway: Gateway, client: str) -> str:
    """The path of an active line in the app, which has contacts and a past."""
    app(gateway, "PUT", "", {"contacts": CONTACTS, "history": PAST})
    return coexisting(gateway, client)


def end_the_link(gateway: Gateway, path: str) -> None:
    app(gateway, "DELETE", "", {})
    line = gateway.until(lambda: gateway.get(path), lambda line: line["status"] == "suspended")
    assert line["activation"]["signup_url"]
    gateway.panel("PUT", "/clock", {"advance_seconds": 3600})  # it is looked at again at once


def all_done(seen: Any) -> bool:
    return {seen[part]["state"] for part in coexistence.PARTS} == {"done"}


def test_what_was_asked_for_before_or_too_late_can_be_had_by_another_sign_up(
    gateway: Gateway,
) -> None:
    client = gateway.client()
    with nobody_asks(gateway):
        path = linked(gateway, client)
        number = gateway.get(path)["phone_number_id"]
        for kind in ("smb_app_state_sync", "history"):  # by whoever had the number before
            gateway.world.store.put("graph_app_asked", f"{number} {kind}", {})
    all_say(gateway, client, path, "asked")  # 2593107, and nothing comes

    # The client does as it is told. This time our day is not over, but Meta's is: 2593108.
    with nobody_asks(gateway):
        end_the_link(gateway, path)
        report = sign_up(gateway, OWN, coexists=True).report
        gateway.panel("PUT", "/clock", {"advance_seconds": 20})
        gateway.post(f"{path}/embedded-signup", report)
        gateway.until(lambda: shared(gateway, path), lambda seen: seen["history"]["state"] == "due")
        gateway.panel("PUT", "/clock", {"advance_seconds": 24 * 3600 - 10})
    all_say(gateway, client, path, "missed")
    assert gateway.panel("GET", "/stats")["calls"]["smb_app_data"] == 4
    assert talks(gateway, client) == {}

    end_the_link(gateway, path)
    gateway.post(f"{path}/embedded-signup", sign_up(gateway, OWN, coexists=True).report)
    seen = gateway.until(lambda: shared(gateway, path), all_done)
    assert [seen[part]["problem"] for part in coexistence.PARTS] == [None, None]
    assert talks(gateway, client)[IMANE]["candidate"]["name"] == "Imane Tazi"
    active(gateway, path)
    gateway.post(f"{path}/disconnect")


def test_nothing_is_asked_once_the_day_is_over(gateway: Gateway) -> None:
    client = gateway.client()
    with nobody_asks(gateway):
        path = linked(gateway, client)
        gateway.panel("PUT", "/clock", {"advance_seconds": 24 * 3600 + 60})
    all_say(gateway, client, path, "missed")
    assert "smb_app_data" not in gateway.panel("GET", "/stats")["calls"]
    gateway.post(f"{path}/disconnect")


def test_a_worker_killed_at_each_call_asks_for_everything_once(
    gateway: Gateway,
    servers: Servers,
    database: DatabaseUrls,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client = gateway.client()
    with nobody_asks(gateway):
        path = linked(gateway, client)
    panel = gateway.world.fault_panel
    admin_url = in_database(servers.admin_url, database.owner.rpartition("/")[2])
    with (
        nursery(gateway.app.extensions["settings"], (coexistence.ASK,)) as workers,
        psycopg.connect(admin_url, autocommit=True) as rows,
    ):
        seen = Seen(panel.around, rows)
        monkeypatch.setattr(panel, "around", seen.around)
        for part in coexistence.PARTS:
            for call in ("subscribed_apps", "smb_app_data"):
                for point in ("hold_before", "hold_after"):
                    panel.set({"graph": {point: f"{call} {part}"}})
                    worker = workers.worker()
                    eventually(lambda: panel.show()["held"])
                    kill(worker)
                    panel.patience_seconds = 0  # what was held before it acted never acts
                    panel.set({})
                    eventually(lambda: not seen.under_way)
                    del panel.patience_seconds
                    with seen.lock:
                        rows.execute(_FREE)  # the dead worker's lease ends
        monkeypatch.undo()
    gateway.until(lambda: shared(gateway, path), all_done)

    assert [seen.acted[f"smb_app_data {part}"] for part in coexistence.PARTS] == [1, 1]
    found = gateway.until(lambda: talks(gateway, client), lambda found: len(found) == 2)
    assert found[IMANE]["candidate"]["name"] == "Imane Tazi"
    said = messages(gateway, client, found[IMANE])
    assert [one["text"]["body"] for one in said] == [one["body"] for one in PAST[:4]]
    gateway.post(f"{path}/disconnect")


class Seen:
    """In the fault panel's place: the calls go by the part that they are for, and are counted."""

    def __init__(self, real: Around, rows: "psycopg.Connection[tuple[str, ...]]") -> None:
        self.real, self.rows = real, rows
        self.acted: Counter[str] = Counter()
        self.under_way = 0
        self.lock = threading.Lock()

    @contextmanager
    def around(self, area: str, call: str) -> Iterator[None]:
        with self.lock:
            row = self.rows.execute("SELECT contacts ->> 'state' FROM coexistences").fetchone()
            name = f"{call} {'contacts' if row and row[0] == 'due' else 'history'}"
            self.under_way += 1
        try:
            with self.real(area, name):
                yield
                self.acted[name] += 1
        finally:
            self.under_way -= 1
