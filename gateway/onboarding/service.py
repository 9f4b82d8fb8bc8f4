"""Cases and activations: decide and record."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway import outbox
from gateway.audit import service as audit
from gateway.events import service as events
from gateway.onboarding import branding, case_facts, pool, pool_assigning, rebranding, taking_over
from gateway.onboarding.case_facts import Asker
from gateway.onboarding.contract import OnboardingProvider
from gateway.onboarding.models import Activation, ActivationStep
from gateway.onboarding.step_contract import LineRequest, Step
from gateway.onboarding.steps import COMMON
from gateway.onboarding.steps.code import Code
from gateway.plugin_host import PluginHost
from gateway.problems import Problem, not_found
from gateway.provisioning import numbers
from gateway.provisioning import service as provisioning
from gateway.provisioning.capture_contract import HeardCode
from gateway.provisioning.models import Line
from gateway.tenancy import house
from gateway.tenancy import service as tenancy

ADVANCE = "onboarding.advance"


@dataclass(frozen=True, kw_only=True)
class Progress:
    """An activation with its steps, in order."""

    activation: Activation
    steps: list[ActivationStep]


def providers() -> list[OnboardingProvider]:
    return list(_host().onboarding_providers)


def activate(
    session: Session, client_id: str, *, case: str, display_name: str | None = None
) -> Line:
    """The client's line, made or in the making; a new one where it has none. Never two.

    A new one is called `display_name`, where one is chosen.
    """
    client = tenancy.client(session, client_id, lock=True)
    for line in reversed(provisioning.lines(session, client_id)):
        if line.status != "released" and line.replaces is None:
            return line
    if display_name and display_name != branding.display_name(client):
        branding.check_name(client, display_name)
        tenancy.update_client(session, client_id, {"display_name": display_name})
    return request_line(session, client_id, case=case, country=client.country)


def request_line(session: Session, client_id: str, *, case: str, country: str) -> Line:
    """Accept the request for a line and promise its activation. One click, one line at a time."""
    names = _host().onboarding_providers.names()
    if case not in names:
        raise Problem(
            422,
            "unknown_case",
            f"There is no case {case!r}; there are {', '.join(sorted(names))}.",
            pointer="/case",
        )
    provider = _host().onboarding_providers.get(case)
    facts = case_facts.gather(session, Asker(country=country, client_id=client_id))
    reasons = [blocker for blocker in provider.blockers(facts) if blocker.stops]
    if reasons:
        raise Problem(
            409,
            "case_not_offered",
            f"{provider.traits.title} cannot be started: {reasons[0].detail}",
            extra={"blockers": [blocker.code for blocker in reasons]},
        )
    if provider.traits.paid_by == "platform":  # a client's own number has its name at Meta already
        branding.check_name(tenancy.client(session, client_id))
    line = begin(session, client_id, case=case, country=country, paid_by=provider.traits.paid_by)
    if takes_pooled(session, line):
        pool_assigning.assign(session, line)
    return line


def takes_pooled(session: Session, line: Line) -> bool:
    """Whether a number of the pool spares its activation anything."""
    steps = progress(session, line.client_id, line.id).steps
    return set(pool.STEPS) <= {step.name for step in steps}


def begin(session: Session, client_id: str, *, case: str, country: str, paid_by: str) -> Line:
    """A line with its activation, which goes on by itself."""
    client = tenancy.client(session, client_id)
    line = provisioning.create_line(session, client_id, case=case, country=country, paid_by=paid_by)
    settings = current_app.extensions["settings"].provisioning
    activation = Activation(
        client_id=client_id,
        line_id=line.id,
        provider=case,
        registrar=settings.registrar,
        state="running",
        facts={},
        created_at=datetime.now(UTC),
    )
    session.add(activation)
    session.flush()
    request = LineRequest(
        line_id=line.id, client_id=client_id, client_name=client.name, country=country
    )
    for position, step in enumerate(plan(case, request)):
        session.add(
            ActivationStep(
                client_id=client_id,
                activation_id=activation.id,
                position=position,
                name=step.name,
                title=step.title,
                state="pending",
                attempts=0,
            )
        )
    outbox.put(session, ADVANCE, line.id, client_id=client_id)
    return line


def plan(case: str, request: LineRequest) -> list[Step]:
    if case in pool.PLANS:
        return [step() for step in pool.PLANS[case]]
    return list(_host().onboarding_providers.get(case).plan(request, COMMON))


def steps_of(found: Progress, request: LineRequest) -> list[Step]:
    """The step behind each row: an activation keeps the plan it began with."""
    planned = {step.name: step for step in plan(found.activation.provider, request)}
    return [planned[row.name] for row in found.steps]


def progress(session: Session, client_id: str, line_id: str) -> Progress:
    found = progress_of(session, client_id, [line_id])
    if line_id not in found:
        raise not_found("activation")
    return found[line_id]


def progress_of(
    session: Session, client_id: str, line_ids: Sequence[str]
) -> Mapping[str, Progress]:
    """How far the activation of each line is."""
    activations = session.scalars(
        select(Activation).where(
            Activation.client_id == client_id, Activation.line_id.in_(line_ids)
        )
    ).all()
    steps: dict[str, list[ActivationStep]] = defaultdict(list)
    for step in session.scalars(
        select(ActivationStep)
        .where(
            ActivationStep.client_id == client_id,
            ActivationStep.activation_id.in_([row.id for row in activations]),
        )
        .order_by(ActivationStep.position)
    ):
        steps[step.activation_id].append(step)
    return {row.line_id: Progress(activation=row, steps=steps[row.id]) for row in activations}


def stands_at(session: Session, line: Line, *codes: str) -> bool:
    """Whether a step of a line in the making waits for one of these, or has stopped at it."""
    steps = progress(session, line.client_id, line.id).steps
    return any(
        step.state in ("waiting", "failed") and (step.error or {}).get("code") in codes
        for step in steps
    )


def retry(session: Session, client_id: str, line_id: str) -> None:
    """Go on where a failed activation stopped; where a person is to enter a code, send another."""
    found = _locked(session, client_id, line_id)
    if _waits_for_a_person(found):
        key = (client_id, found.activation.id)
        activation = session.get_one(Activation, key, with_for_update=True)
        activation.facts = {**activation.facts, Code.WANTED: "yes"}
        audit.record(session, client_id, "activation.code_wanted", line_id)
        outbox.put(session, ADVANCE, line_id, client_id=client_id)
        return
    if found.activation.state != "failed":
        raise _wrong_state(found.activation, "retried")
    found.activation.state = "running"
    found.activation.finished_at = None
    for step in found.steps:
        if step.state == "failed":
            step.state, step.error, step.who = "pending", None, None
    provisioning.line(session, client_id, line_id).status = "pending"
    audit.record(session, client_id, "activation.retried", line_id)
    outbox.put(session, ADVANCE, line_id, client_id=client_id)


def cancel(session: Session, client_id: str, line_id: str) -> None:
    """Take back what an unfinished activation did."""
    found = _locked(session, client_id, line_id)
    if found.activation.state not in ("running", "failed"):
        raise _wrong_state(found.activation, "cancelled")
    found.activation.state = "undoing"
    audit.record(session, client_id, "activation.cancelled", line_id)
    outbox.put(session, ADVANCE, line_id, client_id=client_id)


def enter_code(session: Session, client_id: str, line_id: str, code: str) -> None:
    """A person heard the verification code."""
    found = progress(session, client_id, line_id)
    if found.activation.state != "running" or numbers.number_of(session, line_id) is None:
        raise _wrong_state(found.activation, "given a code")
    numbers.keep_code(session, client_id, line_id, code, None)
    outbox.put(session, ADVANCE, line_id, client_id=client_id)
    audit.record(session, client_id, "activation.code_entered", line_id)


def heard(session: Session, client_id: str, line_id: str, code: HeardCode) -> None:
    """A code reached the line's number; its activation looks at it at once."""
    numbers.keep_code(session, client_id, line_id, code.code, code.method)
    outbox.put(session, ADVANCE, line_id, client_id=client_id)


def finish(session: Session, client_id: str, activation: Activation, state: str) -> None:
    """The activation is over; what it means for the line follows."""
    activation.state = state
    activation.finished_at = datetime.now(UTC)
    line_id = activation.line_id
    numbers.forget_codes(session, client_id, line_id)
    line = provisioning.line(session, client_id, line_id)
    if state == "succeeded" and line.replaces:
        taking_over.take_over(session, line, activation)
    elif state == "succeeded":
        provisioning.activate(session, client_id, line_id)
        rebranding.catch_up(session, client_id, line_id)
    elif state == "cancelled":
        provisioning.release(session, client_id, line_id)
    else:
        provisioning.line(session, client_id, line_id).status = "failed"
        events.record(session, client_id, "line.activation_failed", line_id=line_id)
    if client_id == house.CLIENT:
        pool.finished(session, line_id)


def _waits_for_a_person(found: Progress) -> bool:
    """Whether a person is to enter the verification code."""
    waits = any(step.name == Code.name and step.state == "waiting" for step in found.steps)
    return found.activation.state == "running" and waits and Code.BY_HAND in found.activation.facts


def _locked(session: Session, client_id: str, line_id: str) -> Progress:
    provisioning.line(session, client_id, line_id, lock=True)
    return progress(session, client_id, line_id)


def _wrong_state(activation: Activation, verb: str) -> Problem:
    return Problem(
        409,
        "activation_state",
        f"The activation is {activation.state} and cannot be {verb}.",
        extra={"state": activation.state},
    )


def _host() -> PluginHost:
    host: PluginHost = current_app.extensions["plugin_host"]
    return host


def error_of(code: str, detail: str, provider_code: str | None) -> dict[str, Any]:
    """A step's error as it is stored and shown."""
    return {"code": code, "detail": detail, "provider_code": provider_code}
