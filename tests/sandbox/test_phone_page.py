"""The page that looks like a phone."""

from tests.harness import Desk, Gateway

PERSON = "+212661000001"


def test_the_phone_shows_both_sides_and_the_card_of_the_line(gateway: Gateway) -> None:
    client = gateway.client("Rif & <b>Fils</b>")
    line = gateway.line(client)
    gateway.talk(client, line["id"], gateway.recruiter(client))
    gateway.until(gateway.phone)
    gateway.writes(PERSON, line["phone_number"], body="<script>alert(1)</script>")
    gateway.writes(PERSON, line["phone_number"], "audio", voice=True)
    page = gateway.session.get(f"{gateway.sandbox_url}/sandbox/phone/{PERSON}", timeout=60)
    assert "Rif &amp; &lt;b&gt;Fils&lt;/b&gt; Recruitment" in page.text
    assert "regarding your application." in page.text
    assert '<article id="m' in page.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.text
    assert "<script>alert" not in page.text
    assert "Voice message" in page.text
    assert "default-src 'self'" in page.headers["Content-Security-Policy"]
    order = [page.text.index(words) for words in ("regarding", "alert(1)", "Voice message")]
    assert order == sorted(order)


def test_what_the_person_wrote_is_not_among_what_the_phone_received(desk: Desk, phone: str) -> None:
    desk.writes(phone, "Hello")
    assert desk.gateway.phone(phone) == []


def test_a_phone_without_chats_asks_whom_to_write_to(desk: Desk, phone: str) -> None:
    address = f"{desk.gateway.sandbox_url}/sandbox/phone/{phone}"
    assert "No chats yet" in desk.gateway.session.get(address, timeout=60).text
    strange = desk.gateway.session.get(address, params={"line": "+212522000000"}, timeout=60)
    assert "not on WhatsApp" in strange.text
