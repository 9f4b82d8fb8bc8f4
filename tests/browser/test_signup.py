"""A client connects its own number in a real browser, through the pop-up of the simulated Meta."""

import json
from contextlib import closing
from dataclasses import replace
from typing import Any, Final

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser.conftest import Visitor, cancelled
from tests.onboarding.popup import sign_up

OWN = "+212600222001"
OPEN = "Open Meta's sign-up"
PHONE: Final[ViewportSize] = {"width": 360, "height": 780}
FINISH = {
    "type": "WA_EMBEDDED_SIGNUP",
    "event": "FINISH",
    "version": 4,
    "data": {"waba_id": "666", "phone_number_id": "667", "business_id": "668"},
}


def begun(visitor: Visitor) -> str:
    """From the client's page to the sign-up's; the line's path in the API."""
    page, gateway = visitor.page, visitor.gateway
    page.get_by_role("button", name="Or: the client's own number").click()
    link = page.get_by_role("link", name="Connect your number")
    expect(link).to_be_visible()
    [line] = gateway.get(f"/v1/clients/{visitor.client}/lines")["data"]
    page.goto(str(link.get_attribute("href")))
    expect(page.get_by_role("button", name=OPEN)).to_be_enabled()
    return f"/v1/clients/{visitor.client}/lines/{line['id']}"


def opened(page: Page, button: str = OPEN) -> Page:
    with page.expect_popup() as found:
        page.get_by_role("button", name=button).click()
    expect(found.value.get_by_role("heading", name="1. Log in")).to_be_visible()
    return found.value


def advance(popup: Page, steps: int, phone: str = OWN) -> None:
    """So many of the four steps."""
    if steps > 0:
        popup.get_by_role("button", name="Continue as Salma").click()
    if steps > 1:
        expect(popup.get_by_label("Business portfolio")).to_have_value("Atlas Logistics")
        popup.get_by_role("button", name="Next").click()
    if steps > 2:
        popup.get_by_label("Phone number").fill(phone)
        popup.get_by_role("button", name="Next").click()
        expect(popup.get_by_role("heading", name="4.")).to_be_visible()
    if steps > 3:
        finish(popup)


def finish(popup: Page) -> None:
    """The code of the last step, as soon as it was sent."""
    expect(popup.get_by_role("heading", name="Enter the 6-digit code")).to_be_visible()
    popup.get_by_label("Code", exact=True).fill(popup.locator("#sent").inner_text())
    popup.get_by_role("button", name="Finish").click()


def is_active(page: Page) -> None:
    heading = page.get_by_role("heading", name="Your line is active")
    expect(heading).to_be_visible(timeout=30_000)


def problem(visitor: Visitor, path: str, code: str) -> Any:
    """The sign-up's step says so, to whoever asks the API too."""

    def read() -> Any:
        steps = visitor.gateway.get(path)["activation"]["steps"]
        return steps[0]["error"]

    return visitor.gateway.until(read, lambda it: it and it["code"] == code, working=False)


@pytest.mark.parametrize("order", ["code_first", "event_first"])
def test_a_client_connects_its_own_number(visitor: Visitor, order: str) -> None:
    page, gateway = visitor.page, visitor.gateway
    gateway.panel("PUT", "/graph/decisions", {"signup_order": order})
    path = begun(visitor)
    visitor.is_accessible()

    advance(opened(page), 4)

    is_active(page)
    visitor.is_accessible()
    line = gateway.get(path)
    assert (line["status"], line["phone_number"]) == ("active", OWN)
    assert line["display_name"] == "Atlas Logistics Recruitment"
    page.goto(f"{gateway.url}/console/")
    expect(page.get_by_text("Your line is active")).to_be_visible()


def test_whoever_leaves_begins_anew_and_ends_with_a_line(visitor: Visitor) -> None:
    page = visitor.page
    path = begun(visitor)
    state = page.locator("#state")
    for steps, where in (
        (0, None),
        (1, "choosing the business portfolio"),
        (2, "typing the number"),
        (3, "entering the 6-digit"),
    ):
        popup = opened(page)
        advance(popup, steps)
        cancelled(popup)
        expect(state).to_contain_text("Meta's window was closed before its end")
        if where:
            expect(state).to_contain_text(f"left at this step: {where}", use_inner_text=True)
        problem(visitor, path, "signup_cancelled")
    visitor.is_accessible()

    popup = opened(page)
    popup.get_by_role("button", name="Report a problem").click()
    expect(page.get_by_text("f34b51dab5e0498")).to_be_visible()
    problem(visitor, path, "signup_failed")

    popup = opened(page)  # as a tab is closed, without a button
    advance(popup, 2)
    popup.close()
    expect(state).to_contain_text("typing the number")

    page.reload()  # whoever comes back later is told where it stands
    expect(state).to_contain_text("typing the number")
    expect(page.get_by_role("button", name=OPEN)).to_be_enabled()

    popup = opened(page)
    advance(popup, 2)
    popup.get_by_role("button", name="Add a number later").click()
    expect(state).to_contain_text("The sign-up ended without a number")

    advance(opened(page), 4)
    is_active(page)


def test_a_number_still_on_whatsapp_and_a_blocked_window_say_what_to_do(visitor: Visitor) -> None:
    page, gateway = visitor.page, visitor.gateway
    begun(visitor)
    page.evaluate("() => { window.realOpen = window.open; window.open = () => null; }")
    page.get_by_role("button", name=OPEN).click()
    expect(page.get_by_text("Your browser blocked the window")).to_be_visible()
    visitor.is_accessible()
    page.evaluate("() => { window.open = window.realOpen; }")

    gateway.panel("PUT", "/graph/decisions", {"on_consumer_whatsapp": [OWN]})
    popup = opened(page)
    advance(popup, 2)
    popup.get_by_label("Phone number").fill(OWN)
    popup.get_by_role("button", name="Next").click()
    expect(popup.get_by_role("alert")).to_contain_text("already registered with a WhatsApp account")
    visitor.complaints.clear()  # the browser notes the refusal
    gateway.panel("PUT", "/graph/decisions", {"on_consumer_whatsapp": None})
    popup.get_by_role("button", name="Next").click()
    finish(popup)
    is_active(page)


def test_of_several_numbers_the_client_chooses(visitor: Visitor) -> None:
    page, gateway = visitor.page, visitor.gateway
    path = begun(visitor)
    earlier = sign_up(gateway, "+212600222009", "Zellige")
    decisions = {"also_granted": [earlier.waba_id], "signup_order": "code_only"}
    gateway.panel("PUT", "/graph/decisions", decisions)
    advance(opened(page), 4)

    asked = page.get_by_role("group", name="Which number shall become your line?")
    expect(asked.get_by_role("radio")).to_have_count(2)
    visitor.is_accessible()
    page.reload()
    asked.get_by_role("radio", name=OWN).check()
    asked.get_by_role("button", name="Use this number").click()
    is_active(page)
    assert gateway.get(path)["phone_number"] == OWN


def test_the_page_speaks_as_its_reader_does(visitor: Visitor) -> None:
    begun(visitor)
    browser = visitor.page.context.browser
    assert browser
    with closing(browser.new_context(locale="ar-MA", viewport=PHONE)) as context:
        reader = replace(visitor, page=context.new_page())
        page = reader.page
        page.goto(visitor.page.url)
        expect(page.get_by_role("button", name="افتح صفحة تسجيل Meta")).to_be_enabled()
        assert page.evaluate("[document.dir, document.documentElement.lang]") == ["rtl", "ar"]
        reader.is_accessible()
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]

        popup = opened(page, "افتح صفحة تسجيل Meta")
        advance(popup, 2)
        cancelled(popup)
        expect(page.locator("#state")).to_contain_text("كتابة الرقم")
        page.get_by_role("link", name="Français").click()
        expect(page.locator("#state")).to_contain_text("saisie du numéro")
        advance(opened(page, "Ouvrir l'inscription de Meta"), 4)
        expect(page.get_by_role("heading", name="Votre ligne est active")).to_be_visible()
        reader.is_accessible()


def test_nobody_elses_message_is_heard(visitor: Visitor) -> None:
    page = visitor.page
    begun(visitor)
    heard: list[str] = []
    page.on("request", lambda it: heard.append(it.url) if it.url.endswith("/report") else None)
    popup = opened(page)
    for origin, data in forgeries(visitor.gateway.sandbox_url):
        said(page, origin, data)
    sent_by_another_page(page)
    assert heard == []

    said(page, "https://www.facebook.com", json.dumps(FINISH))  # so it was not deaf
    visitor.gateway.until(lambda: heard, working=False)
    popup.close()


def forgeries(sandbox_url: str) -> list[tuple[str, Any]]:
    good, metas = json.dumps(FINISH), "https://www.facebook.com"
    return [
        ("https://evilfacebook.com", good),
        ("https://facebook.com.evil.example", good),
        ("https://www.facebook.com.evil.example", good),
        ("http://www.facebook.com", good),
        ("https://www.facebook.com:8443", good),
        ("null", good),
        ("", good),
        (sandbox_url.replace("127.0.0.1", "localhost"), good),
        (metas, "{not json"),
        (metas, "null"),
        (metas, "[]"),
        (metas, FINISH),
        (metas, json.dumps(FINISH | {"type": "WA_OTHER"})),
        (metas, json.dumps(FINISH | {"event": 1})),
    ]


def said(page: Page, origin: str, data: Any) -> None:
    page.evaluate(
        "([origin, data]) => window.dispatchEvent(new MessageEvent('message', {origin, data}))",
        [origin, data],
    )


def sent_by_another_page(page: Page) -> None:
    """By the browser's own postMessage, from a page without an origin and from our own."""
    page.evaluate("data => window.postMessage(data, '*')", json.dumps(FINISH))
    page.wait_for_function("() => new Promise((done) => setTimeout(() => done(true)))")
