"""Groups tried in the sandbox, against writing 1-on-1."""

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from flask import current_app

from gateway import clock
from gateway.costs.contract import MessageFacts, Money
from gateway.groups import service
from gateway.groups.contract import GroupCarrier, GroupsTrial
from gateway.ids import new_id
from gateway.messaging import templates
from gateway.messaging.contract import (
    MessagingProvider,
    OutgoingMessage,
    Recipient,
    TemplateCatalogue,
    TemplateDraft,
)
from gateway.problems import Problem
from gateway.provisioning import access
from gateway.provisioning.models import Line, Number

MOST_PAIRS: Final = 50
MOST_MESSAGES: Final = 20
_NOTE: Final = TemplateDraft(
    name="groups_experiment",
    language="en",
    category="UTILITY",
    components=[
        {
            "type": "BODY",
            "text": "About your application: {{1}} (an experiment, nobody's real message).",
            "example": {"body_text": [["Join your group"]]},
        }
    ],
)
_REVIEW_SECONDS: Final = 30.0


def experiment(number: Number, line: Line, *, pairs: int, messages: int) -> dict[str, Any]:
    """Try groups on a line of the sandbox. 409 `sandbox_only` anywhere else: real people would be
    written to."""
    settings = current_app.extensions["settings"]
    if not settings.sandbox.enabled:
        raise Problem(409, "sandbox_only", "Groups are tried in the sandbox alone.")
    if number.phone_number_id is None or number.waba_id is None:
        raise Problem(409, "line_not_ready", "The line has no number at WhatsApp yet.")
    if not (1 <= pairs <= MOST_PAIRS and 1 <= messages <= MOST_MESSAGES):
        raise Problem(
            422,
            "invalid_request",
            f"Try 1 to {MOST_PAIRS} pairs with 1 to {MOST_MESSAGES} messages each.",
        )
    lab = Lab(
        carrier=access.of_waba(service.carrier(), line.client_id, number.waba_id),
        messaging=access.of_waba(service.messaging(), line.client_id, number.waba_id),
        phone_number_id=number.phone_number_id,
        country=line.country,
        run=f"Experiment {new_id('msg')[-6:]}",
    )
    lab.prepare(number.waba_id)
    trial: GroupsTrial = service.investigator().experiment(lab, pairs=pairs, messages=messages)
    return _shown(trial)


@dataclass(kw_only=True)
class Lab:
    """GroupsLab over the providers of the sandbox."""

    carrier: GroupCarrier
    messaging: MessagingProvider
    phone_number_id: str
    country: str
    run: str

    def prepare(self, waba_id: str) -> None:
        """Have the note approved that the experiment sends."""
        catalogue = self.messaging
        if not isinstance(catalogue, TemplateCatalogue):
            raise Problem(501, "no_investigation", "The messaging provider knows no templates.")
        if catalogue.find_template(waba_id, _NOTE.name, _NOTE.language) is None:
            catalogue.submit_template(waba_id, _NOTE)

        def is_approved() -> bool:
            state = catalogue.find_template(waba_id, _NOTE.name, _NOTE.language)
            return state is not None and state.status == "APPROVED"

        if not self.until(is_approved, _REVIEW_SECONDS):
            raise Problem(409, "template_not_approved", "The sandbox holds the note's approval.")

    def note(self, text: str) -> Mapping[str, Any]:
        return templates.content(_NOTE.name, _NOTE.language, [text])

    def write(self, phone: str, note: Mapping[str, Any]) -> None:
        self.messaging.send(
            OutgoingMessage(
                message_id=new_id("msg"),
                phone_number_id=self.phone_number_id,
                recipient=Recipient(phone=phone, bsuid=None),
                type="template",
                content=note,
            )
        )

    def person(self, place: int) -> str:
        return f"+212699{place:06}"

    def until(self, is_so: Callable[[], bool], seconds: float) -> bool:
        ends = time.monotonic() + seconds
        while not (found := is_so()) and time.monotonic() < ends:
            time.sleep(0.05)
        return found

    def price(self) -> Money | None:
        pricing = current_app.extensions["plugin_host"].pricing
        if pricing is None:
            return None
        facts = MessageFacts(country=self.country, category="utility", on=clock.now().date())
        cost = pricing.quote_message(facts)
        return cost.money if cost else None


def _shown(trial: GroupsTrial) -> dict[str, Any]:
    costs = {"group_cost": trial.group_cost, "one_to_one_cost": trial.one_to_one_cost}
    return {**asdict(trial), **{name: cost and cost.as_json() for name, cost in costs.items()}}
