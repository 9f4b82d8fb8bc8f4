"""What the conversation pages show, read from the services."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from gateway import clock
from gateway.console import words
from gateway.messaging import (
    app_talks,
    consent,
    downloads,
    inbox,
    media,
    outgoing,
    policy,
    present,
    service,
    template_parameters,
    template_text,
    templates,
)
from gateway.messaging.models import Media, Message, Template
from gateway.provisioning import numbers
from gateway.provisioning import service as provisioning
from gateway.tenancy import service as tenancy
from gateway.tenancy.models import Recruiter


@dataclass(frozen=True, kw_only=True)
class File:
    """What came along with a message. `is_shown` in place, else it is for downloading."""

    id: str
    kind: str
    title: str
    state: str
    is_shown: bool
    note: str | None


@dataclass(frozen=True, kw_only=True)
class Bubble:
    """A message of the thread. `placeholder` names what is not words; `why` explains its state.

    `asks`: the recruiter must say whether these words mean stop. `changed`: `edited` or `withdrawn`
    since.
    """

    id: str
    ours: bool
    author: str
    text: str
    placeholder: str | None
    file: File | None
    caption: str | None
    label: str | None
    changed: str | None
    status: str
    state: str
    why: str | None
    asks: bool
    at: Any


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A template that may be sent now, with what its blanks begin with."""

    name: str
    language: str
    title: str
    category: str
    text: str
    blanks: tuple[str, ...]


def listed(session: Session, client_id: str) -> dict[str, Any]:
    """The list of conversations."""
    known = _texts(session, client_id)
    now = clock.now()
    return {
        "talks": [
            {
                "id": entry.conversation.id,
                "name": entry.candidate.name,
                "preview": entry.last and _line(entry.last, known),
                "ours": entry.last is not None and entry.last.direction == "outbound",
                "at": entry.conversation.last_message_at,
                "open": policy.window_is_open(entry.conversation.last_inbound_at, now),
                "answered": entry.conversation.last_inbound_at is not None,
                "assigned": entry.conversation.recruiter_id is not None,
            }
            for entry in inbox.entries(session, client_id)
        ]
    }


def one(session: Session, client_id: str, talk_id: str) -> dict[str, Any]:
    """One conversation: its thread, its window, and what may be sent."""
    row = service.conversation(session, client_id, talk_id)
    talk = present.conversation(session, row)
    line = provisioning.line(session, client_id, row.line_id)
    number = numbers.number_of(session, row.line_id)
    people = {person.id: person for person in tenancy.recruiters(session, client_id)}
    recruiter = people.get(row.recruiter_id or "")
    company = tenancy.client(session, client_id)
    spoken = talk["candidate"].language or company.default_language
    known = _texts(session, client_id)
    names = {person.id: person.name for person in people.values()}
    messages = outgoing.messages(session, client_id, row.id)
    files = media.of(session, messages)
    changed = present.changes(session, messages)
    doubts = {message.id for message in consent.doubts(session, client_id, [row.id])}
    return {
        "talk": talk,
        "line": line,
        "line_number": number and number.phone_number,
        "recruiter": recruiter,
        "recruiters": [person for person in people.values() if person.left_at is None],
        "bubbles": [
            _bubble(
                message,
                talk["candidate"].name,
                names,
                known,
                files.get(message.media_id or ""),
                company=company.name,
                asks=message.id in doubts,
                changed=changed[message.id]["how"] if message.id in changed else None,
            )
            for message in messages
        ],
        "choices": [
            _choice(template, recruiter, company.name)
            for template in sorted(
                outgoing.usable_templates(session, row.client_id, row.line_id),
                key=lambda template: template.language != spoken,
            )
            if _is_fillable(template)
        ],
        "answered": row.last_inbound_at is not None,
        "left": _left(talk["reply_window"]),
    }


def active_lines(session: Session, client_id: str) -> list[tuple[str, str]]:
    """The lines that can write: id and number."""
    found = []
    for line in provisioning.lines(session, client_id):
        number = numbers.number_of(session, line.id)
        if line.status == "active" and number is not None:
            found.append((line.id, number.phone_number))
    return found


def _texts(session: Session, client_id: str) -> Mapping[tuple[str, str], Sequence[Any]]:
    rows = templates.all_of(session, client_id)
    return {(row.name, row.language): row.components for row in rows}


def _line(message: Message, known: Mapping[tuple[str, str], Sequence[Any]]) -> str:
    return _template_text(message, known) or present.preview(message)


def _template_text(message: Message, known: Mapping[tuple[str, str], Sequence[Any]]) -> str | None:
    if message.type != "template":
        return None
    name, language = message.content.get("name"), message.content.get("language", {}).get("code")
    components = known.get((str(name), str(language)))
    return template_text.filled(components, message.content) if components else None


def _bubble(
    message: Message,
    candidate: str,
    names: Mapping[str, str],
    known: Mapping[tuple[str, str], Sequence[Any]],
    file: Media | None,
    *,
    company: str,
    asks: bool,
    changed: str | None,
) -> Bubble:
    ours = message.direction == "outbound"
    is_words = message.type in ("text", "template", "button", "interactive")
    return Bubble(
        id=message.id,
        ours=ours,
        author=_author(message, names, company) if ours else candidate,
        text=_line(message, known),
        placeholder=None if is_words else message.type,
        file=_file(file, message) if file else None,
        caption=_caption(message, known),
        label="Introduction" if message.introduction else _label(message),
        changed=changed,
        status=message.status,
        state=words.MESSAGE.get(message.status, message.status),
        why=_why(message),
        asks=asks,
        at=message.created_at,
    )


def _author(message: Message, names: Mapping[str, str], company: str) -> str:
    """The recruiter; the company where it wrote in its own app."""
    if message.source is not None:
        return f"{company}, in the WhatsApp Business app"
    return names.get(message.recruiter_id or "", "Nobody")


def _file(row: Media, message: Message) -> File:
    title = row.filename or row.kind.capitalize()
    return File(
        id=row.id,
        kind=row.kind,
        title=title if message.type == "template" else present.preview(message),
        state=row.state,
        is_shown=downloads.is_shown(row),
        note=words.FILE.get(row.reason or row.state) or words.FILE.get(row.state),
    )


def _caption(message: Message, known: Mapping[tuple[str, str], Sequence[Any]]) -> str | None:
    """The words beside a file."""
    return _template_text(message, known) or message.content.get("caption")


def _label(message: Message) -> str | None:
    if message.source == app_talks.HISTORY:
        return "From before"
    return {"template": "Template", "button": "Button", "interactive": "Choice"}.get(message.type)


def _why(message: Message) -> str | None:
    """Why it is where it is, where that is not plain."""
    if message.status == "held":
        fallback = (message.error or {}).get("detail")
        return words.HELD.get(message.reason or "") or fallback or message.reason
    if message.reason in words.REASON:
        return words.REASON[message.reason]
    if message.status in ("failed", "unconfirmed", "queued") and message.error:
        return str(message.error.get("detail") or message.error.get("code"))
    return None


def _is_fillable(template: Template) -> bool:
    """Whether the page can send it: it asks for the blanks of the body alone."""
    blanks = ["…"] * template_text.blanks(template.components)
    content = templates.content(template.name, template.language, blanks)
    return template_parameters.check(template.components, content) is None


def _choice(template: Template, recruiter: Recruiter | None, company: str) -> Choice:
    count = template_text.blanks(template.components)
    known = [recruiter.name if recruiter else "", company]
    begins = known if template.name in words.TEMPLATE else []
    return Choice(
        name=template.name,
        language=template.language,
        title=words.TEMPLATE.get(template.name, template.name.replace("_", " ").capitalize()),
        category=template.category.lower(),
        text=template_text.body(template.components),
        blanks=tuple((begins + [""] * count)[:count]),
    )


def _left(window: Mapping[str, Any]) -> str | None:
    """How long the window stays open, in words."""
    if not window["open"]:
        return None
    minutes = int((window["closes_at"] - clock.now()).total_seconds() // 60)
    if minutes >= 60:
        return f"{minutes // 60} h {minutes % 60:02} min"
    return f"{minutes} min" if minutes else "less than a minute"
