"""What a step is handed: the chosen providers, and the few things it may have recorded."""

import secrets as random
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, TypeVar

from flask import current_app
from sqlalchemy.orm import Session

from gateway import outbox, secrets
from gateway.costs.contract import Money
from gateway.database import tenant
from gateway.messaging import templates
from gateway.messaging.contract import TemplateCatalogue, TemplateDraft, TemplateState
from gateway.onboarding import branding, disconnecting, dressing, papers, pool, signing_up
from gateway.onboarding.market import NumberMarket
from gateway.onboarding.models import Activation, Signup
from gateway.onboarding.signup_contract import Connection, SignupProblem
from gateway.onboarding.step_contract import ClientPapers, LineRequest, ReceivedCode
from gateway.outbox import Lease
from gateway.plugin_host import PluginHost
from gateway.provisioning import access, attempts, codes, numbers, placing, routes
from gateway.provisioning import service as provisioning
from gateway.provisioning.contract import CodeMethod, NumberSupplier, OwnedNumber
from gateway.provisioning.papers_contract import PaperKind, Submission
from gateway.provisioning.registrar_contract import AttemptKind, Branding, Face, NumberRegistrar
from gateway.tenancy import house
from gateway.tenancy import service as tenancy

P = TypeVar("P")


@dataclass(kw_only=True)
class Context:
    """StepContext over the database. Nothing is recorded but under the lease."""

    lease: Lease
    activation_id: str
    request: LineRequest
    market: NumberMarket
    platforms_registrar: NumberRegistrar
    platforms_catalogue: TemplateCatalogue
    code_wait: float
    known: dict[str, str] = field(default_factory=dict)
    first_try: bool = False

    @property
    def registrar(self) -> NumberRegistrar:
        return self._acting(self.platforms_registrar)

    @property
    def catalogue(self) -> TemplateCatalogue:
        return self._acting(self.platforms_catalogue)

    @property
    def supplier(self) -> NumberSupplier:
        return self.market.supplier()

    @property
    def facts(self) -> Mapping[str, str]:
        return self.known

    def note(self, **facts: str) -> None:
        self._record(lambda session: self._remember(session, facts))

    def note_time(self, fact: str) -> None:
        self.note(**{fact: datetime.now(UTC).isoformat()})

    def noted_seconds_ago(self, fact: str) -> float | None:
        noted = self.known.get(fact)
        if not noted:
            return None
        return (datetime.now(UTC) - datetime.fromisoformat(noted)).total_seconds()

    def papers(self, kinds: Collection[PaperKind]) -> ClientPapers:
        with tenant(self.request.client_id) as session:
            return papers.ready(session, self.request.client_id, kinds)

    def submission(self, kinds: Collection[PaperKind], **asked: Any) -> Submission:
        with tenant(self.request.client_id) as session:
            return papers.submission(session, self.request.client_id, kinds, **asked)

    def number(self) -> OwnedNumber | None:
        with tenant(self.request.client_id) as session:
            row = numbers.number_of(session, self.request.line_id)
        if row is None or row.supplier_ref is None:
            return None
        return OwnedNumber(
            supplier_ref=row.supplier_ref,
            phone_number=row.phone_number,
            hears=numbers.methods(row),
        )

    def may_rent(self, price: Money | None) -> None:
        if self.request.client_id == house.CLIENT:
            with tenant(house.CLIENT) as session:
                pool.refuse_rent(session, self.request.line_id, price)

    def remember_number(self, supplier: str, number: OwnedNumber) -> None:
        self._record(
            lambda session: numbers.remember_number(
                session, self.request.client_id, self.request.line_id, supplier, number
            )
        )

    def end_number(self, state: Literal["released", "quarantined"]) -> None:
        self._record(
            lambda session: numbers.end_number(
                session, self.request.client_id, self.request.line_id, state
            )
        )

    def place(self) -> Mapping[str, str]:
        return placing.place(self.request.line_id)

    def route(self, phone_number_id: str) -> None:
        self._record(lambda session: routes.route(session, self.request.line_id, phone_number_id))

    def connection(self) -> Connection | None:
        return signing_up.connection_of(self._signup())

    def signup_problem(self) -> SignupProblem | None:
        return signing_up.problem_of(self._signup())

    def has_payment_method(self) -> bool | None:
        connector, waba_id = signing_up.connector(), self.facts["waba_id"]
        with tenant(self.request.client_id) as session:
            token = access.token(session, self.request.client_id, waba_id)
        if connector is None or token is None:
            return None
        return connector.has_payment_method(token, waba_id)

    def leave(self) -> None:
        disconnecting.leave(self.lease, self.request.client_id, self.request.line_id)

    def pin(self) -> str:
        with tenant(self.request.client_id) as session:
            return secrets.keep_once(
                session,
                self.request.client_id,
                f"pin:{self.request.line_id}",
                f"{random.randbelow(10**6):06}",
            )

    def forget_pin(self) -> None:
        client_id, name = self.request.client_id, f"pin:{self.request.line_id}"
        self._record(lambda session: secrets.forget(session, client_id, name))

    def code_tries(self) -> Sequence[CodeMethod]:
        with tenant(self.request.client_id) as session:
            row = numbers.number_of(session, self.request.line_id)
        if row is None or row.supplier is None:
            return ()
        host: PluginHost = current_app.extensions["plugin_host"]
        return codes.tries(numbers.methods(row), codes.listened(host.code_captures, row.supplier))

    def newest_code(self) -> ReceivedCode | None:
        client_id, line_id = self.request.client_id, self.request.line_id
        with tenant(client_id) as session:
            row = numbers.newest_code(session, client_id, line_id)
        if row is None:
            return None
        return ReceivedCode(id=row.id, code=row.code, entered=row.method == numbers.ENTERED)

    def forget_code(self, code: ReceivedCode, **facts: str) -> None:
        client_id, line_id = self.request.client_id, self.request.line_id

        def forget(session: Session) -> None:
            numbers.forget_codes(session, client_id, line_id, code.id)
            self._remember(session, facts)

        self._record(forget)

    def counted(self, kind: AttemptKind) -> AbstractContextManager[None]:
        return attempts.counted(self.facts["phone_number"], kind, self.lease)

    def display_name(self) -> str:
        with tenant(self.request.client_id) as session:
            return branding.display_name(tenancy.client(session, self.request.client_id))

    def face(self) -> Face:
        with tenant(self.request.client_id) as session:
            line = provisioning.line(session, self.request.client_id, self.request.line_id)
            source = branding.source(session, self.request.client_id)
        return branding.face(source, line, current_app.extensions["http"])

    def record_branding(self, wanted: Branding) -> None:
        self._record(
            lambda session: provisioning.record_branding(
                session,
                self.request.client_id,
                self.request.line_id,
                **dressing.recorded(wanted),
            )
        )

    def follow_display_name(self, name: str, status: str = "PENDING_REVIEW") -> None:
        def record(session: Session) -> None:
            client_id, line_id = self.request.client_id, self.request.line_id
            provisioning.hand_in_display_name(session, client_id, line_id, name, status)
            outbox.put(session, "onboarding.name", line_id, client_id=client_id)

        self._record(record)

    def templates(self) -> Sequence[TemplateDraft]:
        return templates.introductions(current_app.extensions["settings"].platform.name)

    def record_template(self, draft: TemplateDraft, state: TemplateState) -> None:
        self._record(
            lambda session: templates.record(
                session, self.request.client_id, self.known["waba_id"], draft, state
            )
        )

    def _signup(self) -> Signup | None:
        with tenant(self.request.client_id) as session:
            return signing_up.of_line(session, self.request.client_id, self.request.line_id)

    def _acting(self, provider: P) -> P:
        return access.of_waba(provider, self.request.client_id, self.known.get("waba_id"))

    def _remember(self, session: Session, facts: Mapping[str, str]) -> None:
        key = (self.request.client_id, self.activation_id)
        row = session.get_one(Activation, key, with_for_update=True)
        row.facts = {**row.facts, **facts}
        self.known.update(facts)

    def _record(self, write: Callable[[Session], object]) -> None:
        with tenant(self.request.client_id) as session:
            outbox.guard(session, self.lease)
            write(session)
