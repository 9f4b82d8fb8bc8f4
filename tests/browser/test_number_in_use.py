"""A client whose number is not free yet, or stays in the app, in a real browser."""

import json
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from plugins.embedded_signup import registering
from tests.browser.conftest import Visitor, cancelled
from tests.browser.test_signup import OWN, advance, begun, finish, is_active, opened


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
    page.get_by_text("What did Meta's page say?").click()
    page.get_by_text("registered with a WhatsApp account already").click()
    expect(page.get_by_text("Delete that account in the app").first).to_be_visible()
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

    expect(page.get_by_role("heading", name="has stopped")).to_be_visible()
    visitor.is_accessible()
    gateway.panel("PUT", "/graph/decisions", {"on_consumer_whatsapp": []})
    page.get_by_role("button", name="Try again").click()
    is_active(page)


def test_a_pin_from_elsewhere_is_entered_and_the_line_goes_on(visitor: Visitor) -> None:
    page, gateway = visitor.page, visitor.gateway
    gateway.panel("PUT", "/graph/decisions", {"two_step_pins": {OWN: "271828"}})
    begun(visitor)
    advance(opened(page), 4)
    entry = page.get_by_label("PIN, 6 digits")
    expect(entry).to_be_visible()
    expect(page.get_by_text("still takes in 72 hours: 9")).to_be_visible()
    visitor.is_accessible()

    entry.fill("12345")
    page.get_by_role("button", name="Go on with this PIN").click()
    expect(page.get_by_text("exactly six digits")).to_be_visible()
    entry.fill("314159")
    page.get_by_role("button", name="Go on with this PIN").click()
    expect(page.get_by_text("Meta did not take this PIN")).to_be_visible()
    expect(page.get_by_text("still takes in 72 hours: 8")).to_be_visible()
    visitor.is_accessible()
    page.get_by_text("Nobody knows the PIN?").click()
    expect(page.get_by_text("Open the WhatsApp Manager at")).to_be_visible()
    entry.fill("27 18 28")
    page.get_by_role("button", name="Go on with this PIN").click()
    is_active(page)


def test_a_number_stays_in_the_business_app(visitor: Visitor) -> None:
    page, gateway = visitor.page, visitor.gateway
    gateway.panel("PUT", "/graph/decisions", {"on_business_app": [OWN]})
    path = begun(visitor)
    popup = opened(page)  # a page that did not ask for it: Meta refuses the number
    assert feature(popup) == ""
    advance(popup, 2)
    popup.get_by_label("Phone number").fill(OWN)
    popup.get_by_role("button", name="Next").click()
    expect(popup.get_by_role("alert")).to_contain_text("already registered")
    cancelled(popup)
    expect(page.locator("#state")).to_contain_text("typing the number")
    visitor.complaints.clear()  # the browser notes the refusal

    page.get_by_text("In the WhatsApp Business app", exact=True).click()
    page.get_by_role("link", name="Keep it in the app and go on").click()
    expect(page.get_by_text("The number stays in the WhatsApp Business app.")).to_be_visible()
    expect(page.get_by_role("button", name="Open Meta's sign-up")).to_be_enabled()
    visitor.is_accessible()

    popup = opened(page)
    assert feature(popup) == "whatsapp_business_app_onboarding"
    advance(popup, 3)
    expect(
        popup.get_by_role("heading", name="Confirm in the WhatsApp Business app")
    ).to_be_visible()
    cancelled(popup)
    expect(page.locator("#state")).to_contain_text("entering the 6-digit code")

    popup = opened(page)
    advance(popup, 3)
    popup.get_by_role("button", name="Connect in the app").click()
    finish(popup)
    is_active(page)
    assert gateway.get(path)["coexistence"]["messages_a_second"] == 20
    assert "register" not in gateway.panel("GET", "/stats")["calls"]


def feature(popup: Page) -> str:
    """What the page asked for when it opened the pop-up."""
    [extras] = parse_qs(urlsplit(popup.url).query)["extras"]
    return str(json.loads(extras)["featureType"])
