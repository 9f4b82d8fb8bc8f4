"""Conversations, messages and templates over HTTP."""

from typing import Any

from flask import jsonify, request
from flask.typing import ResponseReturnValue
from flask_smorest import Blueprint

from gateway.api import by_parts, client_scope
from gateway.messaging import (
    batches,
    consent,
    downloads,
    examples,
    media,
    outgoing,
    present,
    reading,
    rehearsing,
    service,
    templates,
    writing,
)
from gateway.messaging.batch_schemas import BatchRequest, BatchShown
from gateway.messaging.candidate_schemas import (
    CandidatePatch,
    CandidateShown,
    OptIn,
    OptOut,
    evidence,
)
from gateway.messaging.models import Media
from gateway.messaging.schemas import (
    AssignRequest,
    ConversationQuery,
    ConversationRequest,
    ConversationShown,
    MediaShown,
    MediaUpload,
    MessageQuery,
    MessageRequest,
    MessageShown,
    Rehearsal,
    TemplateShown,
    opening,
)
from gateway.openapi import refusals
from gateway.pages import listed, whole
from gateway.problem_codes import POLICY
from gateway.problems import Problem
from gateway.tenancy import service as tenancy
from gateway.tenancy.schemas import LeaveRequest, LeaveShown, RecruiterShown

blueprint = Blueprint("messaging", __name__, url_prefix="/v1/clients/<client_id>")


@blueprint.post("/recruiters/<recruiter_id>/leave")
@blueprint.doc(**refusals("recruiter_left", "hand_over_to_oneself"))
@blueprint.arguments(LeaveRequest, required=False)
@blueprint.response(200, LeaveShown)
def let_recruiter_leave(
    values: dict[str, Any], client_id: str, recruiter_id: str
) -> dict[str, Any]:
    """One act: access ends and every conversation moves, history and all."""
    with client_scope(client_id) as session:
        row = tenancy.leave(session, client_id, recruiter_id, values["hand_over_to"])
        moved = service.hand_over(session, client_id, recruiter_id, values["hand_over_to"])
        shown = {name: getattr(row, name) for name in RecruiterShown().fields}
        return {**shown, "moved_conversations": len(moved)}


@blueprint.post("/conversations")
@blueprint.doc(
    **refusals(
        "line_not_active", "line_released", "recruiter_left", "invalid_phone_number", *POLICY
    )
)
@blueprint.arguments(ConversationRequest, example=examples.OPENING)
@blueprint.alt_response(200, schema=ConversationShown, description="It exists already")
@blueprint.response(201, ConversationShown)
def open_conversation(values: dict[str, Any], client_id: str) -> Any:
    """Open a conversation with a candidate; the server introduces the recruiter by itself.

    The same line and candidate again: the existing conversation, with the application added.
    """
    with client_scope(client_id) as session:
        row, is_new = service.open_conversation(session, client_id, opening(values))
        return present.conversation(session, row), 201 if is_new else 200


@blueprint.post("/conversations/batch")
@blueprint.doc(**refusals("batches_in_flight"))
@blueprint.arguments(BatchRequest, example=examples.BATCH)
@blueprint.response(200, BatchShown)
@by_parts
def open_conversations(values: dict[str, Any], client_id: str) -> ResponseReturnValue:
    """Open up to 1,000 conversations at once, each as if it were asked for alone.

    What is refused says why in its place, with the status and the problem that it would have met,
    and keeps nothing else from happening.
    """
    return jsonify(data=batches.open_all(client_id, values["conversations"]))


@blueprint.get("/conversations")
@blueprint.arguments(ConversationQuery, location="query")
@blueprint.response(200, listed(ConversationShown))
def list_conversations(query: dict[str, Any], client_id: str) -> dict[str, Any]:
    """The client's conversations, those of one recruiter or line if named."""
    with client_scope(client_id) as session:
        rows = service.conversations(session, client_id, **query)
        return whole(present.conversations(session, rows))


@blueprint.get("/conversations/<conversation_id>")
@blueprint.response(200, ConversationShown)
def show_conversation(client_id: str, conversation_id: str) -> dict[str, Any]:
    """One conversation: its candidate, its introduction and its reply window."""
    with client_scope(client_id) as session:
        return present.conversation(
            session, service.conversation(session, client_id, conversation_id)
        )


@blueprint.post("/conversations/<conversation_id>/assign")
@blueprint.doc(**refusals("recruiter_left"))
@blueprint.arguments(AssignRequest)
@blueprint.response(200, ConversationShown)
def assign_conversation(
    values: dict[str, Any], client_id: str, conversation_id: str
) -> dict[str, Any]:
    """Give a conversation to a recruiter, or to nobody."""
    with client_scope(client_id) as session:
        row = service.assign(session, client_id, conversation_id, values["recruiter_id"])
        return present.conversation(session, row)


@blueprint.post("/conversations/<conversation_id>/messages")
@blueprint.doc(
    **refusals(
        *("line_not_active", "line_released", "conversation_unassigned", "message_state", *POLICY),
        *("template_parameters", "unknown_message", "message_too_old", "unusable_media", "expired"),
    )
)
@blueprint.arguments(MessageQuery, location="query")
@blueprint.arguments(MessageRequest, example=examples.MESSAGE)
@blueprint.alt_response(200, schema=Rehearsal, description="With dry_run: what would happen")
@blueprint.response(202, MessageShown)
def send_message(
    query: dict[str, Any], values: dict[str, Any], client_id: str, conversation_id: str
) -> ResponseReturnValue:
    """Write to the candidate: accepted and queued, or refused with what may be sent instead.

    Whoever the candidate does not know yet is introduced first. `dry_run` tells what sending
    would do and cost; nothing of it happens.
    """
    kind = values["type"]
    wanted = {
        "type": kind,
        "content": values[kind],
        "context": values.get("context"),
        "hold_until": writing.hold_until(values),
    }
    with client_scope(client_id) as session:
        talk = service.conversation(session, client_id, conversation_id, lock=True)
        if query["dry_run"]:
            return jsonify(rehearsing.send(session, talk, **wanted)), 200
        row = writing.send(session, talk, **wanted)[-1]
        return jsonify(present.message(session, row)), 202


@blueprint.get("/conversations/<conversation_id>/messages")
@blueprint.response(200, listed(MessageShown))
def list_messages(client_id: str, conversation_id: str) -> ResponseReturnValue:
    """The newest 500 messages of a conversation, oldest first."""
    with client_scope(client_id) as session:
        talk = service.conversation(session, client_id, conversation_id)
        rows = outgoing.messages(session, client_id, talk.id)
        return jsonify(whole(present.messages(session, rows)))


@blueprint.get("/messages/<message_id>")
@blueprint.response(200, MessageShown)
def show_message(client_id: str, message_id: str) -> ResponseReturnValue:
    """One message: its content, and how far it came."""
    with client_scope(client_id) as session:
        row = outgoing.message(session, client_id, message_id)
        return jsonify(present.message(session, row))


@blueprint.post("/messages/<message_id>/cancel")
@blueprint.doc(**refusals("message_state"))
@blueprint.response(200, MessageShown)
def cancel_message(client_id: str, message_id: str) -> ResponseReturnValue:
    """Take back a message that has not left."""
    with client_scope(client_id) as session:
        row = outgoing.cancel(session, client_id, message_id)
        return jsonify(present.message(session, row))


@blueprint.post("/messages/<message_id>/read")
@blueprint.doc(**refusals("message_state"))
@blueprint.response(202, MessageShown)
def mark_message_read(client_id: str, message_id: str) -> ResponseReturnValue:
    """Show the candidate that this message was read; once, however often it is asked for."""
    with client_scope(client_id) as session:
        row = reading.mark(session, outgoing.message(session, client_id, message_id))
        return jsonify(present.message(session, row)), 202


@blueprint.post("/media")
@blueprint.doc(
    requestBody={"content": {"multipart/form-data": {"schema": MediaUpload}}},
    **refusals("unsupported_media", "media_too_large"),
)
@blueprint.response(201, MediaShown)
def add_media(client_id: str) -> Media:
    """Hand in a file as multipart form data (`file`), to be sent by its id."""
    upload = request.files.get("file")
    if upload is None:
        raise Problem(422, "invalid_request", "Send the file as `file`.", pointer="/file")
    with client_scope(client_id) as session:
        return media.add(
            session,
            client_id,
            filename=upload.filename or "",
            declared=upload.mimetype,
            content=upload.read(),
        )


@blueprint.get("/media/<media_id>")
@blueprint.doc(**refusals("media_pending", "media_expired", "media_failed"))
@blueprint.response(200, {"type": "string", "format": "binary"}, content_type="*/*")
def download_media(client_id: str, media_id: str) -> ResponseReturnValue:
    """A file of the client's: what candidates sent, or what was handed in to be sent."""
    with client_scope(client_id) as session:
        return downloads.answer(session, media.media(session, client_id, media_id))


@blueprint.get("/candidates/<candidate_id>")
@blueprint.response(200, CandidateShown)
def show_candidate(client_id: str, candidate_id: str) -> Any:
    """One candidate: a person as this client knows them."""
    with client_scope(client_id) as session:
        return service.candidate(session, client_id, candidate_id)


@blueprint.patch("/candidates/<candidate_id>")
@blueprint.doc(**refusals("phone_of_another_candidate", "invalid_phone_number"))
@blueprint.arguments(CandidatePatch)
@blueprint.response(200, CandidateShown)
def change_candidate(values: dict[str, Any], client_id: str, candidate_id: str) -> Any:
    """Correct what is known of a candidate.

    A phone that is another candidate's may make the two one."""
    with client_scope(client_id) as session:
        return service.change_candidate(session, client_id, candidate_id, values)


@blueprint.post("/candidates/<candidate_id>/opt-out")
@blueprint.arguments(OptOut, required=False)
@blueprint.response(200, CandidateShown)
def opt_out(values: dict[str, Any], client_id: str, candidate_id: str) -> Any:
    """Record that this person wants no more messages; nothing that has not left will."""
    with client_scope(client_id) as session:
        row = service.candidate(session, client_id, candidate_id)
        consent.opt_out(session, row, values["source"])
        return row


@blueprint.post("/candidates/<candidate_id>/opt-in")
@blueprint.arguments(OptIn)
@blueprint.response(200, CandidateShown)
def opt_in(values: dict[str, Any], client_id: str, candidate_id: str) -> Any:
    """Record that this person agreed to be written to, marketing included: how and when."""
    with client_scope(client_id) as session:
        row = service.candidate(session, client_id, candidate_id)
        consent.opt_in(session, row, evidence(values))
        return row


@blueprint.get("/templates")
@blueprint.response(200, listed(TemplateShown))
def list_templates(client_id: str) -> dict[str, Any]:
    """The message templates of the client's lines, as they stand at Meta."""
    with client_scope(client_id) as session:
        return whole(templates.all_of(session, client_id))
