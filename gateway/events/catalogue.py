"""Every type of event: when it is recorded, and the schema of its data."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from marshmallow import Schema, fields

from gateway.events.cost_events import AnomalyEvent
from gateway.events.line_events import (
    LineActivatedEvent,
    LineAuthorisationEvent,
    LineEvent,
    LineHealthEvent,
    LineNamedEvent,
    LineNameRefusedEvent,
    LineNumberReplacedEvent,
    LineReleasedEvent,
    LineReleaseEvent,
    LineResumedEvent,
    LineSuspendedEvent,
    NumberGivenBackEvent,
)
from gateway.shapes import SOMETIMES, Shown

LONGEST_PREVIEW: Final = 4096  # what the platform allows a text, and small enough to push


class RecruiterEvent(Shown):
    recruiter_id = fields.String()


class ConversationEvent(Shown):
    conversation_id = fields.String()
    line_id = fields.String()
    candidate_id = fields.String()
    recruiter_id = fields.String(allow_none=True)


class MessageEvent(ConversationEvent):
    message_id = fields.String()


class MessageCreatedEvent(MessageEvent):
    """`reason` is why it is held; `introduction` marks the server's own."""

    type = fields.String()
    status = fields.String()
    reason = fields.String(allow_none=True)
    introduction = fields.Boolean()


class MessageReceivedEvent(MessageEvent):
    """`preview` is what was written, or the name of what was sent."""

    at = fields.AwareDateTime()
    type = fields.String()
    preview = fields.String(metadata={"maxLength": LONGEST_PREVIEW})


class MessageHeldEvent(MessageEvent):
    """`reason` is why it waits, `not_before` until when, where that is known."""

    reason = fields.String()
    not_before = fields.AwareDateTime(allow_none=True)


class MessageStatusEvent(MessageEvent):
    """`at` is Meta's own time of the status; `category` is what Meta charges the message as,
    `application_ref` the newest application of its conversation, `template_id` the template that
    was sent."""

    at = fields.AwareDateTime()
    category = fields.String(allow_none=True)
    pricing_type = fields.String(allow_none=True)
    country = fields.String(allow_none=True)
    application_ref = fields.String(allow_none=True)
    template_id = fields.String(allow_none=True)


class MessageFailedEvent(MessageEvent):
    """The rest comes with it where WhatsApp took the message and could not deliver it."""

    code = fields.String()
    detail = fields.String(allow_none=True)
    provider_code = fields.String(allow_none=True)
    at = fields.AwareDateTime(metadata=SOMETIMES)
    category = fields.String(allow_none=True, metadata=SOMETIMES)
    pricing_type = fields.String(allow_none=True, metadata=SOMETIMES)
    country = fields.String(allow_none=True, metadata=SOMETIMES)
    application_ref = fields.String(allow_none=True, metadata=SOMETIMES)
    template_id = fields.String(allow_none=True, metadata=SOMETIMES)


class MessageCancelledEvent(MessageEvent):
    """`reason` is null where a person took it back."""

    reason = fields.String(allow_none=True)


class CandidateEvent(Shown):
    candidate_id = fields.String()


class CandidateConsentEvent(CandidateEvent):
    """`scope` is all messages, or marketing alone; `source` who said so."""

    scope = fields.String()
    source = fields.String()


class CandidateMergedEvent(CandidateEvent):
    merged_candidate_id = fields.String()


class MergeSuspectedEvent(CandidateEvent):
    other_candidate_id = fields.String()


class ConversationMergedEvent(Shown):
    conversation_id = fields.String()
    merged_conversation_id = fields.String()


class MediaEvent(MessageEvent):
    """`reason` is what is odd about the file, or why it will never come."""

    media_id = fields.String()
    reason = fields.String(allow_none=True)


class AtsDeliveryEvent(Shown):
    connection_id = fields.String()
    delivery_id = fields.String()
    code = fields.String()


class TemplateEvent(Shown):
    template_id = fields.String()
    name = fields.String()
    language = fields.String()
    status = fields.String()
    category = fields.String()
    previous_status = fields.String()
    previous_category = fields.String()


class BudgetEvent(Shown):
    """`line_id` is null where it is of all the client's lines; `percent` is 50, 80 or 100."""

    budget_id = fields.String()
    line_id = fields.String(allow_none=True)
    month = fields.String()
    percent = fields.Integer()
    amount = fields.String()
    currency = fields.String()
    spent = fields.String()
    stops_marketing = fields.Boolean()


TYPES: Final[Mapping[str, tuple[str, type[Schema]]]] = MappingProxyType(
    {
        "line.activated": ("A line became active.", LineActivatedEvent),
        "line.activation_failed": ("An activation stopped; somebody must act.", LineEvent),
        "line.display_name_decided": ("Meta decided on a line's name.", LineNamedEvent),
        "line.display_name_refused": (
            "Meta refused a line's name; the one it shows stays.",
            LineNameRefusedEvent,
        ),
        "line.number_replaced": (
            "A line got another number: introductions come again, the old one answers for a while.",
            LineNumberReplacedEvent,
        ),
        "line.rent_moved": (
            "A line's number is rented of another supplier; nothing else changed.",
            LineActivatedEvent,
        ),
        "number.given_back": (
            "A number that Meta held on to went back to its supplier; told to the platform alone.",
            NumberGivenBackEvent,
        ),
        "number.pooled": (
            "A number that Meta held on to is prepared for another client; told to the platform"
            " alone.",
            NumberGivenBackEvent,
        ),
        "line.suspended": ("A line may not send any more.", LineSuspendedEvent),
        "line.resumed": ("A suspended line may send again.", LineResumedEvent),
        "line.authorisation_expiring": (
            "A client's own authorisation ends soon; told every few days until it is renewed.",
            LineAuthorisationEvent,
        ),
        "line.health_changed": (
            "A line stands better or worse with Meta; told once for each change.",
            LineHealthEvent,
        ),
        "line.release_requested": ("A line is to be given up.", LineReleaseEvent),
        "line.release_cancelled": ("A line is kept after all.", LineEvent),
        "line.released": ("A line was given up.", LineReleasedEvent),
        "recruiter.left": ("A recruiter left.", RecruiterEvent),
        "conversation.opened": (
            "A conversation began: a recruiter opened it, or a candidate wrote first.",
            ConversationEvent,
        ),
        "conversation.assigned": (
            "A conversation got another recruiter, or none.",
            ConversationEvent,
        ),
        "conversation.merged": (
            "Two conversations of one person became one.",
            ConversationMergedEvent,
        ),
        "message.created": ("A message was queued, or is held.", MessageCreatedEvent),
        "message.held": ("A message that was about to leave waits.", MessageHeldEvent),
        "message.received": ("A candidate wrote.", MessageReceivedEvent),
        "message.echoed": (
            "The client wrote to a person in its own WhatsApp Business app.",
            MessageReceivedEvent,
        ),
        "message.sent": ("WhatsApp sent a message.", MessageStatusEvent),
        "message.delivered": ("A message reached the phone.", MessageStatusEvent),
        "message.read": ("A message was read.", MessageStatusEvent),
        "message.played": ("A voice message was played.", MessageStatusEvent),
        "message.delivery_learned": (
            "It came out late that a message was delivered, or when: it was read, or given up.",
            MessageStatusEvent,
        ),
        "message.failed": ("A message did not arrive and will not.", MessageFailedEvent),
        "message.cancelled": ("A message was taken back before it left.", MessageCancelledEvent),
        "message.media_stored": ("A file that a candidate sent is here.", MediaEvent),
        "message.media_failed": ("A file that a candidate sent will never come.", MediaEvent),
        "candidate.changed": ("The client corrected what is known of a person.", CandidateEvent),
        "candidate.merged": ("Two candidates turned out to be one person.", CandidateMergedEvent),
        "candidate.merge_suspected": (
            "Two candidates whom the client knows apart seem to be one person; told once.",
            MergeSuspectedEvent,
        ),
        "candidate.name_differed": ("A known person was given another name.", CandidateEvent),
        "candidate.moved": ("A person's number or user id changed.", CandidateEvent),
        "candidate.stop_suspected": (
            "A person's words may mean stop; a recruiter should ask.",
            MessageEvent,
        ),
        "candidate.opted_out": ("A person wants no more messages.", CandidateConsentEvent),
        "candidate.opted_in": ("A person may be written to again.", CandidateConsentEvent),
        "ats.delivery_failed": (
            "What an ATS sent opened no conversation; the delivery says why.",
            AtsDeliveryEvent,
        ),
        "budget.reached": (
            "A month has cost 50, 80 or 100 % of a budget; each told once a month.",
            BudgetEvent,
        ),
        "anomaly.found": (
            "A template became dearer, or a day far dearer than usual; each told once.",
            AnomalyEvent,
        ),
        "template.changed": ("A template's status or category changed.", TemplateEvent),
    }
)
