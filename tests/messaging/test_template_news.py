"""What becomes of templates after they were approved."""

from collections.abc import Iterator
from typing import Any

import pytest

from gateway.messaging.templates import INTRODUCTION
from tests.harness import Desk
from tests.messaging.test_inbound import rows


@pytest.fixture
def there(desk: Desk) -> Iterator[dict[str, Any]]:
    """The English introduction as it stands at Meta; put back in the end."""
    template = introduction(desk)
    yield dict(template)
    tell(desk, "message_template_status_update", template)
    desk.gateway.work()


def introduction(desk: Desk) -> dict[str, Any]:
    """The English one as it stands at Meta."""
    [template] = [
        row
        for _, row in desk.gateway.world.store.all("graph_template")
        if (row["waba_id"], row["name"], row["language"])
        == (desk.line["waba_id"], INTRODUCTION, "en")
    ]
    return dict(template)


def tell(desk: Desk, field: str, template: dict[str, Any]) -> None:
    """Meta changes the template, then says that it did."""
    desk.gateway.world.store.put("graph_template", template["id"], template)
    value = {
        "message_template_id": int(template["id"]),
        "message_template_name": template["name"],
        "message_template_language": template["language"],
        "event": "APPROVED",  # as stale as a webhook may be
    }
    change = {"field": field, "value": value}
    entry = [{"id": template["waba_id"], "changes": [change]}]
    body = {"object": "whatsapp_business_account", "entry": entry}
    assert desk.gateway.webhook(body).status_code == 200


def known(desk: Desk) -> dict[str, Any]:
    """The same template as the API shows it; the client may have lines in other WABAs too."""
    wanted = (desk.line["waba_id"], INTRODUCTION, "en")
    return next(
        row
        for row in desk.get("/templates")["data"]
        if (row["waba_id"], row["name"], row["language"]) == wanted
    )


@pytest.mark.parametrize(
    ("field", "now"),
    [
        ("template_category_update", {"category": "MARKETING"}),
        ("message_template_status_update", {"status": "PAUSED"}),
    ],
)
def test_how_it_stands_now_is_asked_recorded_and_told(
    desk: Desk, there: dict[str, Any], phone: str, field: str, now: dict[str, str]
) -> None:
    tell(desk, field, there | now)

    shown = desk.gateway.until(lambda: known(desk), lambda row: now.items() <= row.items())
    query = "SELECT data FROM events WHERE type = 'template.changed' ORDER BY id DESC"
    assert rows(desk, query)[0]["data"] == {
        "template_id": shown["id"],
        "name": INTRODUCTION,
        "language": "en",
        "status": shown["status"],
        "category": shown["category"],
        "previous_status": "APPROVED",
        "previous_category": "UTILITY",
    }
    if "category" in now:
        refused = desk.attempt(
            "/conversations",
            {
                "line_id": desk.line["id"],
                "recruiter_id": desk.recruiter,
                "candidate": {"name": "Imane", "phone": phone, "language": "en"},
                "application_ref": "A-1",
            },
        )
        assert refused.json()["code"] == "opt_in_missing"
