"""From what a recruiter asks to send to what can leave: the files and messages it names."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway import clock
from gateway.ids import InvalidId
from gateway.messaging import file_types, media, template_parameters
from gateway.messaging.limits import FILES, REACTION_REACHES
from gateway.messaging.models import Conversation, Media, Message, Template
from gateway.problems import Problem

_NOT_ANSWERABLE: Final = ("reaction", "system")


@dataclass(frozen=True, kw_only=True)
class Composed:
    """A message that fits. Its files still have our ids; messages have the platform's."""

    content: dict[str, Any]
    media_id: str | None = None
    context_wamid: str | None = None


def compose(
    session: Session,
    talk: Conversation,
    *,
    type: str,
    content: Mapping[str, Any],
    context: Mapping[str, Any] | None,
    template: Template | None,
) -> Composed:
    """Find what the content names, or say what does not fit (422 with a pointer)."""
    if template is not None:
        wrong = template_parameters.check(template.components, content)
        if wrong is not None:
            raise Problem(422, "template_parameters", wrong.detail, pointer=wrong.pointer)
    ready = dict(content)
    quoted = context and _target(session, talk, context, "/context/message_id")
    if type == "reaction":
        target = _target(session, talk, content, "/reaction/message_id")
        _check_age(target)
        ready["message_id"] = target.wamid
    file = _file(session, talk, type, ready)
    if file is not None and type == "document":
        ready.setdefault("filename", file.filename or file.id)
    return Composed(
        content=ready,
        media_id=file.id if file else None,
        context_wamid=quoted.wamid if quoted else None,
    )


def _target(
    session: Session, talk: Conversation, named: Mapping[str, Any], pointer: str
) -> Message:
    """A message of this very conversation, by our id or its wamid."""
    given = named["message_id"]
    query = select(Message).where(
        Message.client_id == talk.client_id, Message.conversation_id == talk.id
    )
    column = Message.wamid if given.startswith("wamid.") else Message.id
    try:
        found = session.scalars(query.where(column == given)).first()
    except InvalidId:
        found = None
    if found is None or found.type in _NOT_ANSWERABLE:
        detail = "This conversation has no such message, or none that can be answered to."
        raise Problem(422, "unknown_message", detail, pointer=pointer)
    if found.wamid is None:
        raise Problem(409, "message_state", "That message has not reached WhatsApp yet.")
    return found


def _check_age(target: Message) -> None:
    if clock.now() - target.created_at > REACTION_REACHES:
        detail = f"A reaction reaches back {REACTION_REACHES.days} days; this message is older."
        raise Problem(422, "message_too_old", detail, pointer="/reaction/message_id")


def _file(
    session: Session, talk: Conversation, type: str, content: Mapping[str, Any]
) -> Media | None:
    """The one file that a message carries: its own, or that of a template's header."""
    for kind, named, pointer in _named_files(type, content):
        row = _find(session, talk.client_id, named["id"])
        limit = FILES[kind]
        wrong = None
        if row is None:
            wrong = "There is no such file: hand it in first, by POST …/media."
        elif row.state != "stored" or row.reason == media.MISMATCH:
            wrong = f"The file cannot be sent: {row.reason or row.state}."
        elif file_types.base(row.mime_type) not in limit.types:
            wrong = f"As {kind} WhatsApp takes {', '.join(limit.types)}; this is {row.mime_type}."
        elif (row.size or 0) > limit.most_bytes:
            wrong = f"As {kind} a file has up to {limit.most_bytes} bytes."
        elif named.get("voice") and file_types.base(row.mime_type) != "audio/ogg":
            wrong = "A voice note is Ogg with Opus; send other sound without `voice`."
        if wrong:
            raise Problem(422, "unusable_media", wrong, pointer=f"{pointer}/id")
        return row
    return None


def _named_files(
    type: str, content: Mapping[str, Any]
) -> Iterator[tuple[str, Mapping[str, Any], str]]:
    if type in FILES:
        yield type, content, f"/{type}"
    if type != "template":
        return
    for place, component in enumerate(content["components"]):
        for position, parameter in enumerate(component["parameters"]):
            kind = parameter["type"]
            if kind in FILES:
                pointer = f"/template/components/{place}/parameters/{position}/{kind}"
                yield kind, parameter[kind], pointer


def _find(session: Session, client_id: str, media_id: str) -> Media | None:
    try:
        return session.get(Media, (client_id, media_id))
    except InvalidId:
        return None
