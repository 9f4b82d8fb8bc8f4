"""The control panel: play the people, move the clock, break things, see what really happened."""

from typing import Any

from flask import Blueprint, Flask, Response, current_app, jsonify, request
from werkzeug.exceptions import HTTPException

from gateway.sandbox.contract import Carrier, ChatNetwork
from gateway.sandbox.world import SandboxWorld

panel = Blueprint("panel", __name__)


class PanelError(Exception):
    """What was asked cannot be done; the detail says what can."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail


def mount_panel(app: Flask) -> None:
    """Serve the panel, and every unhandled error as `{error: {code, detail}}`."""
    app.register_blueprint(panel)
    app.register_error_handler(PanelError, _show_panel_error)
    app.register_error_handler(HTTPException, _show_http_error)


def world() -> SandboxWorld:
    """The world of this app."""
    found: SandboxWorld = current_app.extensions["sandbox"]
    return found


@panel.get("/healthz")
def healthz() -> Any:
    return {"status": "ok"}


@panel.get("/sandbox/phones/<phone>/messages")
def phone_messages(phone: str) -> Any:
    """What the phone received; `read`: what the person wrote and the phone shows as read."""
    phone = _e164(phone)
    return {"data": world().phone_messages(phone), "read": world().phone_read(phone)}


@panel.post("/sandbox/phones/<phone>/messages")
def person_writes(phone: str) -> Any:
    """Without `to`, the person answers whoever wrote last."""
    body = _body()
    to = _text(body, "to") if "to" in body else _wrote_last(_e164(phone))
    kind = _text(body, "type")
    content = body.get(kind)
    if not isinstance(content, dict):
        raise PanelError(422, "invalid", f"{kind} must be an object: what the person sends.")
    try:
        wamid = _network().person_writes(_e164(phone), to=_e164(to), type=kind, content=content)
    except LookupError as error:
        raise PanelError(404, "unknown_number", f"{to} is on no chat network.") from error
    except ValueError as error:
        raise PanelError(422, "invalid", f"{kind}.data must be the file in base64.") from error
    content = {name: value for name, value in content.items() if name != "data"}
    written = {"wamid": wamid, "to": _e164(to), "type": kind, kind: content}
    world().phone_wrote(_e164(phone), written)
    return {"wamid": wamid}, 201


@panel.get("/sandbox/phones/<phone>/contacts/<line>")
def contact_card(phone: str, line: str) -> Any:
    try:
        return _network().contact_card(_e164(phone), _e164(line))
    except LookupError as error:
        raise PanelError(404, "unknown_number", f"{line} is on no chat network.") from error


@panel.get("/sandbox/faults")
def show_faults() -> Any:
    return world().fault_panel.show()


@panel.put("/sandbox/faults")
def set_faults() -> Any:
    try:
        world().fault_panel.set(_body())
    except ValueError as error:
        raise PanelError(422, "invalid", str(error)) from error
    return world().fault_panel.show()


@panel.put("/sandbox/graph/decisions")
def decide() -> Any:
    decisions = _body()
    try:
        _network().decide(decisions)
    except ValueError as error:
        raise PanelError(422, "invalid", str(error)) from error
    return decisions


@panel.get("/sandbox/clock")
def show_clock() -> Any:
    clock = world().clock
    return {"now": clock.now().isoformat(), "offset_seconds": clock.offset_seconds}


@panel.put("/sandbox/clock")
def advance_clock() -> Any:
    seconds = _body().get("advance_seconds")
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or seconds < 0:
        raise PanelError(422, "invalid", "advance_seconds must be a number of seconds, 0 or more.")
    world().clock.advance(seconds)
    return show_clock()


@panel.post("/sandbox/numbers/<number>/sms")
def text_number(number: str) -> Any:
    body = _body()
    sender, said = _text(body, "sender"), _text(body, "body")
    if not world().text(_e164(number), sender=sender, body=said):
        raise PanelError(404, "not_reached", f"{number} is rented by nobody, or hears no texts.")
    return {"reached": True}, 202


@panel.post("/sandbox/numbers/<number>/call")
def call_number(number: str) -> Any:
    body = _body()
    caller, speech = _text(body, "caller"), _text(body, "speech")
    if not world().ring(_e164(number), caller=caller, speech=speech):
        raise PanelError(404, "not_reached", f"{number} is rented by nobody.")
    return {"reached": True}, 202


@panel.get("/sandbox/suppliers/<name>/ledger")
def ledger(name: str) -> Any:
    return {"data": _carrier(name).ledger()}


@panel.get("/sandbox/suppliers/<name>/papers")
def papers(name: str) -> Any:
    """The clients' papers that were handed in there, each submission once."""
    return {"data": _carrier(name).submissions()}


@panel.put("/sandbox/suppliers/<name>/decisions")
def decide_at_supplier(name: str) -> Any:
    """How reviews of papers end there: `{papers: approve|decline|hold, reason?}`."""
    _carrier(name)
    decisions = _body()
    if decisions.get("papers") not in ("approve", "decline", "hold"):
        raise PanelError(422, "invalid", "papers must be approve, decline or hold.")
    world().store.put("supplier_decisions", name, decisions)
    return decisions


@panel.get("/sandbox/groups")
def groups() -> Any:
    """Every group: whom it invited, who joined, and what reached whom."""
    return {"data": _network().groups()}


@panel.get("/sandbox/stats")
def stats() -> Any:
    calls: dict[str, int] = {}
    for network in world().chat_networks():
        calls |= network.stats()
    return {
        "calls": calls,
        "webhooks": world().deliveries.stats(),
        "telephony": world().telephony_stats(),
    }


def _carrier(name: str) -> Carrier:
    carriers = {carrier.supplier: carrier for carrier in world().carriers()}
    if name not in carriers:
        known = ", ".join(sorted(carriers)) or "none"
        raise PanelError(404, "unknown_supplier", f"No supplier {name!r} here. Known: {known}.")
    return carriers[name]


def _network() -> ChatNetwork:
    networks = world().chat_networks()
    if not networks:
        raise PanelError(409, "no_chat_network", "No simulator here plays a chat network.")
    return networks[0]


def _wrote_last(phone: str) -> str:
    received = world().phone_messages(phone)
    if not received:
        raise PanelError(422, "invalid", f"to must be a text: nobody wrote to {phone} yet.")
    return str(received[-1]["from"])


def _e164(number: str) -> str:
    digits = number.strip().removeprefix("+")
    if not digits.isdecimal():
        raise PanelError(422, "invalid", f"{number!r} is no phone number in E.164 form.")
    return f"+{digits}"


def _body() -> dict[str, Any]:
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise PanelError(400, "malformed", "The body must be a JSON object.")
    return body


def _text(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise PanelError(422, "invalid", f"{name} must be a text.")
    return value


def _show_panel_error(error: PanelError) -> tuple[Response, int]:
    return jsonify(error={"code": error.code, "detail": error.detail}), error.status


def _show_http_error(error: HTTPException) -> Response:
    code = error.name.lower().replace(" ", "_")
    response = jsonify(error={"code": code, "detail": error.description})
    response.status_code = error.code or 500
    response.headers.extend((k, v) for k, v in error.get_headers() if k == "Allow")
    return response
