"""The page that looks like a phone."""

from tests.harness import Desk, Gateway

PERSON = "+212661000001"


def test_the_phone_shows_both_sides_and_the_card_of_the_line(gateway: Gateway) -> None:
    client = gateway.client("Rif & <b>Fils</b>", display_name="Rif & Fils")
    line = gateway.line(client)
    gateway.talk(client, line["id"], gateway.recruiter(client))
    gateway.until(gateway.phone)
    gateway.writes(PERSON, line["phone_number"], body="<script>alert(1)</script>")
    gateway.writes(PERSON, line["phone_number"], "audio", voice=True)
    page = gateway.session.get(f"{gateway.sandbox_url}/sandbox/phone/{PERSON}", timeout=60)
    assert "Rif &amp; Fils" in page.text
    assert "Rif &amp; &lt;b&gt;Fils&lt;/b&gt;" in page.text
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


def test_the_phone_shows_files_and_choices_and_what_was_read(desk: Desk, phone: str) -> None:
    gateway, talk = desk.gateway, desk.answered(phone)
    said = desk.messages(talk)[-1]
    desk.post(f"/messages/{said['id']}/read")
    upload = gateway.session.post(
        f"{gateway.url}{desk.path}/media",
        headers={"Authorization": f"Bearer {gateway.api_key}"},
        files={"file": ("contract.pdf", b"%PDF-1.4", "application/pdf")},
        timeout=30,
    )
    button = {"type": "reply", "reply": {"id": "mon", "title": "Monday <b>"}}
    for kind, content in (
        ("document", {"id": upload.json()["id"]}),
        ("interactive", {"type": "button", "body": {"text": "When?"},
                         "action": {"buttons": [button]}}),
    ):  # fmt: skip
        message = {"type": kind, kind: content, "context": {"message_id": said["id"]}}
        desk.post(f"/conversations/{talk}/messages", message)
    gateway.until(lambda: len(gateway.phone(phone)) == 3)
    gateway.until(lambda: gateway.panel("GET", f"/phones/{phone}/messages")["read"])
    gateway.writes(phone, desk.line["phone_number"], "location", name="Gare", latitude=1)

    page = gateway.session.get(f"{gateway.sandbox_url}/sandbox/phone/{phone}", timeout=60).text

    url = gateway.phone(phone)[1]["document"]["url"]
    assert f'<a href="{url}" download>Document: contract.pdf</a>' in page
    assert gateway.session.get(url, timeout=30).content == b"%PDF-1.4"
    assert "When?" in page
    assert '"button_reply": {"id": "mon"' in page
    assert "Monday &lt;b&gt;</bdi></button>" in page
    assert f'<a href="#m{said["wamid"].removeprefix("wamid.")}">In answer to this</a>' in page
    assert page.count("✓✓ read") == 1
    assert "Location: Gare" in page


def test_a_file_that_is_not_base64_is_refused(desk: Desk, phone: str) -> None:
    said = {"to": desk.line["phone_number"], "type": "image", "image": {"data": "no, really"}}
    address = f"{desk.gateway.sandbox_url}/sandbox/phones/{phone}/messages"
    answer = desk.gateway.session.post(address, json=said, timeout=30)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid")
