"""The simulated `POST /{phone number}/messages`."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint

from . import simulator_content as content_rules
from .simulator_errors import GraphError
from .simulator_files import Files
from .simulator_groups import Groups
from .simulator_limits import Limits
from .simulator_people import People, new_wamid
from .simulator_platform import Platform, given
from .simulator_statuses import Statuses
from .simulator_templates import Templates

_REACTIONS_REACH = 30 * 24 * 3600.0


class Messages:
    """Takes messages, puts them on people's phones, and reports what became of them."""

    def __init__(
        self,
        platform: Platform,
        *,
        people: People,
        files: Files,
        templates: Templates,
        limits: Limits,
        statuses: Statuses,
        groups: Groups,
    ) -> None:
        self._platform = platform
        self._people = people
        self._files = files
        self._templates = templates
        self._limits = limits
        self._statuses = statuses
        self._groups = groups

    def mount(self, blueprint: Blueprint) -> None:
        blueprint.add_url_rule(
            "/<version>/<number_id>/messages", view_func=self.messages, methods=["POST"]
        )

    def messages(self, number_id: str) -> Any:
        asked = given()
        if asked.get("status") == "read":
            return self._mark_read(number_id, asked)
        with self._platform.call("messages"):
            number = self._sender(number_id, asked)
            if asked.get("recipient_type") == "group":
                return self._groups.accept(number, asked)
            return self._accept(number, asked)

    def _mark_read(self, number_id: str, asked: Mapping[str, Any]) -> Any:
        with self._platform.call("mark_read"):
            number = self._sender(number_id, asked)
            if not asked.get("message_id"):
                raise GraphError(131008, "message_id is missing.")
            read = self._people.message(asked["message_id"], number["id"])
            if not read["inbound"]:
                raise GraphError(131009, "Only a person's message can be read.")
            self._platform.world.phone_saw_read(read["phone"], str(asked["message_id"]))
            return {"success": True}

    def _sender(self, number_id: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        number = self._platform.number(number_id)
        if asked.get("messaging_product") != "whatsapp":
            raise GraphError(100, "messaging_product must be whatsapp.")
        if number["status"] != "CONNECTED":
            raise GraphError(133010, "Register the number before sending.")
        if number["waba_id"] in self._platform.decisions.banned():
            raise GraphError(131031, "The account is banned.")
        return number

    def _accept(self, number: dict[str, Any], asked: Mapping[str, Any]) -> Any:
        kind = str(asked.get("type", "text"))
        content = asked.get(kind)
        content_rules.check(kind, content)
        callback = asked.get("biz_opaque_callback_data")
        if len(str(callback or "")) > 512:
            raise GraphError(100, "biz_opaque_callback_data takes up to 512 characters.")
        phone = self._people.addressed(asked, number["portfolio_id"])
        if phone == number["phone"]:
            raise GraphError(131021, "A number cannot write to itself.")
        quoted = self._answered(number, phone, kind, asked)
        template, shown = self._shown(number, kind, content)
        chat_is_open = self._people.window_is_open(self._people.chat(number["id"], phone))
        if template is None and not chat_is_open:
            raise GraphError(131047, "More than 24 hours have passed since the person last wrote.")
        self._limits.spend(number["id"], phone, on_app="on_app" in number)
        within = chat_is_open or self._limits.write_first(number["portfolio_id"], phone)
        message = {
            "number_id": number["id"],
            "phone": phone,
            "wamid": new_wamid(self._platform),
            "callback": callback,
        }
        if within:
            self._deliver(message, number, kind, {**shown, **quoted}, template)
        else:
            # Meta takes the message and fails it afterwards.
            self._statuses.fail(message, 131048, "The portfolio's messaging limit is reached.")
        return self._answer(message, number, asked, is_template=template is not None)

    def _answered(
        self, number: Mapping[str, Any], phone: str, kind: str, asked: Mapping[str, Any]
    ) -> dict[str, Any]:
        """The quote, where there is one. What a message answers to must be of the same chat."""
        named = asked["reaction"] if kind == "reaction" else asked.get("context")
        if not named:
            return {}
        found = self._people.message(named.get("message_id"), number["id"])
        if found["phone"] != phone:
            raise GraphError(131009, "That message is of another chat.")
        if kind == "reaction":
            if found["at"] < self._platform.ago(_REACTIONS_REACH):
                raise GraphError(131009, "A reaction reaches back 30 days.")
            return {}
        return {"context": {"message_id": named["message_id"]}}

    def _shown(
        self, number: Mapping[str, Any], kind: str, content: Any
    ) -> tuple[dict[str, Any] | None, dict[str, Any]]:
        """The template, where it is one, and what the phone shows."""
        if kind == "template":
            template, body = self._templates.sent(number["waba_id"], content)
            return template, {kind: content, "text": {"body": body}}
        if kind in content_rules.FILES and content.get("id"):
            content = {**content, **self._files.on_phone(content["id"], str(number["id"]))}
        return None, {kind: content}

    def _deliver(
        self,
        message: dict[str, Any],
        number: Mapping[str, Any],
        kind: str,
        shown: Mapping[str, Any],
        template: Mapping[str, Any] | None,
    ) -> None:
        wamid, phone = message["wamid"], message["phone"]
        on_phone = {
            "wamid": wamid,
            "from": number["phone"],
            "type": kind,
            **shown,
            "biz_opaque_callback_data": message["callback"],
        }
        self._people.note(wamid, number["id"], phone, inbound=False)
        self._platform.world.phone_received(phone, on_phone)
        self._groups.saw(phone, str(shown.get("text", {}).get("body", "")))
        with self._platform.lock:
            self._platform.counts[f"messages_to:{phone}"] += 1
        if kind == "reaction":
            self._statuses.begin({**message, "is_reaction": True})
            return
        category = str(template["category"]) if template else None
        priced = {**message, "pricing": self._statuses.pricing(number["id"], category)}
        with self._platform.lock:
            chat = self._people.chat(number["id"], phone)
            chat["last_sent"] = wamid
            if self._platform.decisions.reading() != "never":
                chat["unread"].append({"wamid": wamid, "callback": message["callback"]})
            self._people.save_chat(number["id"], phone, chat)
        self._statuses.begin(priced)

    def _answer(
        self,
        message: Mapping[str, Any],
        number: Mapping[str, Any],
        asked: Mapping[str, Any],
        *,
        is_template: bool,
    ) -> dict[str, Any]:
        contact = self._people.contact(number, message["phone"])
        accepted = {"id": message["wamid"]}
        if is_template:
            accepted["message_status"] = "accepted"
        return {
            "messaging_product": "whatsapp",
            "contacts": [
                {
                    "input": asked.get("to") or asked["recipient"],
                    "wa_id": contact["wa_id"],
                    "user_id": contact["user_id"],
                }
            ],
            "messages": [accepted],
        }
