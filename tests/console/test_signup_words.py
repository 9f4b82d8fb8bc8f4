"""The sign-up page in each of its languages, at each of its ends: no sentence is missing."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Final

import pytest

from gateway import console
from gateway.console.signup_words import TEXTS
from gateway.console.statement_words import LANGUAGES
from gateway.errors import Refused
from plugins.embedded_signup import registering
from plugins.whatsapp_cloud.connector import WhatsAppCloudConnector
from tests.harness import Gateway
from tests.onboarding.popup import sign_up
from tests.onboarding.test_embedded_signup import begun, step

OWN, PIN = "+212600111007", "271828"
_ARABIC = re.compile("[\u0600-\u06ff]")
_VOID = ("meta", "link", "br", "input", "path")
_TEMPLATES: Final = Path(str(console.__file__)).parent / "templates" / "console"


class Texts(HTMLParser):
    """What a page says, but for what stands in a language, or for a name or number, of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, bool]] = []
        self.said: list[str] = []
        self.language = self.direction = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "html":
            self.language, self.direction = str(given["lang"]), str(given["dir"])
            given = {}
        apart = tag in ("bdi", "code", "script") or given.get("lang") not in (None, self.language)
        if tag not in _VOID:
            self.open.append((tag, apart))

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not any(apart for _, apart in self.open) and re.search(r"[^\W\d_]", data):
            self.said.append(" ".join(data.split()))


def read(gateway: Gateway, url: str, language: str, query: str = "") -> Texts:
    answer = gateway.session.get(
        url + query, headers={"Accept-Language": f"{language}-MA, xx;q=0.1"}, timeout=30
    )
    found = Texts()
    found.feed(answer.text)
    direction = "rtl" if language == "ar" else "ltr"
    assert (found.language, found.direction) == (language, direction)
    return found


def speaks_all(gateway: Gateway, url: str, expected: str, query: str = "") -> None:
    """The page says this, as its words have it, and nothing of it in another language."""
    said = {it: read(gateway, url, it, query).said for it in LANGUAGES}
    for language, texts in said.items():
        assert " ".join(TEXTS[language][expected].split()) in texts, (language, texts)
    assert len({len(texts) for texts in said.values()}) == 1
    name = "Atlas Logistics"
    assert [it for it in said["ar"] if not _ARABIC.search(it) and name not in it] == []
    untold = set(said["fr"]) & set(said["en"])
    assert untold - {f"{TEXTS['fr']['title']} · {name}"} == set()


def templates() -> Iterator[str]:
    for path in _TEMPLATES.glob("*sign*.html"):
        yield path.read_text()


def test_the_words_are_the_same_in_every_language_and_all_are_said() -> None:
    assert TEXTS.keys() == LANGUAGES.keys()
    for language, words in TEXTS.items():
        assert words.keys() == TEXTS["en"].keys(), language
        assert all(words.values())
    assert all(_ARABIC.search(text) for text in TEXTS["ar"].values())
    assert set(TEXTS["fr"].values()).isdisjoint(TEXTS["en"].values())
    asked = set(re.findall(r't\["([a-z_]+)"\]', "".join(templates())))
    assert asked <= TEXTS["en"].keys()


def test_every_end_of_the_page_is_said_in_every_language(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registering, "RELEASED_WITHIN", 0.0)
    path = begun(gateway, gateway.client())
    url = gateway.get(path)["activation"]["signup_url"]
    speaks_all(gateway, url, "open")
    speaks_all(gateway, url, "open", "?keep=app")
    speaks_all(gateway, f"{url[:-4]}AAAA", "gone")

    for place in ("BUSINESS_ACCOUNT_SELECTION", "PHONE_NUMBER_SETUP", "PERMISSIONS"):
        gateway.post(f"{path}/embedded-signup", {"event": "CANCEL", "current_step": place})
        speaks_all(gateway, url, f"left.{place}")
    gateway.post(f"{path}/embedded-signup", {"event": "CANCEL", "error": "Nobody knows why."})
    speaks_all(gateway, url, "quote")
    numbered(gateway, path, url)
    for code in ("AQBmadeup", sign_up(gateway, None, "Nouvelle").code):
        report(gateway, path, {"code": code}, "signup")
        speaks_all(gateway, url, "not_connected")

    other = sign_up(gateway, "+212600111008", "Zellige")
    gateway.panel("PUT", "/graph/decisions", {
        "also_granted": [other.waba_id], "on_consumer_whatsapp": [OWN], "unseen_in_popup": [OWN],
        "display_name": "hold",
    })  # fmt: skip
    done = sign_up(gateway, OWN, "Atlas SARL")
    report(gateway, path, {"code": done.code}, "signup", "number_not_said")
    speaks_all(gateway, url, "choose")
    speaks_all(gateway, url, "choose_none", "?wrong=choice")

    form(gateway, f"{url}/choose", phone_number_id=str(done.phone_number_id))
    reaches(gateway, path, "register", "number_in_use")
    speaks_all(gateway, url, "stopped")
    gateway.panel("PUT", "/graph/decisions", {
        "on_consumer_whatsapp": None, "two_step_pins": {OWN: PIN},
        "without_payment": [done.waba_id],
    })  # fmt: skip
    form(gateway, f"{url}/retry")
    reaches(gateway, path, "register", "pin_mismatch")
    speaks_all(gateway, url, "pin")
    assert form(gateway, f"{url}/pin", pin="12345").url.endswith("?wrong=pin")
    speaks_all(gateway, url, "pin_wrong", "?wrong=pin")
    form(gateway, f"{url}/pin", pin="٣١٤١٥٩")
    reaches(gateway, path, "register", "pin_mismatch")
    speaks_all(gateway, url, "pin_refused")
    form(gateway, f"{url}/pin", pin=PIN)
    reaches(gateway, path, "payment", "payment_method_missing")
    speaks_all(gateway, url, "your_turn")

    gateway.panel("PUT", "/graph/decisions", {"without_payment": None})
    gateway.until(lambda: gateway.get(path)["status"], lambda it: it == "active")
    speaks_all(gateway, url, "name_waits")
    gateway.post(f"{path}/disconnect")
    speaks_all(gateway, url, "closed_page")


def numbered(gateway: Gateway, path: str, url: str) -> None:
    """What fails at the platform's end is said, and what nobody foresaw is quoted."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(WhatsAppCloudConnector, "exchange", _unforeseen)
        report(gateway, path, {"code": "AQBany"}, "signup", "never_heard_of")
    speaks_all(gateway, url, "other_problem")


def _unforeseen(*_: Any) -> str:
    raise Refused("never_heard_of", "Something that nobody foresaw.", who="operator")


def report(gateway: Gateway, path: str, what: Any, name: str, code: str | None = None) -> None:
    before = step(gateway, path, name)["attempts"]
    gateway.post(f"{path}/embedded-signup", what)
    gateway.until(
        lambda: step(gateway, path, name),
        lambda it: it["attempts"] > before and code in (None, it["error"]["code"]),
    )


def reaches(gateway: Gateway, path: str, name: str, code: str) -> None:
    gateway.until(
        lambda: step(gateway, path, name),
        lambda it: it["state"] in ("failed", "waiting") and it["error"]["code"] == code,
    )


def form(gateway: Gateway, url: str, **fields: str) -> Any:
    answer = gateway.session.post(url, data=fields, timeout=30)
    assert answer.status_code == 200, answer.text
    return answer
