"""Many made-up requests for every operation of the document: no server error, nothing undocumented.

The ids are those of an active line with an open conversation, so that good requests are accepted.
"""

import copy
import re
from collections.abc import Mapping
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import FailureGroup
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from sqlalchemy import text

from gateway import clock
from gateway.database import platform, tenant, vendor
from gateway.events import publishing
from gateway.ids import parse
from gateway.messaging import media, templates
from gateway.messaging.contract import TemplateState
from gateway.messaging.models import Conversation, Media, Message
from gateway.onboarding import service as onboarding
from gateway.onboarding.models import Signup
from gateway.provisioning import numbers, placing, routes
from gateway.provisioning import service as provisioning
from gateway.provisioning.contract import OwnedNumber
from gateway.tenancy import api_keys, documents
from gateway.tenancy import service as tenancy

EXAMPLES = {GenerationMode.POSITIVE: 12, GenerationMode.NEGATIVE: 4}
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
PHONE = "+212520000001"
ADDRESS = {"street": "1, rue Oued Ziz", "city": "Rabat"}
HOOKS = "https://93.184.216.34/hooks"  # looked up without asking anybody, and never called


@pytest.fixture
def key(app: Flask) -> str:
    with app.app_context():
        return api_keys.make(tenancy.create_vendor("Some vendor"), "tests")


@pytest.fixture
def known(app: Flask, key: str) -> Mapping[str, Any]:
    """What exists, or is taken, by the names under which the document asks for it.

    Under `operation.name` where an operation needs another than the rest: it brings it to an end.
    """
    client = app.test_client()
    headers = {"Authorization": f"Bearer {key}"}

    def post(path: str, body: Any) -> Any:
        answer = client.post(path, json=body, headers=headers)
        assert answer.status_code < 300, answer.text
        return answer.json

    client_id = post("/v1/clients", {"name": "Atlas", "country": "MA"})["id"]
    path = f"/v1/clients/{client_id}"
    recruiter = post(f"{path}/recruiters", {"name": "Sara", "email": "sara@example.com"})["id"]
    leaving = post(f"{path}/recruiters", {"name": "Ali", "email": "ali@example.com"})["id"]
    line, waiting, failed = (
        post(f"{path}/lines", {"case": "virtual-number"})["id"] for _ in range(3)
    )
    _activate(app, client_id, line)
    with app.app_context(), tenant(client_id) as session:
        onboarding.progress(session, client_id, failed).activation.state = "failed"
    own, ending = (post(f"{path}/lines", {"case": "embedded-signup"})["id"] for _ in range(2))
    _connect(app, client_id, ending)
    post(f"{path}/lines/{line}/groups", None)
    talk, other = (
        post(
            f"{path}/conversations",
            {
                "line_id": line,
                "recruiter_id": recruiter,
                "candidate": {"name": "Imane Tazi", "phone": phone},
            },
        )
        for phone in ("+212661000001", "+212661000002")
    )
    with app.app_context(), tenant(client_id) as session:
        session.get_one(Conversation, (client_id, talk["id"])).last_inbound_at = clock.now()
    ats = {"mapping": {"candidate.name": "/name", "candidate.phone": "/phone"}}
    connection, left = (
        post(
            f"{path}/ats-connections",
            {"adapter": "generic", "line_id": line, "recruiter_id": recruiter, "settings": ats},
        )["id"]
        for _ in range(2)
    )
    with app.app_context(), tenant(client_id) as session:
        heard = Message(
            client_id=client_id,
            conversation_id=talk["id"],
            line_id=line,
            direction="inbound",
            type="text",
            content={"body": "Yes"},
            status="received",
            wamid="wamid.heard",
            created_at=clock.now(),
        )
        session.add(heard)
        session.flush()
        heard_id = heard.id
    said = {"type": "text", "text": {"body": "Hello"}}
    endpoint, removed = (post("/v1/webhook-endpoints", {"url": HOOKS})["id"] for _ in range(2))
    return {
        "client_id": client_id,
        "connection_id": connection,
        "disconnect_ats.connection_id": left,
        "adapter": "generic",
        "settings": ats,
        "endpoint_id": endpoint,
        "delete_webhook_endpoint.endpoint_id": removed,
        "create_webhook_endpoint.url": HOOKS,
        "change_webhook_endpoint.url": HOOKS,
        "change_webhook_endpoint.enabled": True,
        "resend_events.event_id": _event(app),
        "recruiter_id": recruiter,
        "line_id": line,
        "conversation_id": talk["id"],
        "candidate_id": talk["candidate"]["id"],
        "media_id": _file(app, client_id),
        "month": _statement(app, client_id),
        "message_id": post(f"{path}/conversations/{talk['id']}/messages", said)["id"],
        "let_recruiter_leave.recruiter_id": leaving,
        "assign_conversation.conversation_id": other["id"],
        "mark_message_read.message_id": heard_id,
        "hand_over_to": recruiter,
        "enter_code.line_id": line,
        "retry_activation.line_id": failed,
        "cancel_activation.line_id": waiting,
        "sign_up.line_id": own,
        "sign_up.code": "AQB1",
        "disconnect_line.line_id": ending,
        "case": "virtual-number",
        "phone": "+212661000003",
        "file": "%PDF-1.4 a paper",
        "document_id": _bill(app, client_id),
        "budget_id": post(f"{path}/costs/budgets", {"amount": "9", "currency": "USD"})["id"],
        "registered_address": ADDRESS,
        "add_document.kind": "rc",
        "add_document.number": "123456",
        "add_document.issued_on": "2026-01-31",
        "add_document.expires_on": "2099-01-31",
    }


def _statement(app: Flask, client_id: str) -> str:
    """The month of a statement that can be closed."""
    with app.app_context(), platform() as session:
        session.execute(
            text("INSERT INTO cost_reporting_statements VALUES (:client, '2026-07')"),
            {"client": parse("cli", client_id)},
        )
    return "2026-07"


def _event(app: Flask) -> str:
    """An event that can be sent again."""
    with app.app_context():
        vendor_id = tenancy.vendors()[0].id
        publishing.publish(vendor_id)
        with vendor(vendor_id) as session:
            return publishing.published(session, vendor_id, after=0, limit=1)[0].id


def _bill(app: Flask, client_id: str) -> str:
    """A bill that a person may confirm."""
    with app.app_context(), tenant(client_id) as session:
        tenancy.update_client(session, client_id, {"registered_address": ADDRESS})
        says = {"issued_on": clock.now().date(), "address": "1 rue Oued Ziz, Rabat"}
        found = documents.add(
            session,
            client_id,
            kind="utility_bill",
            filename="bill.pdf",
            content_type="application/pdf",
            content=b"%PDF-1.4 a bill",
            says=says,
        )
        return found.paper.id


def _file(app: Flask, client_id: str) -> str:
    """A file that has been fetched."""
    with app.app_context(), tenant(client_id) as session:
        row = Media(
            client_id=client_id,
            kind="document",
            declared_type="application/pdf",
            mime_type="application/pdf",
            state="pending",
            created_at=clock.now(),
        )
        session.add(row)
        session.flush()
        media.keep(session, row, b"%PDF-1.4 a paper")
        return row.id


def _activate(app: Flask, client_id: str, line_id: str) -> None:
    """As an activation leaves a line, without the world in which one can run."""
    number = OwnedNumber(
        supplier_ref="PN1", phone_number=PHONE, hears=("VOICE",), monthly_price=None
    )
    with app.app_context():
        with tenant(client_id) as session:
            numbers.remember_number(session, client_id, line_id, "twilio", number)
            routes.route(session, line_id, "3300000000000001")
            provisioning.activate(session, client_id, line_id)
        placed = placing.place(line_id)
        with tenant(client_id) as session:
            for draft in templates.introductions("LinkoJob"):
                state = TemplateState(
                    name=draft.name, language=draft.language, category="UTILITY", status="APPROVED"
                )
                templates.record(session, client_id, placed["waba_id"], draft, state)


def _connect(app: Flask, client_id: str, line_id: str) -> None:
    """As a sign-up leaves a line, without the world in which one can be."""
    with app.app_context(), tenant(client_id) as session:
        provisioning.line(session, client_id, line_id).status = "active"
        session.add(
            Signup(
                client_id=client_id,
                line_id=line_id,
                changed_at=clock.now(),
                connection={"waba_id": "1", "portfolio_id": "2", "coexists": "no",
                            "phone_number_id": "3", "phone_number": "+212600000001"},
            )
        )  # fmt: skip


def test_no_request_is_answered_otherwise_than_the_document_says(
    app: Flask, key: str, known: Mapping[str, Any]
) -> None:
    document = schemathesis.openapi.from_wsgi("/openapi.json", app, config=SchemathesisConfig())
    wrong: list[str] = []
    met: set[tuple[str, str]] = set()
    operations = [found.ok() for found in document.get_all_operations()]
    for operation in operations:
        takes = {"requestBody", "parameters"} & operation.definition.raw.keys()
        for mode in EXAMPLES if takes else [GenerationMode.POSITIVE]:
            try:
                _fuzz(operation, mode, key, known, met)
            except FailureGroup as failures:
                wrong += [f"{operation.label}: {failure}" for failure in failures.exceptions]

    assert not wrong, "\n\n".join(wrong)
    good = {
        (operation.label, status)
        for operation in operations
        for status in operation.definition.raw["responses"]
        if status.startswith("2")
    }
    assert good - met == set(), "no request was answered so"


def _fuzz(
    operation: APIOperation,
    mode: GenerationMode,
    key: str,
    known: Mapping[str, Any],
    met: set[tuple[str, str]],
) -> None:
    name = operation.definition.raw["operationId"]
    own = {key.removeprefix(f"{name}."): value for key, value in known.items()}
    named = {name: own[name] for name in re.findall(r"{(\w+)}", operation.path)}

    def ask(case: Case) -> None:
        if mode is GenerationMode.POSITIVE:
            _name_known(case.body, own)
        answer = case.call_and_validate(headers={"Authorization": f"Bearer {key}"}, checks=CHECKS)
        met.add((operation.label, str(answer.status_code)))

    content = operation.definition.raw.get("requestBody", {}).get("content", {})
    shown = content.get("application/json", {}).get("example")
    if shown and mode is GenerationMode.POSITIVE:
        for query in ({}, *_switches(operation)):
            ask(
                operation.Case(
                    path_parameters=named,
                    query=query,
                    body=copy.deepcopy(shown),
                    media_type="application/json",
                )
            )

    @settings(
        max_examples=EXAMPLES[mode],
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(mode, path_parameters=named))
    def run(case: Case) -> None:
        ask(case)

    run()


def _switches(operation: APIOperation) -> list[dict[str, bool]]:
    """Each query that switches something on."""
    parameters = operation.definition.raw.get("parameters", ())
    return [
        {parameter["name"]: True}
        for parameter in parameters
        if parameter.get("in") == "query" and parameter["schema"].get("type") == "boolean"
    ]


def _name_known(body: Any, known: Mapping[str, Any]) -> None:
    """Put what is known where the body has made-up things."""
    if isinstance(body, list):
        for inner in body:
            _name_known(inner, known)
    for name in body if isinstance(body, dict) else ():
        if name in known:
            body[name] = known[name]
        else:
            _name_known(body[name], known)
