"""A page that looks like a phone, to play a candidate by hand."""

from typing import Any, Final

from flask import Blueprint, Response, current_app, make_response, render_template, request

from gateway.sandbox.bubbles import bubble
from gateway.sandbox.world import SandboxWorld

phone_page: Final = Blueprint(
    "phone_page",
    __name__,
    template_folder="templates",
    static_folder="static",
    static_url_path="/sandbox/static",
)


@phone_page.get("/sandbox/phone/<phone>")
def show(phone: str) -> Response:
    """The phone of one person, with the chat of one line: `?line=`, or whoever wrote last."""
    world: SandboxWorld = current_app.extensions["sandbox"]
    phone = _e164(phone)
    everything = world.phone_chats(phone)
    partners = [_partner(message) for message in everything]
    line = _e164(request.args["line"]) if request.args.get("line") else None
    line = line or next(reversed(partners), None)
    seen = frozenset(world.phone_read(phone))
    chat = [bubble(message, seen) for message in everything if _partner(message) == line]
    part = "_chat" if request.args.get("fragment") == "chat" else "phone"
    response = make_response(
        render_template(
            f"sandbox/{part}.html",
            phone=phone,
            line=line,
            card=_card(world, phone, line) if line else None,
            others=[other for other in dict.fromkeys(partners) if other != line],
            chat=chat,
        )
    )
    response.headers["Content-Security-Policy"] = (
        "default-src 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
    )
    return response


def _card(world: SandboxWorld, phone: str, line: str) -> dict[str, Any] | None:
    for network in world.chat_networks():
        try:
            return network.contact_card(phone, line)
        except LookupError:
            continue
    return None


def _partner(message: dict[str, Any]) -> str:
    return _e164(str(message.get("to") or message["from"]))


def _e164(number: str) -> str:
    return "+" + "".join(filter(str.isdecimal, number))
