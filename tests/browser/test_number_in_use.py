"""A client whose number is not free yet, or stays in the app, in a real browser."""

import pytest
from playwright.sync_api import expect

from plugins.embedded_signup import registering
from tests.browser.conftest import Visitor, cancelled
from tests.browser.test_signup import OWN, advance, begun, is_active, opened


def test_a_number_still_on_whatsapp_is_refused_explained_and_connected(visitor: Visitor) -> None:
    page, gateway = visitor.page, visitor.gateway
    gateway.panel("PUT", "/graph/decisions", {"on_consumer_whatsapp": [OWN]})
    begun(visitor)
    page.get_by_text("In the ordinary WhatsApp app").click()
    expect(page.get_by_text("Wait three minutes").first).to_be_visible()
    visitor.is_accessible()

    popup = opened(page)
    advance(popup, 2)
    popup.get_by_label("Phone number").fill(OWN)
    popup.get_by_role("button", name="Next").click()
    expect(popup.get_by_role("alert")).to_contain_text("already registered")
    cancelled(popup)
    page.get_by_text("registered with a WhatsApp account already").click()
    expect(page.locator("#state")).to_contain_text("Delete that account in the app")
    visitor.is_accessible()

    gateway.panel("PUT", "/graph/decisions", {"on_consumer_whatsapp": []})
    advance(opened(page), 4)
    is_active(page)


def test_what_only_the_registration_finds_stops_on_a_page_that_says_so_and_resumes(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, gateway = visitor.page, visitor.gateway
    monkeypatch.setattr(registering, "RELEASED_WITHIN", 0.0)
    decisions = {
        "on_consumer_whatsapp": [OWN],
        "unseen_in_popup": [OWN],
        "signup_order": "event_first",
    }
    gateway.panel("PUT", "/graph/decisions", decisions)
    begun(visitor)
    advance(opened(page), 4)
    expect(page.locator("#state")).to_contain_text("still has a WhatsApp account")

    page.reload()
    expect(page.get_by_role("heading", name="has stopped")).to_be_visible()
    visitor.is_accessible()
    gateway.panel("PUT", "/graph/decisions", {"on_consumer_whatsapp": []})
    page.get_by_role("button", name="Try again").click()
    is_active(page)


def test_a_number_stays_in_the_business_app(visitor: Visitor) -> None:
    page, gateway = visitor.page, visitor.gateway
    gateway.panel("PUT", "/graph/decisions", {"on_business_app": [OWN]})
    path = begun(visitor)
    page.get_by_text("In the WhatsApp Business app", exact=True).click()
    page.get_by_role("link", name="Keep it in the app and go on").click()
    expect(page.get_by_text("The number stays in the WhatsApp Business app.")).to_be_visible()
    expect(page.get_by_role("button", name="Open Meta's sign-up")).to_be_enabled()
    visitor.is_accessible()

    advance(opened(page), 4)
    is_active(page)
    assert gateway.get(path)["coexistence"]["messages_a_second"] == 20
    assert "register" not in gateway.panel("GET", "/stats")["calls"]
