"""What suppliers report: verified, stored, answered; the codes in it are heard by a job."""

import uuid
from datetime import UTC, datetime
from typing import Final

import structlog
from flask import Blueprint, Response, current_app, request

from gateway import inbound
from gateway.database import enter_tenant, router
from gateway.errors import ProviderError
from gateway.onboarding import papers_changed, service
from gateway.outbox import Again, Lease
from gateway.plugin_host import PluginHost
from gateway.problems import Problem, not_found
from gateway.provisioning import routes
from gateway.provisioning.capture_contract import ActsOnReports, CodeCapture, InboundReport
from gateway.provisioning.papers_contract import HearsOfPapers

HEAR = "onboarding.hear"
_MOST_ACTS: Final = 10  # a call rings for half a minute: what cannot be done by then is left
_SECONDS_BETWEEN_ACTS: Final = 2.0

log = structlog.get_logger()

blueprint = Blueprint("supplier_reports", __name__, url_prefix="/webhooks/suppliers")


@blueprint.post("/<supplier>/<kind>")
def report(supplier: str, kind: str) -> Response:
    """A call or a text reached one of our numbers."""
    if supplier not in _host().code_captures.names():
        raise not_found("supplier")
    capture = _capture(supplier)
    web = current_app.extensions["settings"].web
    query = f"?{request.query_string.decode()}" if request.query_string else ""
    arrived = InboundReport(
        kind=kind,
        url=f"{web.public_url}{request.path}{query}",
        headers={name.lower(): value for name, value in request.headers},
        body=request.get_data(),
    )
    if not capture.is_genuine(arrived):
        raise Problem(401, "invalid_signature", "The signature does not match the body.")
    inbound.store(
        topic=HEAR,
        provider=supplier,
        kind=kind,
        url=arrived.url,
        headers=arrived.headers,
        body=arrived.body,
        identity=capture.identity(arrived),
    )
    answer = capture.answer(arrived)
    return Response(answer.body, content_type=answer.content_type)


def hear(lease: Lease) -> Again | None:
    """Act on one report, and hand the codes in it to the activation of the number they reached."""
    raw_id = uuid.UUID(lease.key)
    with router() as session:
        raw = session.get(inbound.InboundRaw, raw_id)
        if raw is None or raw.routed_at is not None:
            return None
        provider = raw.provider
        report = InboundReport(kind=raw.kind, url=raw.url, headers=raw.headers, body=raw.body)
    capture = _capture(provider)
    try:
        if isinstance(capture, ActsOnReports):
            capture.act(report)
        if isinstance(capture, HearsOfPapers):
            papers_changed.judged(capture.papers_told(report))
    except ProviderError as error:
        log.warning("report_not_acted_on", kind=report.kind, code=error.code)
        if error.retryable and lease.attempts < _MOST_ACTS:
            return Again(after=_SECONDS_BETWEEN_ACTS, error=error.code)
    with router() as session:
        raw = session.get_one(inbound.InboundRaw, raw_id, with_for_update=True)
        if raw.routed_at is not None:
            return None
        codes = capture.hear(report)
        for code in codes:
            route = routes.route_of(session, phone_number=code.phone_number)
            if route:
                enter_tenant(session, route.client_id)
                service.heard(session, route.client_id, route.line_id, code)
        raw.body = b"" if codes else raw.body  # a code is kept where it is waited for alone
        raw.routed_at = datetime.now(UTC)
    return None


def _capture(name: str) -> CodeCapture:
    capture: CodeCapture = _host().code_captures.get(name)
    return capture


def _host() -> PluginHost:
    host: PluginHost = current_app.extensions["plugin_host"]
    return host
