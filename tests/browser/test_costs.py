"""The pages of costs in a real browser: nothing on them shuts anybody out, by day or by night."""

from playwright.sync_api import expect

from gateway.ids import new_id
from plugins import cost_reporting
from tests.browser.conftest import Visitor
from tests.plugins.cost_reporting.test_anomalies import became
from tests.plugins.cost_reporting.test_ledger import activated, status, tell

JULY = "2026-07-10T09:00:00+00:00"


def test_costs_in_a_picture_and_on_a_statement(visitor: Visitor) -> None:
    page, client = visitor.page, visitor.client
    line = new_id("line")
    with visitor.gateway.app.app_context():
        cost_reporting.on_lines_activated(client, [activated(client, line, JULY)])
        tell(client, *[status(client, line, at=JULY, category=category)
                       for category in ("utility", "marketing")])  # fmt: skip
        dearer = became(client, new_id("tpl"), JULY, "UTILITY", "MARKETING")
        cost_reporting.on_templates_changed(client, [dearer])
    page.get_by_role("link", name="Line").click()
    page.get_by_role("link", name="Costs").click()
    expect(page.get_by_role("heading", name="Statements")).to_be_visible()
    page.get_by_role("link", name="Show 2026-07").click()
    expect(page.get_by_role("img", name="Spending by day and category")).to_be_visible()
    expect(page.get_by_role("heading", name="What stands out")).to_be_visible()
    visitor.is_accessible()

    page.get_by_role("link", name="2026-07", exact=True).click()
    expect(page.get_by_text("Total to be paid to us")).to_be_visible()
    visitor.is_accessible()
    page.get_by_role("link", name="العربية").click()
    expect(page.locator("article[dir=rtl]")).to_be_visible()
    visitor.is_accessible()
    page.emulate_media(media="print")
    expect(page.get_by_role("navigation", name="Pages")).to_be_hidden()
    expect(page.get_by_role("row").last).to_be_visible()
