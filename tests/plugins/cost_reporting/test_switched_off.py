"""The plugin off and on again: the gateway works without it, and afterwards nothing is missing."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from gateway.app import create_app
from gateway.events import absence
from tests.harness import Desk, Gateway, dispose

MESSAGE = {"type": "text", "text": {"body": "Bonjour"}}


@contextmanager
def without_it(gateway: Gateway) -> Iterator[None]:
    """The gateway as it would have started with the plugin taken out of the configuration."""
    extensions = gateway.app.extensions
    settings = extensions["settings"]
    others = tuple(name for name in settings.plugins if name != "cost-reporting")
    app = create_app(replace(settings, plugins=others))
    kept = {name: extensions[name] for name in ("plugin_host", "jobs", "schedules")}
    extensions.update({name: app.extensions[name] for name in kept})
    yield
    extensions.update(kept)
    dispose(app)


def look(gateway: Gateway) -> None:
    with gateway.app.app_context():
        absence.look()
    gateway.work()


def talk_and_reply(desk: Desk, phone: str) -> Any:
    """An introduction, its answer and a reply; what another reply would cost."""
    talk = desk.answered(phone)
    sent = desk.say(talk, "Bonjour")
    desk.gateway.until(lambda: desk.message(sent)["status"] in ("delivered", "read"))
    return desk.post(f"/conversations/{talk}/messages?dry_run=true", MESSAGE)["price"]


def month(desk: Desk) -> dict[str | None, int]:
    lines = desk.get("/costs")["lines"]
    return {line["category"]: line["quantity"] for line in lines}


def test_what_happened_while_it_was_off_is_entered_when_it_is_on_again(own_desk: Desk) -> None:
    desk = own_desk
    look(desk.gateway)
    assert talk_and_reply(desk, "+212661000001")["currency"] == "USD"
    desk.gateway.until(lambda: month(desk) == {None: 1, "utility": 1, "service": 1})
    desk.gateway.panel("PUT", "/clock", {"advance_seconds": 600})

    with without_it(desk.gateway):
        look(desk.gateway)
        assert talk_and_reply(desk, "+212661000002") is None
        refused = [
            desk.gateway.request("GET", f"{desk.path}/costs"),
            desk.gateway.request("POST", "/v1/costs/estimate", {}),
            desk.gateway.request("GET", f"{desk.path}/costs/statements"),
            desk.gateway.request("POST", f"{desk.path}/costs/statements/2026-07/close"),
        ]
        assert {(it.status_code, it.json()["code"]) for it in refused} == {(501, "no_pricing")}
        cases = desk.gateway.get("/v1/cases")["data"]
        assert [case["monthly_number_cost"] for case in cases] == [None] * len(cases)

    desk.gateway.work()
    assert month(desk) == {None: 1, "utility": 1, "service": 1}
    look(desk.gateway)
    assert month(desk) == {None: 1, "utility": 2, "service": 2}
    # 1.00 for the number, 2 × 0.0230 for the introductions; the replies are free.
    assert desk.get("/costs")["totals"] == {"USD": "1.0460", "MAD": "10.98"}
    look(desk.gateway)
    assert month(desk) == {None: 1, "utility": 2, "service": 2}, "what is told again counts once"
