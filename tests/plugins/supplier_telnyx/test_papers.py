"""Clients' papers at Telnyx's HTTP border: what its words and its statuses mean."""

from collections.abc import Iterator
from typing import Any

import pytest
import responses

from gateway.plugin_api import (
    Address,
    Business,
    HttpClient,
    InboundReport,
    OutcomeUnknown,
    PendingOrder,
    Refused,
    Submission,
)
from plugins.supplier_telnyx.captures import TelnyxCapture
from plugins.supplier_telnyx.requirements import asked
from plugins.supplier_telnyx.supplier import TelnyxSupplier

URL = "https://api.telnyx.com/v2"
SETTINGS = {"api_key": "key", "api_url": "https://api.telnyx.com", "client_papers": ["FR"]}
GROUP_ID = "5d2c0a1e-6b8f-4f0b-9a53-0c8a1d5f3e70"
SUBMISSION = Submission(
    reference="cli_1:FR:local:v1",
    country="FR",
    number_type="local",
    business=Business(
        name="Atlas Logistics SARL",
        address=Address(
            street="12, rue de Rivoli", city="Paris", postal_code=None, region=None, country="FR"
        ),
        register_number=None,
        tax_number=None,
    ),
    papers={},
)


@pytest.fixture
def telnyx() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as mock:
        yield mock


@pytest.fixture
def supplier() -> TelnyxSupplier:
    return TelnyxSupplier(SETTINGS, HttpClient())


def group(status: str) -> dict[str, Any]:
    return {"id": GROUP_ID, "status": status, "customer_reference": SUBMISSION.reference}


def wanted(*named: tuple[str, str]) -> dict[str, Any]:
    types = [{"id": f"r{n}", "name": name, "type": type_} for n, (name, type_) in enumerate(named)]
    return {"data": [{"action": "ordering", "requirements_types": types}]}


@pytest.mark.parametrize(
    ("name", "type_", "kind", "is_known"),
    [
        ("Proof of address", "document", "utility_bill", True),
        ("Company registration certificate", "document", "rc", True),
        ("VAT certificate", "document", "tax_id", True),
        ("Passport of the representative", "document", None, False),
        ("Business Registration Number", "textual", "rc", True),
        ("Tax identification number", "textual", "tax_id", True),
        ("Company name", "textual", None, True),
        ("Date of birth", "textual", None, False),
        ("Address matching the DID area code", "address", None, True),
        ("Local carrier visit", "action", None, False),
    ],
)
def test_which_paper_serves_is_told_by_the_words(
    name: str, type_: str, kind: str | None, is_known: bool
) -> None:
    [found] = asked(wanted((name, type_))["data"] * 2)
    assert (found.kind, found.is_known) == (kind, is_known)
    assert found.who(asks_clients=True) == ("client" if is_known else "operator")
    assert found.who(asks_clients=False) == "operator"


@pytest.mark.parametrize(
    ("name", "type_", "who"),
    [
        ("Passport of the representative", "document", "operator"),
        ("Local carrier visit", "action", "operator"),
        ("Business registration number", "textual", "client"),
        ("Proof of address", "document", "client"),
    ],
)
def test_what_nobody_gave_is_named_before_anything_is_made(
    telnyx: responses.RequestsMock, supplier: TelnyxSupplier, name: str, type_: str, who: str
) -> None:
    telnyx.get(f"{URL}/requirements", json=wanted(("Company name", "textual"), (name, type_)))
    telnyx.get(f"{URL}/requirement_groups", json=[])
    with pytest.raises(Refused) as refused:
        supplier.submit_papers(SUBMISSION)
    assert (refused.value.code, refused.value.who) == ("papers_missing", who)
    assert name in refused.value.detail


@pytest.mark.parametrize(
    ("status", "shown", "reasons"),
    [
        ("pending-approval", "pending", ()),
        ("approved", "approved", ()),
        ("declined", "declined", ("The bill is blurred.",)),
        ("expired", "declined", ("A paper is not valid any more.", "The bill is blurred.")),
        (
            "no-longer-eligible",
            "declined",
            (
                "Telnyx asks for other papers than when these were handed in.",
                "The bill is blurred.",
            ),
        ),
    ],
)
def test_a_status_is_read_with_its_reasons(
    telnyx: responses.RequestsMock,
    supplier: TelnyxSupplier,
    status: str,
    shown: str,
    reasons: tuple[str, ...],
) -> None:
    others = group("approved") | {"customer_reference": f"{SUBMISSION.reference}0"}
    telnyx.get(f"{URL}/requirement_groups", json=[others, group(status)])
    if shown == "declined":
        asked_of = {
            "filter[comment_record_type]": "requirement_group",
            "filter[comment_record_id]": GROUP_ID,
        }
        said = [
            {"commenter_type": "admin", "body": "The bill is blurred "},
            {"commenter_type": "user", "body": "Another one follows"},
        ]
        match = [responses.matchers.query_param_matcher(asked_of)]
        telnyx.get(f"{URL}/comments", json={"data": said}, match=match)
    found = supplier.find_papers(SUBMISSION.reference)
    assert found is not None
    assert (found.supplier_ref, found.status, found.reasons) == (GROUP_ID, shown, reasons)


def test_a_group_that_was_not_submitted_was_not_handed_in(
    telnyx: responses.RequestsMock, supplier: TelnyxSupplier
) -> None:
    telnyx.get(f"{URL}/requirement_groups", json=[group("unapproved")])
    assert supplier.find_papers(SUBMISSION.reference) is None


def test_a_group_that_telnyx_does_not_examine_beforehand_is_refused_in_its_words(
    telnyx: responses.RequestsMock, supplier: TelnyxSupplier
) -> None:
    telnyx.get(f"{URL}/requirements", json=wanted(("Company name", "textual")))
    telnyx.get(f"{URL}/requirement_groups", json=[group("unapproved")])
    telnyx.patch(f"{URL}/requirement_groups/{GROUP_ID}", json=group("unapproved"))
    problem = {"errors": [{"code": "10015", "detail": "Not supported in this country"}]}
    submit = f"{URL}/requirement_groups/{GROUP_ID}/submit_for_approval"
    telnyx.post(submit, status=422, json=problem)
    with pytest.raises(Refused) as refused:
        supplier.submit_papers(SUBMISSION)
    assert (refused.value.code, refused.value.provider_code) == ("supplier_refused", "10015")
    assert "Not supported in this country" in refused.value.detail


def test_an_unreadable_answer_to_a_group_leaves_open_whether_it_was_made(
    telnyx: responses.RequestsMock, supplier: TelnyxSupplier
) -> None:
    telnyx.get(f"{URL}/requirements", json=wanted(("Company name", "textual")))
    telnyx.get(f"{URL}/requirement_groups", json=[])
    telnyx.post(f"{URL}/requirement_groups", json={"data": {}})
    with pytest.raises(OutcomeUnknown, match="broken_answer"):
        supplier.submit_papers(SUBMISSION)


@pytest.mark.parametrize(
    ("met", "status", "code", "who"),
    [
        (True, "approved", None, "supplier"),
        (False, "requirement-info-under-review", "papers_in_review", "supplier"),
        (False, "requirement-info-exception", "papers_declined", "operator"),
    ],
)
def test_an_order_that_waits_for_papers_says_so(
    telnyx: responses.RequestsMock,
    supplier: TelnyxSupplier,
    met: bool,
    status: str,
    code: str | None,
    who: str,
) -> None:
    order = {
        "status": "pending",
        "customer_reference": "line_1",
        "sub_number_orders_ids": ["s1"],
        "requirements_met": met,
        "phone_numbers": [{"phone_number": "+33180000001", "requirements_status": status}],
    }
    telnyx.get(f"{URL}/number_orders", json={"data": [order]})
    found = supplier.find("line_1")
    assert isinstance(found, PendingOrder)
    assert (found.code, found.who, found.supplier_ref) == (code, who, "order:s1")


@pytest.mark.parametrize(
    ("event", "payload"),
    [
        ("requirement_group.status_updated", b'{"id": "../documents"}'),
        ("requirement_group.status_updated", b'{"id": 7}'),
        ("number_order.complete", b'{"id": "5d2c0a1e-6b8f-4f0b-9a53-0c8a1d5f3e70"}'),
    ],
)
def test_a_report_of_something_else_is_of_no_papers(event: str, payload: bytes) -> None:
    body = b'{"data": {"event_type": "%s", "payload": %s}}' % (event.encode(), payload)
    report = InboundReport(kind="papers", url="", headers={}, body=body)
    capture = TelnyxCapture(SETTINGS | {"api_url": "http://127.0.0.1:1"}, HttpClient())
    assert capture.papers_told(report) == ()  # it would not be reached
