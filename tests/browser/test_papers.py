"""The company's papers in a real browser: handed in, compared, confirmed."""

from datetime import UTC, datetime

from playwright.sync_api import expect

from tests.browser.conftest import Visitor

PDF = b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\n%%EOF\n"


def test_a_bill_is_compared_and_confirmed(visitor: Visitor) -> None:
    page = visitor.page
    page.get_by_role("link", name="Look at your papers").click()
    visitor.is_accessible()

    page.get_by_label("Street and number").fill("12 bis, boulevard Zerktouni")
    page.get_by_label("City", exact=True).fill("Casablanca")
    page.get_by_role("button", name="Save the address").click()
    page.get_by_label("Which paper").select_option("utility_bill")
    bill = {"name": "facture.pdf", "mimeType": "application/pdf", "buffer": PDF}
    page.get_by_label("File").set_input_files([bill])
    page.get_by_label("Address on the paper").fill("7 rue Oued Ziz, Rabat")
    page.get_by_role("button", name="Hand it in").click()
    expect(page.get_by_text("Upload it again with its issued_on")).to_be_visible()

    page.get_by_label("Which paper").select_option("utility_bill")
    page.get_by_label("File").set_input_files([bill])
    page.get_by_label("Issued on").fill(datetime.now(UTC).date().isoformat())
    page.get_by_label("Address on the paper").fill("7 rue Oued Ziz, Rabat")
    page.get_by_role("button", name="Hand it in").click()
    expect(page.get_by_text("They look different.")).to_be_visible()
    visitor.is_accessible()
    with page.expect_download() as download:
        page.get_by_role("link", name="facture.pdf").click()
    assert download.value.path().read_bytes() == PDF

    page.get_by_role("button", name="I have looked: it is the same address").click()
    expect(page.get_by_text("They look different.")).to_be_visible()
    expect(page.get_by_role("button", name="I have looked")).to_have_count(0)
    visitor.is_accessible()
