"""What Telnyx charged, at its HTTP border: which stretches it is asked about, and exact sums."""

from datetime import UTC, date, datetime

import pytest
import responses

from gateway.plugin_api import HttpClient, ProviderError, Refused, TryAgain
from plugins.supplier_telnyx.supplier import TelnyxSupplier

URL = "https://api.telnyx.com/v2/charges_breakdown"
NUMBER = "+212520500001"


def test_a_stretch_is_asked_about_month_by_month_and_summed_up_exactly() -> None:
    supplier = TelnyxSupplier({"api_key": "key", "api_url": "https://api.telnyx.com"}, HttpClient())
    services = [
        {"name": "Phone number", "cost_type": "MRC", "cost": "1.10000"},
        {"name": "Messaging", "cost_type": "MRC", "cost": "0.20000"},
        {"name": "Phone number", "cost_type": "OTC", "cost": "0.70000"},
        {"name": "Lookup", "cost_type": "USAGE", "cost": "9.00000"},
    ]
    results = [{"tn": NUMBER, "charge_type": "new", "services": services}]
    with responses.RequestsMock() as telnyx:
        for since, until, found in (
            ("2026-10-30", "2026-11-01", []),
            ("2026-11-01", "2026-12-01", results),
            ("2026-12-01", "2026-12-02", []),
        ):
            asked = {"start_date": since, "end_date": until}
            told = {"data": {**asked, "currency": "USD", "results": found}}
            match = [responses.matchers.query_param_matcher(asked)]
            telnyx.get(URL, json=told, match=match)
        charges = supplier.usage(date(2026, 10, 30), date(2026, 12, 1))
    assert [(it.kind, it.quantity, it.money and it.money.as_json()) for it in charges] == [
        ("number_month", 1, {"amount": "1.30000", "currency": "USD"}),
        ("set_up", 1, {"amount": "0.70000", "currency": "USD"}),
    ]
    for charge in charges:
        assert charge.phone_number == NUMBER
        assert charge.starts_at == datetime(2026, 11, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "expected", "code"),
    [(200, TryAgain, "broken_answer"), (404, Refused, "supplier_refused")],
)
def test_an_answer_without_charges_is_no_bill_of_nothing(
    status: int, expected: type[ProviderError], code: str
) -> None:
    supplier = TelnyxSupplier({"api_key": "key", "api_url": "https://api.telnyx.com"}, HttpClient())
    with responses.RequestsMock() as telnyx:
        telnyx.get(URL, status=status, json={"message": "gone"})
        with pytest.raises(expected, match=code):
            supplier.usage(date(2026, 11, 1), date(2026, 11, 30))
