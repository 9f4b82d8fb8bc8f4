"""What suppliers report of numbers whose activation is over."""

from urllib.parse import urlencode

from sqlalchemy import text

from gateway.database import router, tenant
from plugins.supplier_twilio.signature import sign
from tests.harness import TEST_SETTINGS, Desk

CODE = "482913"


def test_a_report_that_comes_again_after_the_activation_leaves_no_code(desk: Desk) -> None:
    url = f"{desk.gateway.url}/webhooks/suppliers/twilio/transcription"
    form = {"To": desk.line["phone_number"], "TranscriptionText": f"{CODE} {CODE}"}
    token = TEST_SETTINGS["GATEWAY_PROVIDERS__TWILIO__AUTH_TOKEN"]
    for _ in range(2):
        answer = desk.gateway.session.post(
            url,
            data=urlencode(form),
            headers={
                "Content-Type": "application/x-www-form-urlencoded",
                "X-Twilio-Signature": sign(token, url, list(form.items())),
            },
            timeout=30,
        )
        assert answer.status_code == 200
    with desk.gateway.app.app_context(), router() as session:
        kept = text("SELECT count(*) FROM inbound_raw WHERE url = :url AND body = :body")
        body = urlencode(form).encode()
        assert session.scalar(kept, {"url": url, "body": body}) == 1, "a replay is known"
    desk.gateway.work()

    with desk.gateway.app.app_context(), tenant(desk.client) as session:
        assert session.scalar(text("SELECT count(*) FROM heard_codes")) == 0
