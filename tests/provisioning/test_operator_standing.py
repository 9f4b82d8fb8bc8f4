"""What Meta lets the operator itself do: seen by schedule, kept with its age, and told."""

from typing import Any

from gateway import doctor
from gateway.provisioning import operator_standing
from tests.harness import Gateway

PORTFOLIO = "1100000000000001"
CHECKS = ("Meta app", f"verification {PORTFOLIO}")


def decide(gateway: Gateway, **decisions: Any) -> None:
    gateway.panel("PUT", "/graph/decisions", decisions)


def look(gateway: Gateway) -> None:
    with gateway.app.app_context():
        operator_standing.SCHEDULE.run()
    gateway.work()


def findings(gateway: Gateway) -> list[tuple[str, str]]:
    with gateway.app.app_context():
        return [(it.verdict, it.detail) for it in doctor.examine() if it.check in CHECKS]


def test_the_doctor_says_how_the_operator_stands_and_since_when(gateway: Gateway) -> None:
    assert [verdict for verdict, _ in findings(gateway)] == ["ok", "ok"]
    look(gateway)
    assert findings(gateway) == [
        ("ok", "The app may act for other businesses (Tech Provider); seen 0 min ago."),
        ("ok", "The business is VERIFIED at Meta; seen 0 min ago."),
    ]

    decide(gateway, tech_provider=False, portfolio={"verification": "pending"})
    look(gateway)
    app, business = findings(gateway)
    assert app[0] == business[0] == "warn"
    assert "direct, no Tech Provider" in app[1]
    assert "is PENDING at Meta" in business[1]

    connector = gateway.app.extensions["plugin_host"].connectors.get("whatsapp-cloud")
    connector.settings = {**connector.settings, "signup_config_id": ""}
    app, business = findings(gateway)
    assert (app[0], business[0]) == ("ok", "warn"), "direct is enough where nobody signs up"


def test_what_was_seen_stays_where_meta_shows_nothing(gateway: Gateway) -> None:
    look(gateway)
    gateway.panel("PUT", "/clock", {"advance_seconds": 600})
    gateway.panel("PUT", "/faults", {"graph": {"error_rate": 1, "error_code": 200}})
    look(gateway)
    for verdict, detail in findings(gateway):
        assert verdict == "warn"
        assert "seen 10 min ago. It could not be looked at since: " in detail

    gateway.panel("PUT", "/faults", {})
    look(gateway)
    assert [verdict for verdict, _ in findings(gateway)] == ["ok", "ok"]
