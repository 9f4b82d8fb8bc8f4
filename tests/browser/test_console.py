"""A recruiter's day in a real browser: nothing is reloaded by hand, nothing shuts anybody out."""

from playwright.sync_api import expect

from tests.browser.conftest import Visitor

PHONE = "+212661000001"


def test_from_one_click_to_a_reply(visitor: Visitor) -> None:
    page, gateway = visitor.page, visitor.gateway
    page.get_by_label("First contacts").fill("100")
    page.get_by_role("button", name="Show the costs").click()
    expect(page.get_by_label("First contacts")).to_have_value("100")
    expect(page.get_by_text("5.14 USD").first).to_be_visible()
    visitor.is_accessible()
    page.get_by_role("button", name="Activate Recruitment Line").click()
    expect(page.get_by_text("Your line is active")).to_be_visible()
    expect(page.locator(".name-state")).to_contain_text("Meta approved the name")
    visitor.is_accessible()

    page.get_by_role("link", name="Recruiters").click()
    page.get_by_label("Name").fill("Sara El Amrani")
    page.get_by_label("E-mail").fill("sara@example.com")
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_text("sara@example.com")).to_be_visible()
    visitor.is_accessible()

    page.get_by_role("link", name="Conversations").click()
    page.get_by_role("link", name="New conversation").first.click()
    visitor.is_accessible()
    page.get_by_label("Name of the candidate").fill("Imane Tazi")
    page.get_by_label("Phone").fill(PHONE)
    page.get_by_role("button", name="Send the introduction").click()
    thread = page.get_by_role("log")
    expect(thread.get_by_text("Hi, I'm Sara El Amrani")).to_be_visible()
    gateway.until(lambda: gateway.phone(PHONE), working=False)

    [line] = gateway.get(f"/v1/clients/{visitor.client}/lines")["data"]
    gateway.writes(PHONE, line["phone_number"], body="Yes, tomorrow at ten")
    expect(thread.get_by_text("Yes, tomorrow at ten")).to_be_visible()
    expect(page.get_by_text("Reply window open")).to_be_visible()
    visitor.is_accessible()

    page.get_by_label("Your message").fill("See you then.")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(thread.get_by_text("See you then.")).to_be_visible()
    gateway.until(lambda: len(gateway.phone(PHONE)) == 2, working=False)
    visitor.is_accessible()
