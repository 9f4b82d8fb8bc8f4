"""A number that is not free yet: what the client is told, in its language, and how it goes on."""

import re
from typing import Any

import psycopg
import pytest
from psycopg import sql

from gateway import secrets
from gateway.database import tenant
from gateway.onboarding import clean_number
from gateway.onboarding.clean_number.texts import Language
from gateway.problem_codes import CODES
from plugins.embedded_signup import registering
from plugins.whatsapp_cloud.simulator_refusals import REFUSALS
from tests.harness import Gateway, Servers, in_database
from tests.onboarding.popup import sign_up
from tests.onboarding.test_embedded_signup import active, begun, step

OWN = "+212600111003"
MEANT = {
    "already_added": "number_already_added",
    "banned": "number_banned",
    "ivr": "number_not_reachable",
    "limit": "number_limit_reached",
    "name": "name_against_rules",
    "too_many_codes": "too_many_codes",
    "too_many_tries": "too_many_tries",
}
SPOKEN = [clean_number.language(code) for code in ("ar", "en", "fr")]


def decide(gateway: Gateway, **decisions: Any) -> None:
    gateway.panel("PUT", "/graph/decisions", decisions)


def failed(gateway: Gateway, path: str) -> Any:
    return gateway.until(
        lambda: step(gateway, path, "register"), lambda one: one["state"] == "failed"
    )


def registrations(gateway: Gateway) -> int:
    return int(gateway.panel("GET", "/stats")["calls"].get("register", 0))


def test_where_the_number_lives_is_asked_and_each_answer_has_its_way_out(gateway: Gateway) -> None:
    client = gateway.client(default_language="fr")
    asked = gateway.get(f"/v1/clients/{client}/number-preflight")
    assert (asked["language"], asked["direction"]) == ("fr", "ltr")
    ways = {place["code"]: [way["code"] for way in place["ways"]] for place in asked["places"]}
    assert ways["business_app"] == ["coexist", "delete_account"]
    assert ways["consumer_app"][0] == "delete_account"
    assert all(way["steps"] for place in asked["places"] for way in place["ways"])
    assert {one["code"] for one in asked["said"]} == set(clean_number.SAID)

    arabic = gateway.get(f"/v1/clients/{client}/number-preflight?language=ar")
    assert (arabic["language"], arabic["direction"]) == ("ar", "rtl")

    nigeria = gateway.client("Lagos Haulage", country="NG")
    there = gateway.get(f"/v1/clients/{nigeria}/number-preflight")["places"]
    assert "coexist" not in {way["code"] for place in there for way in place["ways"]}


@pytest.mark.parametrize("spoken", SPOKEN, ids=lambda it: it.code)
def test_every_language_says_all_of_it(spoken: Language) -> None:
    for part in ("words", "places", "ways", "answers", "said"):
        assert getattr(spoken, part).keys() == getattr(SPOKEN[1], part).keys(), part
    if spoken.code == "ar":
        texts = [text for pair in spoken.answers.values() for text in pair]
        assert all(any("\u0600" <= sign <= "\u06ff" for sign in text) for text in texts)


def test_every_answer_is_to_a_code_of_ours(gateway: Gateway) -> None:
    known = gateway.app.extensions["plugin_host"].error_codes
    assert set(SPOKEN[1].answers) <= set(known) | set(CODES)


def test_a_number_in_use_goes_on_once_it_is_free_and_wastes_no_tries(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    decide(gateway, on_consumer_whatsapp=[OWN], unseen_in_popup=[OWN])
    path = begun(gateway, gateway.client(default_language="ar"))
    gateway.post(f"{path}/embedded-signup", sign_up(gateway, OWN).report)

    stopped = failed(gateway, path)
    assert (stopped["error"]["code"], stopped["who"]) == ("number_in_use", "client")
    assert (stopped["advice"]["language"], stopped["advice"]["direction"]) == ("ar", "rtl")
    assert stopped["advice"]["do"] == SPOKEN[0].answers["number_in_use"][1]
    assert registrations(gateway) == 1

    # Whoever presses at once, and again and again, waits for WhatsApp and spends nothing.
    decide(gateway, on_consumer_whatsapp=[])
    gateway.post(f"{path}/activation/retry")
    waiting = gateway.until(
        lambda: step(gateway, path, "register"), lambda one: one["state"] == "waiting"
    )
    assert (waiting["error"]["code"], waiting["who"]) == ("number_releasing", "gateway")
    assert gateway.request("POST", f"{path}/activation/retry").status_code == 409
    assert registrations(gateway) == 1

    monkeypatch.setattr(registering, "RELEASED_WITHIN", 0.0)
    active(gateway, path)
    assert registrations(gateway) == 2


def test_a_pin_from_elsewhere_is_the_clients_to_turn_off(gateway: Gateway) -> None:
    decide(gateway, two_step_pins={OWN: "999999"})
    path = begun(gateway, gateway.client(default_language="fr"))
    done = sign_up(gateway, OWN)
    gateway.post(f"{path}/embedded-signup", {"code": done.code})
    stopped = failed(gateway, path)
    assert (stopped["error"]["code"], stopped["who"]) == ("pin_mismatch", "client")
    late = {key: value for key, value in done.report.items() if key != "code"}
    assert gateway.request("POST", f"{path}/embedded-signup", late).status_code == 202
    assert "deux étapes" in stopped["advice"]["means"]

    decide(gateway, two_step_pins={})
    gateway.post(f"{path}/activation/retry")
    active(gateway, path)


def test_a_pin_is_entered_within_metas_tries_and_told_to_nobody(
    gateway: Gateway,
    servers: Servers,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    decide(gateway, two_step_pins={OWN: "271828"})
    client = gateway.client()
    path = begun(gateway, client)
    gateway.post(f"{path}/embedded-signup", sign_up(gateway, OWN).report)
    failed(gateway, path)
    url = gateway.get(path)["activation"]["signup_url"]

    wrong = [f"31415{last}" for last in range(9)]
    for count, pin in enumerate(wrong, start=2):
        gateway.session.post(f"{url}/pin", {"pin": pin}, timeout=30)
        failed(gateway, path)
        assert registrations(gateway) == count
    assert held_pin(gateway, client, path) is None  # what Meta refused is kept nowhere
    gateway.session.post(f"{url}/pin", {"pin": "271828"}, timeout=30)
    waiting = gateway.until(
        lambda: step(gateway, path, "register"), lambda one: one["state"] == "waiting"
    )
    assert (waiting["error"]["code"], registrations(gateway)) == ("attempts_used_up", 10)

    gateway.panel("PUT", "/clock", {"advance_seconds": 73 * 3600})
    active(gateway, path)
    assert held_pin(gateway, client, path) == "271828"
    written = stored(gateway, servers) + caplog.text + "".join(capfd.readouterr())
    assert path.rpartition("_")[2] in written
    assert re.findall(rf"(?<![\w.])(?:{'|'.join((*wrong, '271828'))})\b", written) == []
    late = gateway.session.post(f"{url}/pin", {"pin": "271828"}, timeout=30)
    assert late.status_code == 409


def held_pin(gateway: Gateway, client: str, path: str) -> str | None:
    with gateway.app.app_context(), tenant(client) as session:
        return secrets.read(session, client, f"pin:{path.rpartition('/')[2]}")


def stored(gateway: Gateway, servers: Servers) -> str:
    """All that the gateway's database holds, as text."""
    name = gateway.environment["GATEWAY_DATABASE__OWNER_URL"].rpartition("/")[2]
    with psycopg.connect(in_database(servers.admin_url, name)) as connection:
        tables = connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        ).fetchall()
        rows = [
            connection.execute(
                sql.SQL("SELECT coalesce(string_agg(t::text, ' '), '') FROM {} t").format(
                    sql.Identifier(table)
                )
            ).fetchone()
            for (table,) in tables
        ]
    return " ".join(str(row) for row in rows)


def test_what_metas_page_said_is_answered(gateway: Gateway) -> None:
    client = gateway.client()
    path = begun(gateway, client)
    said = {
        **{REFUSALS[reason]: code for reason, code in MEANT.items()},
        "This phone number is already registered with a WhatsApp account.": "number_in_use",
        "Something went wrong.": "signup_failed",
    }
    assert MEANT.keys() == REFUSALS.keys()
    for words, code in said.items():
        gateway.post(f"{path}/embedded-signup", {"event": "CANCEL", "error": words})
        seen = gateway.until(
            lambda: step(gateway, path, "signup"),
            lambda one: one["error"]["code"] == code,  # noqa: B023
        )
        assert seen["who"] == "client"
        assert seen["advice"]["do"] == SPOKEN[1].answers[code][1]

    gateway.post(f"{path}/embedded-signup", sign_up(gateway, OWN).report)
    active(gateway, path)
