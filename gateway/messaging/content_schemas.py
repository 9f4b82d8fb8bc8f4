"""What an outgoing message may hold, by its type, at the HTTP border: Meta's own field names.

Files are named by our ids, messages by ours or by a wamid of the same conversation.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from gateway.messaging.limits import COUNTS, LENGTHS


def _text(name: str, shortest: int = 1, **options: Any) -> fields.String:
    return fields.String(validate=validate.Length(shortest, LENGTHS[name]), **options)


def _some(item: type[Schema], name: str, **options: Any) -> fields.List[Any]:
    length = validate.Length(1, COUNTS[name])
    return fields.List(fields.Nested(item), validate=length, **options)


class TextContent(Schema):
    body = _text("text.body", required=True)
    preview_url = fields.Boolean()


class File(Schema):
    id = fields.String(required=True)


class ImageContent(File):
    caption = _text("caption")


class NamedFile(File):
    filename = fields.String(validate=validate.Length(1, 200))


class DocumentContent(NamedFile):
    caption = _text("caption")


class AudioContent(File):
    voice = fields.Boolean()


class Quoted(Schema):
    """The message that this one quotes."""

    message_id = fields.String(required=True)


class ReactionContent(Quoted):
    emoji = fields.String(required=True, validate=validate.Length(0, 32))

    @validates_schema
    def is_emoji(self, data: dict[str, Any], **_: Any) -> None:
        emoji = data["emoji"]
        if emoji and (emoji.isascii() or any(map(str.isalpha, emoji)) or " " in emoji):
            raise ValidationError("Must be one emoji, or nothing to take it back.", "emoji")


class Header(Schema):
    type = fields.String(required=True, validate=validate.OneOf(("text",)))
    text = _text("interactive.header", required=True)


class Body(Schema):
    text = _text("list.body", required=True)


class Footer(Schema):
    text = _text("interactive.footer", required=True)


class Reply(Schema):
    id = _text("button.id", required=True)
    title = _text("button.title", required=True)


class Button(Schema):
    type = fields.String(required=True, validate=validate.OneOf(("reply",)))
    reply = fields.Nested(Reply, required=True)


class Row(Schema):
    id = _text("row.id", required=True)
    title = _text("row.title", required=True)
    description = _text("row.description")


class Section(Schema):
    title = _text("section.title")
    rows = _some(Row, "rows", required=True)


class Action(Schema):
    """Of buttons: `buttons`. Of a list: `button`, which opens it, and `sections`."""

    buttons = _some(Button, "buttons")
    button = _text("list.button")
    sections = _some(Section, "sections")


_WANTED = {"button": {"buttons"}, "list": {"button", "sections"}}


class InteractiveContent(Schema):
    """Up to three buttons, or a list of up to ten rows, for the candidate to answer with."""

    type = fields.String(required=True, validate=validate.OneOf(tuple(_WANTED)))
    header = fields.Nested(Header)
    body = fields.Nested(Body, required=True)
    footer = fields.Nested(Footer)
    action = fields.Nested(Action, required=True)

    @validates_schema
    def fits_its_type(self, data: dict[str, Any], **_: Any) -> None:
        kind, action = data["type"], data["action"]
        if set(action) != _WANTED[kind]:
            wanted = " and ".join(sorted(_WANTED[kind]))
            raise ValidationError({"action": [f"Of the type {kind} it has {wanted} alone."]})
        if kind == "button":
            _check_buttons(data["body"]["text"], action["buttons"])
        else:
            _check_rows(action["sections"])


def _check_buttons(body: str, buttons: Sequence[dict[str, Any]]) -> None:
    if len(body) > LENGTHS["button.body"]:
        most = LENGTHS["button.body"]
        raise ValidationError({"body": {"text": [f"Longer than maximum length {most}."]}})
    for name in ("id", "title"):
        if _repeats(button["reply"][name] for button in buttons):
            raise ValidationError({"action": {"buttons": [f"Each needs {name}s of its own."]}})


def _check_rows(sections: Sequence[dict[str, Any]]) -> None:
    rows = [row for section in sections for row in section["rows"]]
    wrong = None
    if len(rows) > COUNTS["rows"]:
        wrong = f"Up to {COUNTS['rows']} rows in all sections together."
    elif _repeats(row["id"] for row in rows):
        wrong = "Each row needs an id of its own."
    elif len(sections) > 1 and not all("title" in section for section in sections):
        wrong = "Where there is more than one section, each needs a title."
    if wrong:
        raise ValidationError({"action": {"sections": [wrong]}})


def _repeats(values: Any) -> bool:
    return any(count > 1 for count in Counter(values).values())


class TemplateLanguage(Schema):
    code = fields.String(required=True)


class Location(Schema):
    latitude = fields.Float(required=True, validate=validate.Range(-90, 90))
    longitude = fields.Float(required=True, validate=validate.Range(-180, 180))
    name = fields.String(validate=validate.Length(1, 1000))
    address = fields.String(validate=validate.Length(1, 1000))


class TemplateParameter(Schema):
    """A value for one blank, under its type's name."""

    type = fields.String(
        required=True,
        validate=validate.OneOf(
            ("text", "image", "video", "document", "location", "payload", "coupon_code")
        ),
    )
    parameter_name = fields.String(validate=validate.Length(1, 100))
    text = fields.String(validate=validate.Length(1, 1024))
    image = fields.Nested(File)
    video = fields.Nested(File)
    document = fields.Nested(NamedFile)
    location = fields.Nested(Location)
    payload = fields.String(validate=validate.Length(1, 256))
    coupon_code = fields.String(validate=validate.Length(1, 20))

    @validates_schema
    def value_given(self, data: dict[str, Any], **_: Any) -> None:
        if data["type"] not in data:
            raise ValidationError(f"A {data['type']} parameter needs it.", data["type"])


class TemplateComponent(Schema):
    """The values of the header, of the body, or of one button (`sub_type` and `index`)."""

    type = fields.String(required=True, validate=validate.OneOf(("header", "body", "button")))
    sub_type = fields.String(validate=validate.OneOf(("url", "quick_reply", "copy_code")))
    index = fields.Integer(validate=validate.Range(0, 9))
    parameters = fields.List(fields.Nested(TemplateParameter), required=True)

    @validates_schema
    def button_named(self, data: dict[str, Any], **_: Any) -> None:
        for name in ("sub_type", "index"):
            if (name in data) is not (data["type"] == "button"):
                raise ValidationError("A button has it, and nothing else.", name)

    @post_load
    def as_meta_writes_it(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return data | ({"index": str(data["index"])} if "index" in data else {})


class TemplateContent(Schema):
    name = fields.String(required=True)
    language = fields.Nested(TemplateLanguage, required=True)
    components = fields.List(fields.Nested(TemplateComponent), load_default=list)
