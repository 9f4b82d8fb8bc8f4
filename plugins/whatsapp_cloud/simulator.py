"""A simulated Graph API: Meta's side of the gateway, for development and tests."""

import hmac
import secrets
from collections.abc import Mapping
from typing import Any, ClassVar

from flask import Blueprint, Response, request

from gateway.plugin_api import ChatNetwork, Simulator, World

from .simulator_app import BusinessApp
from .simulator_businesses import Businesses
from .simulator_callbacks import Callbacks
from .simulator_errors import GraphError, answer, no_such_object
from .simulator_files import Files
from .simulator_groups import Groups
from .simulator_health import Health
from .simulator_limits import Limits
from .simulator_messages import Messages
from .simulator_names import Names
from .simulator_numbers import Numbers
from .simulator_operator import PERMISSIONS, Operator
from .simulator_people import People
from .simulator_platform import Platform
from .simulator_pre_verified import PreVerified
from .simulator_profiles import Profiles
from .simulator_signup import Signup
from .simulator_statuses import Statuses
from .simulator_templates import Templates

VERSIONS = tuple(f"v{number}.0" for number in range(21, 27))


class GraphSimulator(Simulator, ChatNetwork):
    """Plays Meta: the Graph API under `/graph`, and everybody's WhatsApp.

    The WABAs are those of the gateway's own settings. What a call is named for faults, holds and
    statistics is the last part of its path (`messages`, `register`, …), with `read_` before it
    where it only reads.
    """

    mount: ClassVar[str] = "graph"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._platform = Platform(world)
        self._files = Files(self._platform)
        self._names = Names(self._platform)
        self._callbacks = Callbacks(self._platform)
        self._health = Health(self._platform)
        self._numbers = Numbers(self._platform, self._names, self._callbacks, self._health)
        self._operator = Operator(self._platform)
        self._pre_verified = PreVerified(self._platform)
        self._profiles = Profiles(self._platform, self._files)
        self._templates = Templates(self._platform)
        self._people = People(self._platform, self._files)
        self._app = BusinessApp(self._platform, self._people, self._files)
        self._businesses = Businesses(world)
        self._signup = Signup(self._platform, self._names, self._businesses, self._pre_verified)
        self._groups = Groups(self._platform, self._people, self._templates)
        self._limits = Limits(self._platform)
        self._statuses = Statuses(self._platform, self._people)
        self._messages = Messages(
            self._platform,
            people=self._people,
            files=self._files,
            templates=self._templates,
            limits=self._limits,
            statuses=self._statuses,
            groups=self._groups,
        )

    def blueprint(self) -> Blueprint:
        blueprint = Blueprint("graph", __name__)
        blueprint.url_value_preprocessor(_check_version)
        blueprint.before_request(self._check_token)
        blueprint.register_error_handler(GraphError, _refuse)
        path = "/<version>/<object_id>"
        blueprint.add_url_rule(path, view_func=self.read_object)
        blueprint.add_url_rule(path, view_func=self.delete_object, methods=["DELETE"])
        for part in (
            self._callbacks, self._files, self._numbers, self._pre_verified, self._profiles,
            self._templates, self._groups, self._messages, self._operator, self._signup,
            self._app,
        ):  # fmt: skip
            part.mount(blueprint)
        return blueprint

    def read_object(self, object_id: str) -> Any:
        """Every object is read by its id alone; what it is shows from what knows it."""
        if self._files.media(object_id):
            return self._files.show(object_id)
        if self._health.is_waba(object_id):
            return self._health.show_waba(object_id)
        if self._operator.holds(object_id):
            return self._operator.show(object_id)
        if self._groups.holds(object_id):
            return self._groups.show(object_id)
        return self._numbers.show(object_id)

    def delete_object(self, object_id: str) -> Any:
        if self._pre_verified.holds(object_id):
            return self._pre_verified.forget(object_id)
        return self._files.delete_media(object_id)

    def person_writes(self, phone: str, *, to: str, type: str, content: Mapping[str, Any]) -> str:
        number = self._platform.number_on_whatsapp(to)
        if number is None:
            raise LookupError(f"{to} is not on WhatsApp")
        self._statuses.read(number["id"], phone)
        return self._people.write(number, phone, type, content)

    def contact_card(self, phone: str, business: str) -> dict[str, Any]:
        number = self._platform.number_on_whatsapp(business)
        if number is None:
            raise LookupError(f"{business} is not on WhatsApp")
        profile = number["profile"]
        handle = profile.get("picture")
        return {
            "title": number["shown_name"] or number["phone"],
            "phone_number": number["phone"],
            "name": number["shown_name"],
            "name_status": number["name_status"],
            "picture_url": self._profiles.picture_url(profile),
            "picture_sha256": handle.partition("::")[2] if handle else None,
            "about": profile.get("about"),
            "description": profile.get("description"),
            "websites": profile.get("websites", []),
        }

    def decide(self, decisions: Mapping[str, Any]) -> None:
        """`display_name`, `template`: approve, reject or hold · `template_category` · `waba_ban`:
        ids of banned WABAs · `portfolio`: `messaging_limit`, `numbers`, `verification` ·
        `tech_provider`: whether the app may act for others · `on_consumer_whatsapp`:
        phones · `read`: on_reply, at_once or never · `quality`: a rating by phone · `fallen_off`,
        `deleted`: phones to which that happens now · `official`, `coexisting`: phones that are
        Official Business Accounts, or stay in the app · `group_joins`: the share that follows a
        link · `without_payment`: ids of WABAs that cannot be charged · `offboarded`: ids of WABAs
        that take their access back now · `signup_order`: code_first or event_first. What is not
        named stays; null takes it back.
        """
        before = self._platform.decisions.banned()
        self._platform.decisions.change(decisions)
        after = self._platform.decisions.banned()
        for waba_id in before ^ after:
            self._tell_ban(waba_id, "DISABLE" if waba_id in after else "REINSTATE")
        self._health.tell_quality(decisions.get("quality") or ())
        self._health.lose(decisions.get("fallen_off") or ())
        self._health.delete(decisions.get("deleted") or ())
        for waba_id in decisions.get("offboarded") or ():
            self._offboard(waba_id)
        if "portfolio" in decisions:
            self._tell_limits()
        if "display_name" in decisions:
            self._names.review_waiting()
        if "template" in decisions:
            self._templates.review_waiting()

    def groups(self) -> list[dict[str, Any]]:
        return self._groups.ledger()

    def stats(self) -> dict[str, int]:
        """Calls by name since the start, `messages_to:{phone}`, and `people_reached` in 24 h."""
        with self._platform.lock:
            counted = dict(self._platform.counts)
        return counted | {"people_reached": self._limits.people_reached()}

    def _tell_ban(self, waba_id: str, state: str) -> None:
        date = self.world.now().strftime("%B %d, %Y")
        ban = {"waba_ban_state": state, "waba_ban_date": date}
        self._platform.webhook(
            waba_id, "account_update", {"event": "DISABLED_UPDATE", "ban_info": ban}
        )

    def _tell_limits(self) -> None:
        for waba_id in sorted({number["waba_id"] for number in self._platform.numbers()}):
            self._platform.tell_limits(waba_id)

    def _check_token(self) -> None:
        endpoint = request.endpoint or ""
        if endpoint in ("graph.picture", "graph.shown_on_phone") or _is_of_app(endpoint):
            return
        kind = "OAuth" if endpoint == "graph.upload" else "Bearer"
        given = request.headers.get("Authorization", "").removeprefix(f"{kind} ")
        waba_id = self._waba_named()
        if hmac.compare_digest(given.encode(), self._platform.app["access_token"].encode()):
            # The gateway's own token was given nothing of a business that is not the gateway's.
            if waba_id is not None and self._businesses.owner(waba_id) is not None:
                raise no_such_object(waba_id)
        elif not self._businesses.is_valid(given):
            raise GraphError(190, f"The access token must come as `Authorization: {kind} …`.")
        elif waba_id is not None and not self._businesses.sees(given, waba_id):
            raise no_such_object(waba_id)

    def _waba_named(self) -> str | None:
        """The account that a call is about, by its own id or by that of one of its numbers."""
        for object_id in (request.view_args or {}).values():
            if self._health.is_waba(object_id):
                return str(object_id)
            if found := self.world.store.get("graph_number", object_id):
                return str(found["waba_id"])
        return None

    def _offboard(self, waba_id: str) -> None:
        """The business removes us: its access ends, and Meta says so, under the business's id."""
        self._businesses.take_back(waba_id)
        owner = self._businesses.owner(waba_id)
        info = {"waba_id": waba_id, "owner_business_id": owner}
        value = {"event": "PARTNER_REMOVED", "waba_info": info}
        self._platform.webhook(waba_id, "account_update", value, entry_id=owner)
        self.world.store.delete("graph_subscription", waba_id)


def _is_of_app(endpoint: str) -> bool:
    """A person's pop-up or app, and the calls that come with the token of the app."""
    return (
        endpoint.startswith(("graph.signup_", "graph.app_")) or endpoint == f"graph.{PERMISSIONS}"
    )


def _check_version(endpoint: str | None, values: dict[str, Any] | None) -> None:
    version = (values or {}).pop("version", VERSIONS[-1])
    if version not in VERSIONS:
        raise GraphError(100, f"Unknown version {version!r}: {VERSIONS[0]} to {VERSIONS[-1]}.")


def _refuse(error: GraphError) -> tuple[Response, int]:
    return answer(error, trace=secrets.token_hex(8))
