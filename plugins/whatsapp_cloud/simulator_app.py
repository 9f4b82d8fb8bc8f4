"""The simulated WhatsApp Business app of numbers that stay in it: its owner, contacts and past.

Played by hand under `/graph/app/{phone}`. What the app shares, and when it does not: onboarding
WhatsApp Business app users, February 2026.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from flask import Blueprint

from .simulator_errors import GraphError, title_of
from .simulator_files import Files
from .simulator_people import People, new_wamid, value_of
from .simulator_platform import Platform, given

_SHARED: Final = ("smb_app_state_sync", "history")
_ASKED_WITHIN: Final = timedelta(hours=24)
_REACHES_BACK: Final = 180
_PHASES: Final = (1, 90, _REACHES_BACK)  # the days by which each phase ends
_MESSAGES_A_CHUNK: Final = 3
_FILES_REACH_BACK: Final = 14
_NOT_SHARED: Final = 2593109


class BusinessApp:
    """What the app holds, and what its owner does.

    `PUT …/app/{phone}`: `contacts` [{phone, name}], `shares_history`, `history` [{with, by: owner
    or person, days_ago, body or file: image, …}]. `POST …/messages` {to, type, <type>}: the owner
    writes. `POST …/contacts` {phone, name}: the owner notes a name; null takes it out. `DELETE
    …/app/{phone}`: the owner ends the link, and may sign up again.
    """

    def __init__(self, platform: Platform, people: People, files: Files) -> None:
        self._platform = platform
        self._people = people
        self._files = files
        platform.world.on("graph.share_app", self._share)
        platform.world.on("graph.share_app_files", self._share_files)

    def mount(self, blueprint: Blueprint) -> None:
        for method, path, view in (
            ("POST", "/<version>/<number_id>/smb_app_data", self.ask),
            ("PUT", "/app/<phone>", self.app_is),
            ("DELETE", "/app/<phone>", self.app_leaves),
            ("POST", "/app/<phone>/messages", self.app_writes),
            ("POST", "/app/<phone>/contacts", self.app_notes),
        ):
            blueprint.add_url_rule(path, view.__name__, view_func=view, methods=[method])

    def ask(self, number_id: str) -> Any:
        with self._platform.call("smb_app_data"), self._platform.lock:
            number, asked = self._platform.number(number_id), given()
            kind = asked.get("sync_type")
            if "on_app" not in number or asked.get("messaging_product") != "whatsapp":
                raise GraphError(100, "The number is not one of the WhatsApp Business app.")
            if kind not in _SHARED:
                raise GraphError(100, "sync_type must be smb_app_state_sync or history.")
            since = datetime.fromisoformat(number["on_app"])
            if self._platform.world.now() > since + _ASKED_WITHIN:
                raise GraphError(2593108, "The 24 hours after the onboarding are over.")
            store, key = self._platform.world.store, f"{number_id} {kind}"
            if store.get("graph_app_asked", key) is not None:
                raise GraphError(2593107, "This was synchronized before.")
            store.put("graph_app_asked", key, {})
            self._platform.world.later(0.05, "graph.share_app", {"id": number_id, "kind": kind})
            request_id = self._platform.identifier("app_request", 5_500_000_000_000_000)
            return {"messaging_product": "whatsapp", "request_id": request_id}

    def app_is(self, phone: str) -> Any:
        self._platform.world.store.put("graph_app", phone, given())
        return self._app(phone)

    def app_leaves(self, phone: str) -> Any:
        number = self._number(phone)
        del number["on_app"]
        self._platform.save_number(number | {"status": "DISCONNECTED"})
        store = self._platform.world.store
        store.delete("graph_registered", phone)
        for kind in _SHARED:
            store.delete("graph_app_asked", f"{number['id']} {kind}")
        gone = {"event": "ACCOUNT_OFFBOARDED", "waba_info": {"waba_id": number["waba_id"]}}
        self._platform.webhook(number["waba_id"], "account_update", gone)
        return {}

    def app_writes(self, phone: str) -> Any:
        number, asked = self._number(phone), given()
        to, kind = str(asked["to"]), str(asked.get("type", "text"))
        wamid = new_wamid(self._platform)
        self._people.note(wamid, number["id"], to, inbound=False)
        if kind not in ("edit", "revoke"):
            on_phone = {"wamid": wamid, "from": number["phone"], "type": kind, kind: asked[kind]}
            self._platform.world.phone_received(to, on_phone)
        echo = {
            "from": _digits(number["phone"]),
            "to": _digits(to),
            "id": wamid,
            "timestamp": self._platform.timestamp(),
            "type": kind,
            kind: asked[kind],
        }
        self._tell(number, "smb_message_echoes", {"message_echoes": [echo]})
        return {"wamid": wamid}, 201

    def app_notes(self, phone: str) -> Any:
        number, asked = self._number(phone), given()
        self._tell(number, "smb_app_state_sync", {"state_sync": [self._contact(asked)]})
        return {}, 201

    def _share(self, task: dict[str, Any]) -> None:
        number = self._platform.number(task["id"])
        app = self._app(number["phone"])
        if task["kind"] == "smb_app_state_sync":
            contacts = [self._contact(contact) for contact in app["contacts"]]
            self._tell(number, "smb_app_state_sync", {"state_sync": contacts})
        elif not app["shares_history"]:
            error = {
                "code": _NOT_SHARED,
                "title": title_of(_NOT_SHARED),
                "message": title_of(_NOT_SHARED),
                "error_data": {"details": "History sharing is turned off in the app."},
            }
            self._tell(number, "history", {"history": [{"errors": [error]}]})
        else:
            past = [{**one, "wamid": new_wamid(self._platform)} for one in app["history"]]
            for part in self._chunks(number, past):
                self._tell(number, "history", {"history": [part]})
            files = [one for one in past if "file" in one and one["days_ago"] < _FILES_REACH_BACK]
            if files:
                again = {"id": number["id"], "files": files}
                self._platform.world.later(0.05, "graph.share_app_files", again)

    def _share_files(self, task: dict[str, Any]) -> None:
        """What stood in the history as a placeholder, once more with its file's id."""
        number = self._platform.number(task["id"])
        threads = []
        for one in task["files"]:
            kind = one["file"]
            file = {"type": kind, kind: self._files.received(kind, {}, number["id"])}
            message = self._past(number, one) | file
            del message["media_placeholder"]
            threads.append({"id": _digits(str(one["with"])), "messages": [message]})
        self._tell(number, "history", {"history": [{"threads": threads}]})

    def _chunks(
        self, number: Mapping[str, Any], past: list[dict[str, Any]]
    ) -> Iterator[dict[str, Any]]:
        """The newest phase first, each in chunks; the last one says 100."""
        cut = []
        for phase, ends in enumerate(_PHASES):
            begins = _PHASES[phase - 1] if phase else 0
            here = [one for one in past if begins <= float(one["days_ago"]) < ends]
            places = range(0, len(here), _MESSAGES_A_CHUNK) or range(1)
            cut += [(phase, order, here[place : place + _MESSAGES_A_CHUNK])
                    for order, place in enumerate(places)]  # fmt: skip
        for sent, (phase, order, messages) in enumerate(cut, start=1):
            threads: dict[str, list[dict[str, Any]]] = {}
            for one in messages:
                threads.setdefault(str(one["with"]), []).append(self._past(number, one))
            yield {
                "metadata": {
                    "phase": phase,
                    "chunk_order": order,
                    "progress": 100 * sent // len(cut),
                },
                "threads": [
                    {"id": _digits(phone), "messages": items} for phone, items in threads.items()
                ],
            }

    def _past(self, number: Mapping[str, Any], one: Mapping[str, Any]) -> dict[str, Any]:
        at = self._platform.world.now() - timedelta(days=float(one["days_ago"]))
        kind, content = "text", {"body": one.get("body")}
        if "file" in one:
            kind, content = "media_placeholder", {}
        ours, theirs = _digits(number["phone"]), _digits(str(one["with"]))
        by_owner = one["by"] == "owner"
        message = {
            "from": ours if by_owner else theirs,
            "id": one["wamid"],
            "timestamp": str(int(at.timestamp())),
            "type": kind,
            kind: content,
            "history_context": {"status": "READ"},
        }
        return message | {"to": theirs} if by_owner else message

    def _contact(self, contact: Mapping[str, Any]) -> dict[str, Any]:
        held = {"phone_number": _digits(str(contact["phone"]))}
        if contact.get("name"):
            held |= {"full_name": contact["name"], "first_name": contact["name"].split()[0]}
        return {
            "type": "contact",
            "contact": held,
            "action": "add" if contact.get("name") else "remove",
            "metadata": {"timestamp": self._platform.timestamp()},
        }

    def _tell(self, number: Mapping[str, Any], field: str, held: Mapping[str, Any]) -> None:
        self._platform.webhook(number["waba_id"], field, value_of(number) | dict(held))

    def _app(self, phone: str) -> dict[str, Any]:
        known = self._platform.world.store.get("graph_app", phone) or {}
        return {"contacts": [], "history": [], "shares_history": True, **known}

    def _number(self, phone: str) -> dict[str, Any]:
        number = self._platform.number_on_whatsapp(phone)
        if number is None or "on_app" not in number:
            raise GraphError(100, f"{phone} is not in the WhatsApp Business app and linked.")
        return number


def _digits(phone: str) -> str:
    return phone.removeprefix("+")
