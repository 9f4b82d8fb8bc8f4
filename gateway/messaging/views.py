"""Conversations, messages and templates over HTTP."""

from typing import Any

from flask import jsonify
from flask.typing import ResponseReturnValue
from flask_smorest import Blueprint

from gateway.api import client_scope
from gateway.messaging import (
    consent,
    downloads,
    media,
    outgoing,
    present,
    rehearsing,
    service,
    templates,
    writing,
)
from gateway.messaging.schemas import (
    AssignRequest,
    CandidatePatch,
    CandidateShown,
    ConversationQuery,
    ConversationRequest,
    ConversationShown,
    MessageQuery,
    MessageRequest,
    OptIn,
    OptOut,
    Rehearsal,
    TemplateShown,
)
from gateway.pages import listed, whole
from gateway.tenancy import service as tenancy
from gateway.tenancy.schemas import LeaveRequest, LeaveShown, RecruiterShown

blueprint = Blueprint("messaging", __name__, url_prefix="/v1/clients/<client_id>")


@blueprint.post("/recruiters/<recruiter_id>/leave")
@blueprint.arguments(LeaveRequest)
@blueprint.response(200, LeaveShown)
def leave(values: dict[str, Any], client_id: str, recruiter_id: str) -> dict[str, Any]:
    """One act: access ends and every conversation moves, history and all."""
    with client_scope(client_id) as session:
        row = tenancy.leave(session, client_id, recruiter_id, values["hand_over_to"])
        moved = service.hand_over(session, client_id, recruiter_id, values["hand_over_to"])
        shown = {name: getattr(row, name) for name in RecruiterShown().fields}
        return {**shown, "moved_conversations": len(moved)}


@blueprint.post("/conversations")
@blueprint.arguments(ConversationRequest)
@blueprint.alt_response(200, schema=ConversationShown, description="It exists already")
@blueprint.response(201, ConversationShown)
def open_conversation(values: dict[str, Any], client_id: str) -> Any:
    person = values["candidate"]
    opt_in = person["opt_in"] and _evidence(person["opt_in"])
    wanted = service.Opening(
        line_id=values["line_id"],
        recruiter_id=values["recruiter_id"],
        application_ref=values["application_ref"],
        **{**person, "opt_in": opt_in},
    )
    with client_scope(client_id) as session:
        row, is_new = service.open_conversation(session, client_id, wanted)
        return present.conversation(session, row), 201 if is_new else 200


def _evidence(opt_in: dict[str, Any]) -> dict[str, Any]:
    return {**opt_in, "obtained_at": opt_in["obtained_at"].isoformat()}


@blueprint.get("/conversations")
@blueprint.arguments(ConversationQuery, location="query")
@blueprint.response(200, listed(ConversationShown))
def list_conversations(query: dict[str, Any], client_id: str) -> dict[str, Any]:
    with client_scope(client_id) as session:
        rows = service.conversations(session, client_id, **query)
        return whole([present.conversation(session, row) for row in rows])


@blueprint.get("/conversations/<conversation_id>")
@blueprint.response(200, ConversationShown)
def show_conversation(client_id: str, conversation_id: str) -> dict[str, Any]:
    with client_scope(client_id) as session:
        return present.conversation(
            session, service.conversation(session, client_id, conversation_id)
        )


@blueprint.post("/conversations/<conversation_id>/assign")
@blueprint.arguments(AssignRequest)
@blueprint.response(200, ConversationShown)
def assign(values: dict[str, Any], client_id: str, conversation_id: str) -> dict[str, Any]:
    with client_scope(client_id) as session:
        row = service.assign(session, client_id, conversation_id, values["recruiter_id"])
        return present.conversation(session, row)


@blueprint.post("/conversations/<conversation_id>/messages")
@blueprint.arguments(MessageQuery, location="query")
@blueprint.arguments(MessageRequest)
@blueprint.alt_response(200, schema=Rehearsal, description="With dry_run: what would happen")
@blueprint.response(202)
def send(
    query: dict[str, Any], values: dict[str, Any], client_id: str, conversation_id: str
) -> ResponseReturnValue:
    kind = values["type"]
    with client_scope(client_id) as session:
        talk = service.conversation(session, client_id, conversation_id, lock=True)
        if query["dry_run"]:
            return jsonify(rehearsing.send(session, talk, type=kind, content=values[kind])), 200
        row = writing.send(session, talk, type=kind, content=values[kind])[-1]
        return jsonify(present.message(session, row)), 202


@blueprint.get("/conversations/<conversation_id>/messages")
@blueprint.response(200)
def list_messages(client_id: str, conversation_id: str) -> ResponseReturnValue:
    with client_scope(client_id) as session:
        talk = service.conversation(session, client_id, conversation_id)
        rows = outgoing.messages(session, client_id, talk.id)
        return jsonify(whole(present.messages(session, rows)))


@blueprint.get("/messages/<message_id>")
@blueprint.response(200)
def show_message(client_id: str, message_id: str) -> ResponseReturnValue:
    with client_scope(client_id) as session:
        row = outgoing.message(session, client_id, message_id)
        return jsonify(present.message(session, row))


@blueprint.post("/messages/<message_id>/cancel")
@blueprint.response(200)
def cancel(client_id: str, message_id: str) -> ResponseReturnValue:
    with client_scope(client_id) as session:
        row = outgoing.cancel(session, client_id, message_id)
        return jsonify(present.message(session, row))


@blueprint.get("/media/<media_id>")
@blueprint.response(200, content_type="application/octet-stream")
def download_media(client_id: str, media_id: str) -> ResponseReturnValue:
    """A file of the client's: what candidates sent, or what was handed in to be sent."""
    with client_scope(client_id) as session:
        return downloads.answer(session, media.media(session, client_id, media_id))


@blueprint.get("/candidates/<candidate_id>")
@blueprint.response(200, CandidateShown)
def show_candidate(client_id: str, candidate_id: str) -> Any:
    with client_scope(client_id) as session:
        return service.candidate(session, client_id, candidate_id)


@blueprint.patch("/candidates/<candidate_id>")
@blueprint.arguments(CandidatePatch)
@blueprint.response(200, CandidateShown)
def change_candidate(values: dict[str, Any], client_id: str, candidate_id: str) -> Any:
    """What the client knows better. A phone that is another candidate's may make the two one."""
    with client_scope(client_id) as session:
        return service.change_candidate(session, client_id, candidate_id, values)


@blueprint.post("/candidates/<candidate_id>/opt-out")
@blueprint.arguments(OptOut)
@blueprint.response(200, CandidateShown)
def opt_out(values: dict[str, Any], client_id: str, candidate_id: str) -> Any:
    """This person wants no more messages; nothing that has not left will."""
    with client_scope(client_id) as session:
        row = service.candidate(session, client_id, candidate_id)
        consent.opt_out(session, row, values["source"])
        return row


@blueprint.post("/candidates/<candidate_id>/opt-in")
@blueprint.arguments(OptIn)
@blueprint.response(200, CandidateShown)
def opt_in(values: dict[str, Any], client_id: str, candidate_id: str) -> Any:
    """This person agreed to be written to, marketing included: how and when."""
    with client_scope(client_id) as session:
        row = service.candidate(session, client_id, candidate_id)
        consent.opt_in(session, row, _evidence(values))
        return row


@blueprint.get("/templates")
@blueprint.response(200, listed(TemplateShown))
def list_templates(client_id: str) -> dict[str, Any]:
    with client_scope(client_id) as session:
        return whole(templates.all_of(session, client_id))
