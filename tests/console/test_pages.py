"""What the pages show and do, through the browser's side of HTTP."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from gateway.database import tenant
from gateway.provisioning import service as provisioning
from tests.console.browser import Browser
from tests.harness import Desk, Gateway

SignIn = Callable[[Flask, str], Browser]
NOBODYS = "msg_01kam7x2v4e8wr9tq3c5n6p0hs"
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
def talking(desk: Desk, phone: str) -> "Talking":
    return Talking(desk, phone)


class Talking:
    """A recruiter of the shared desk, and her browser."""

    def __init__(self, desk: Desk, phone: str) -> None:
        self.gateway, self.client, self.line = desk.gateway, desk.client, desk.line
        sara = {"name": "Sara El Amrani", "email": f"sara.{phone[1:]}@example.com"}
        self.recruiter = str(desk.post("/recruiters", sara)["id"])
        self.phone = phone
        self.browser = Browser(desk.gateway.app).sign_in(desk.client)

    def seen(self) -> list[Any]:
        """What her candidate's phone received."""
        return self.gateway.phone(self.phone)

    def writes(self, type_: str = "text", **content: Any) -> None:
        self.gateway.writes(self.phone, self.line["phone_number"], type_, **content)

    def open(self, **values: str) -> str:
        """Open a conversation by the form; where it is."""
        form = {
            "line_id": self.line["id"],
            "recruiter_id": self.recruiter,
            "name": "Imane Tazi",
            "phone": self.phone,
            "language": "",
            "application_ref": "DRIVER-118",
        }
        response = self.browser.post("/console/conversations/new", **{**form, **values})
        assert response.status_code == 303, response.text
        return str(response.location)

    def answered(self, path: str, text: str = "Yes") -> None:
        self.gateway.until(self.seen)
        self.writes(body=text)
        self.gateway.until(
            lambda: self.browser.read(path), lambda page: "Reply window open" in page
        )


def lines(app: Flask, client_id: str) -> list[Any]:
    with app.app_context(), tenant(client_id) as session:
        return provisioning.lines(session, client_id)


def test_the_first_page_compares_the_ways_and_offers_one(browser: Browser) -> None:
    page = browser.read("/console/")
    assert "Activate Recruitment Line" in page
    assert page.count("Recommended") == 1
    assert re.search(r"1\.00 USD", page)
    assert re.search(r"MAD", page)
    for words in ("Trade register (RC)", "Not here yet", "Official Business Account"):
        assert words in page
    assert "Atlas Logistics Recruitment" in page


def test_two_clicks_make_one_line(app: Flask, client_id: str, browser: Browser) -> None:
    for _ in range(2):
        response = browser.post("/console/activate", case="virtual-number")
        assert (response.status_code, response.location) == (303, "/console/")
    assert len(lines(app, client_id)) == 1
    page = browser.read("/console/")
    assert "Activate Recruitment Line" not in page
    assert "Being set up" in page


def test_the_name_is_chosen_before_the_click_and_judged_by_metas_rules(
    gateway: Gateway, sign_in: SignIn
) -> None:
    client_id = gateway.client("KARIM BENNANI")
    browser = sign_in(gateway.app, client_id)
    assert 'value="Cabinet Karim Bennani Recruitment"' in browser.read("/console/")
    asked = {"case": "virtual-number", "display_name": "Atlas 🚛"}
    refused = browser.post("/console/activate", **asked)
    assert refused.status_code == 422
    assert "no emoji" in refused.text
    assert 'value="Atlas 🚛"' in refused.text
    assert lines(gateway.app, client_id) == []
    assert gateway.get(f"/v1/clients/{client_id}")["display_name"] is None

    chosen = browser.post("/console/activate", **{**asked, "display_name": "Bennani Conseil"})
    assert chosen.status_code == 303
    assert gateway.get(f"/v1/clients/{client_id}")["display_name"] == "Bennani Conseil"
    assert len(lines(gateway.app, client_id)) == 1


def test_what_cannot_be_started_says_why(app: Flask, client_id: str, browser: Browser) -> None:
    response = browser.post("/console/activate", case="groups")
    assert response.status_code == 422
    assert "There is a problem" in response.text
    assert "<title>Error: " in response.text
    assert lines(app, client_id) == []


def test_the_steps_survive_a_reload(gateway: Gateway, sign_in: SignIn) -> None:
    client_id = gateway.client()
    browser = sign_in(gateway.app, client_id)
    browser.post("/console/activate", case="virtual-number")
    assert "0 of 8 steps done" in browser.read("/console/")
    gateway.until(
        lambda: browser.read("/console/"),
        lambda page: "Meta approved the name" in page and "8 of 8 steps done" in page,
    )
    again = sign_in(gateway.app, client_id).read("/console/")
    assert "8 of 8 steps done" in again
    assert "Your line is active" in again


def test_a_part_is_read_alone_and_unknown_parts_are_not_there(browser: Browser) -> None:
    browser.post("/console/activate", case="virtual-number")
    part = browser.read("/console/?fragment=steps")
    assert part.count("<section") == 1
    assert "steps done" in part
    assert "<html" not in part
    assert browser.get("/console/?fragment=thread").status_code == 404
    assert browser.get("/console/?fragment=../base").status_code == 404


def test_a_stopped_set_up_says_who_must_act_and_can_be_taken_back(
    gateway: Gateway, sign_in: SignIn
) -> None:
    client_id = gateway.client(country="FR")
    browser = sign_in(gateway.app, client_id)
    browser.post("/console/activate", case="virtual-number")
    page = gateway.until(
        lambda: browser.read("/console/"), lambda page: "The set-up has stopped" in page
    )
    assert "Whoever runs this gateway must act" in page
    assert "Try again" in page
    [line] = lines(gateway.app, client_id)
    assert browser.post(f"/console/lines/{line.id}/retry").status_code == 303
    gateway.until(lambda: browser.read("/console/"), lambda page: "Try again" in page)
    assert browser.post(f"/console/lines/{line.id}/cancel").status_code == 303
    page = gateway.until(
        lambda: browser.read("/console/"), lambda page: "The set-up was cancelled" in page
    )
    assert "Activate Recruitment Line" in page
    assert browser.post(f"/console/lines/{line.id}/retry").status_code == 409


def test_a_person_may_enter_the_code(gateway: Gateway, sign_in: SignIn) -> None:
    gateway.panel("PUT", "/faults", {"webhooks": {"drop_rate": 1.0}})
    client_id = gateway.client()
    browser = sign_in(gateway.app, client_id)
    browser.post("/console/activate", case="virtual-number")
    page = gateway.until(
        lambda: browser.read("/console/"), lambda page: "Did you hear the code" in page
    )
    [line] = lines(gateway.app, client_id)
    path = f"/console/lines/{line.id}/code"
    assert f'action="{path}"' in page
    refused = browser.post(path, code="12")
    assert refused.status_code == 422
    assert refused.text.count("The code has six digits.") == 2  # at the top and at the field
    assert browser.post(path, code="123 456").status_code == 303


def test_the_closed_window_has_the_chooser_and_the_open_one_the_text_box(
    talking: Talking,
) -> None:
    path = talking.open()
    page = talking.browser.read(path)
    assert "Reply window closed" in page
    assert "<textarea" not in page
    assert "Send a template" in page
    assert "Hi, I&#39;m Sara El Amrani from Atlas Logistics." in page  # the preview
    talking.answered(path)
    page = talking.browser.read(path)
    assert "<textarea" in page
    assert "Send a template" not in page
    assert talking.browser.post(f"{path}/messages", body="Tuesday at ten?").status_code == 303
    talking.gateway.until(talking.seen, lambda seen: len(seen) == 2)
    page = talking.gateway.until(
        lambda: talking.browser.read(path), lambda page: page.count(">Delivered<") == 1
    )
    assert "Tuesday at ten?" in page
    talking.gateway.panel("PUT", "/clock", {"advance_seconds": 25 * 3600})
    page = talking.browser.read(path)
    assert "<textarea" not in page
    assert "only a template may be sent" in page


def test_what_the_window_refuses_is_said_where_one_writes(talking: Talking) -> None:
    path = talking.open()
    response = talking.browser.post(f"{path}/messages", body="Are you there?")
    assert response.status_code == 422
    assert "There is a problem" in response.text
    assert "24 hours" in response.text


def test_a_template_is_sent_by_the_chooser(talking: Talking) -> None:
    path = talking.open()
    talking.gateway.until(talking.seen)
    form = {"template": "recruitment_introduction", "language": "en", "blank-1": "Sara"}
    refused = talking.browser.post(f"{path}/templates", **form, **{"blank-2": " "})
    assert refused.status_code == 422
    assert "Fill in every blank" in refused.text
    sent = talking.browser.post(f"{path}/templates", **form, **{"blank-2": "Atlas"})
    assert sent.status_code == 303
    seen = talking.gateway.until(talking.seen, lambda seen: len(seen) == 2)
    assert seen[1]["text"]["body"].startswith("Hi, I'm Sara from Atlas.")


def test_what_a_candidate_is_called_is_text_and_nothing_else(talking: Talking) -> None:
    path = talking.open(name=SCRIPT, application_ref='"><img src=x>')
    talking.answered(path, text=f"</bdi>{SCRIPT}")
    for page in (talking.browser.read(path), talking.browser.read("/console/conversations")):
        assert SCRIPT not in page
        assert "<img src=x>" not in page
        assert '<bdi dir="auto">&lt;script&gt;alert(1)&lt;/script&gt;</bdi>' in page


def test_a_word_that_may_mean_stop_asks_the_recruiter_until_she_says(talking: Talking) -> None:
    path = talking.open()
    talking.answered(path)

    def asked() -> list[str]:
        """Where the questions of the page send their answers, reloaded each time."""
        return re.findall(r'formaction="([^"]+)"', talking.browser.read(path))

    for word in ("Safi", "لا"):
        talking.gateway.panel("PUT", "/clock", {"advance_seconds": 2})
        talking.writes(body=word)
    first, on, second, other = talking.gateway.until(asked, lambda found: len(found) == 4)
    page = talking.browser.read(f"{path}?fragment=thread")
    assert page.count("This may mean “stop”.") == 2
    assert talking.browser.client.post(on).status_code == 400, "without the session's token"

    for _ in range(2):
        assert talking.browser.post(on).status_code == 303
        assert asked() == [second, other]
    assert talking.browser.post(first).status_code == 303, "it was answered: nothing happens"
    assert "asked for no more messages" not in talking.browser.read(path)

    for _ in range(2):
        assert talking.browser.post(second).status_code == 303
        assert asked() == []
    assert "asked for no more messages" in talking.browser.read(path)
    with talking.gateway.app.app_context(), tenant(talking.client) as session:
        said = session.execute(
            text("SELECT source, evidence FROM consents WHERE evidence ->> 'message_id' = :id"),
            {"id": second.split("/")[-2]},
        ).all()
        acts = session.scalars(
            text("SELECT actor FROM audit_entries WHERE action = 'message.stop_settled'"
                 " AND subject = ANY(:ids)"),
            {"ids": [it.split("/")[-2] for it in (first, second)]},
        ).all()  # fmt: skip
    assert [row.source for row in said] == ["console"]
    assert acts == ["console"] * 2
    refused = talking.browser.post(f"{path}/messages", body="Still there?")
    assert "asked for no more messages" in refused.text


def test_files_are_named_by_their_kind(talking: Talking) -> None:
    path = talking.open()
    talking.answered(path)
    talking.writes("audio", voice=True)
    talking.writes("document", filename="CV.pdf")
    page = talking.gateway.until(
        lambda: talking.browser.read(path), lambda page: "Document: CV.pdf" in page
    )
    assert "Voice message" in page


def test_a_wrong_phone_is_said_at_the_top_and_at_the_field(talking: Talking) -> None:
    form = {"line_id": talking.line["id"], "recruiter_id": talking.recruiter, "name": ""}
    response = talking.browser.post("/console/conversations/new", **form, phone="12")
    assert response.status_code == 422
    assert "<title>Error: New conversation" in response.text
    assert '<a href="#name">Fill this in.</a>' in response.text
    response = talking.browser.post(
        "/console/conversations/new", **{**form, "name": "I"}, phone="1"
    )
    assert '<a href="#phone">' in response.text
    assert response.text.count("is not a phone number") == 2
    assert 'value="I"' in response.text


def test_nobody_elses_conversation_is_there(talking: Talking, sign_in: SignIn) -> None:
    path = talking.open()
    other = sign_in(talking.gateway.app, talking.gateway.client("Rif Recrute"))
    assert other.get(path).status_code == 404
    assert other.get(f"{path}?fragment=thread").status_code == 404
    assert other.post(f"{path}/messages", body="Hello").status_code == 404
    assert other.post(f"{path}/assign", recruiter_id="").status_code == 404
    assert other.post(f"{path}/messages/{NOBODYS}/stop").status_code == 404
    assert talking.browser.post(f"{path}/messages/{NOBODYS}/stop").status_code == 404
    line = f"/console/lines/{talking.line['id']}"
    for act in ("retry", "cancel", "code"):
        assert other.post(f"{line}/{act}", code="123456").status_code == 404
    assert other.post(f"/console/recruiters/{talking.recruiter}/leave").status_code == 404
    assert "Imane" not in other.read("/console/conversations")


def test_whoever_leaves_hands_over(talking: Talking) -> None:
    path = talking.open()
    email = f"youssef.{talking.phone[1:]}@example.com"
    added = talking.browser.post("/console/recruiters", name="Youssef Benali", email=email)
    assert added.status_code == 303
    twice = talking.browser.post("/console/recruiters", name="Youssef", email=email)
    assert twice.status_code == 422
    assert "is here already" in twice.text
    page = talking.browser.read("/console/recruiters")
    colleague = re.search(r'<option value="(rec_\w+)">Youssef Benali', page)
    assert colleague
    leave = f"/console/recruiters/{talking.recruiter}/leave"
    assert talking.browser.post(leave, hand_over_to=colleague[1]).status_code == 303
    assert f'<option value="{colleague[1]}" selected>' in talking.browser.read(path)
    assert "Have left" in talking.browser.read("/console/recruiters")
    leave = f"/console/recruiters/{colleague[1]}/leave"
    assert talking.browser.post(leave, hand_over_to="").status_code == 303
    assert "Nobody has this conversation" in talking.browser.read(path)


def test_the_logo_is_the_clients_own(gateway: Gateway, sign_in: SignIn) -> None:
    url = f"{gateway.sandbox_url}/assets/logo.png"
    branded = sign_in(gateway.app, gateway.client(logo_url=url))
    picture = branded.get("/console/logo")
    assert picture.mimetype == "image/jpeg"
    assert picture.data.startswith(b"\xff\xd8\xff")
    bare = sign_in(gateway.app, gateway.client("Rif Recrute"))
    assert bare.get("/console/logo").status_code == 404


def test_the_candidate_is_played_in_the_sandbox_only(talking: Talking) -> None:
    page = talking.browser.read(talking.open())
    number = talking.line["phone_number"].replace("+", "%2B")
    person = talking.phone.replace("+", "%2B")
    address = f"{talking.gateway.sandbox_url}/sandbox/phone/{person}?line={number}"
    assert f'href="{address}"' in page
    phone = talking.gateway.session.get(address, timeout=60)
    assert phone.status_code == 200
    assert "Atlas Logistics Recruitment" in phone.text


def test_a_page_that_fails_is_a_page(
    app: Flask, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("a secret of the inside")

    monkeypatch.setattr(provisioning, "lines", fail)
    response = browser.get("/console/")
    assert response.status_code == 500
    assert response.mimetype == "text/html"
    assert "req_" in response.text
    assert "secret" not in response.text
