"""A sign-up's code becomes the access to a WABA, and one of its numbers the line's.

The code lives 30 seconds and works once: it is exchanged before anything else is asked. What the
page said of WABA and number is compared with what the platform itself says was granted.
"""

from dataclasses import asdict, dataclass

import structlog
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gateway import clock, outbox, secrets
from gateway.audit import service as audit
from gateway.database import tenant, visiting
from gateway.errors import ProviderError, Refused
from gateway.onboarding import granted, pool_assigning, service, signing_up
from gateway.onboarding.granted import Unclear
from gateway.onboarding.models import Signup
from gateway.onboarding.signup_contract import Connection, SignupProblem
from gateway.outbox import Again, Lease
from gateway.provisioning import client_wabas, coexistence, health, numbers
from gateway.provisioning import service as provisioning
from gateway.provisioning.connector_contract import Connector, Grant
from gateway.provisioning.models import Number

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class _Handed:
    """What is at hand for a line."""

    code: str | None
    token: str | None
    signup: Signup


def connect(lease: Lease) -> Again | None:
    """The job: look at what the page handed in, and go on as far as that allows."""
    connector = signing_up.connector()
    handed = _handed(lease)
    if handed is None or connector is None or not (handed.code or handed.token):
        _go_on(lease)
        return None
    try:
        token = _exchanged(lease, connector, handed)
        grant = connector.inspect(token)
        before = signing_up.connection_of(handed.signup)
        if before is not None:
            _record(lease, token, grant, granted.renewed(before, grant))
        else:
            _connect(lease, connector, token, grant, handed.signup)
    except ProviderError as error:
        if error.retryable:
            pause = error.pause(lease.attempts) or outbox.backoff(lease.attempts)
            return Again(after=pause, error=error.code)
        choices = error.choices if isinstance(error, Unclear) else ()
        problem = SignupProblem(
            code=error.code, detail=error.detail, who=error.who, choices=choices
        )
        _stand(lease, problem)
    return None


def _connect(lease: Lease, connector: Connector, token: str, grant: Grant, signup: Signup) -> None:
    """Record what was chosen; where it is not free, offer what else was granted."""
    found = granted.chosen(connector, token, grant, signup)
    try:
        _record(lease, token, grant, found)
    except Refused as error:
        account_lost = error.code == "waba_of_another_client"
        lost = found.waba_id if account_lost else found.phone_number_id
        seen = granted.choices(granted.numbers(connector, token, grant.accounts))
        left = [one for one in seen if lost not in (one.waba_id, one.phone_number_id)]
        raise Unclear(error.code, error.detail, left) from error


def _handed(lease: Lease) -> _Handed | None:
    with tenant(lease.client_id) as session:
        row = signing_up.of_line(session, lease.client_id, lease.key)
        if row is None:
            return None
        return _Handed(
            code=secrets.read(session, lease.client_id, signing_up.code_of(lease.key)),
            token=secrets.read(session, lease.client_id, signing_up.token_of(lease.key)),
            signup=row,
        )


def _exchanged(lease: Lease, connector: Connector, handed: _Handed) -> str:
    """The token of the newest code; after a crash in between, the code is found to be spent."""
    if handed.code is None:
        return str(handed.token)
    client_id = lease.client_id
    try:
        token = connector.exchange(handed.code)
    except Refused:
        _forget_code(lease)
        raise
    with tenant(client_id) as session:
        outbox.guard(session, lease)
        secrets.keep(session, client_id, signing_up.token_of(lease.key), token)
        secrets.forget(session, client_id, signing_up.code_of(lease.key))
    return token


def _forget_code(lease: Lease) -> None:
    with tenant(lease.client_id) as session:
        outbox.guard(session, lease)
        secrets.forget(session, lease.client_id, signing_up.code_of(lease.key))


def _record(lease: Lease, token: str, grant: Grant, found: Connection) -> None:
    client_id, line_id = lease.client_id, lease.key
    with tenant(client_id) as session:
        outbox.guard(session, lease)
        if not client_wabas.keep(session, client_id, found.waba_id, token, grant):
            raise Refused("waba_of_another_client", "The WhatsApp account is another client's")
        row = session.get_one(Signup, (client_id, line_id), with_for_update=True)
        if row.connection is None:
            if not _take(session, client_id, line_id, found):
                raise Refused("number_of_another_line", "The number is another line's already")
            row.connection = _as_json(found)
        if found.coexists:
            coexistence.begin(session, client_id, line_id)
        signing_up.stand(row, None)
        secrets.forget(session, client_id, signing_up.token_of(line_id))
        audit.record(session, client_id, "line.connected", line_id, waba_id=found.waba_id)
        with visiting(session, None):  # who looks at a WABA looks for all of its lines
            health.ask(session, found.waba_id)
        outbox.put(session, service.ADVANCE, line_id, client_id=client_id)


def _as_json(found: Connection) -> dict[str, str]:
    return {**asdict(found), "coexists": "yes" if found.coexists else "no"}


def _take(session: Session, client_id: str, line_id: str, found: Connection) -> bool:
    """The number is the line's; False where somebody else holds it here."""
    line = provisioning.line(session, client_id, line_id)
    if not found.coexists and pool_assigning.assign_picked(session, line, found):
        return True
    session.execute(
        insert(Number)
        .values(
            client_id=client_id,
            line_id=line_id,
            phone_number=found.phone_number,
            hears="",
            state="rented",
            portfolio_id=found.portfolio_id,
            waba_id=found.waba_id,
            phone_number_id=found.phone_number_id,
            rented_at=clock.now(),
        )
        .on_conflict_do_nothing()
    )
    if numbers.number_of(session, line_id) is None:
        return False
    if not found.coexists:  # without a PIN of ours nobody registers it
        signing_up.move_pin(session, client_id, found.phone_number, line_id)
    return True


def _stand(lease: Lease, problem: SignupProblem) -> None:
    log.warning("signup_stands", line_id=lease.key, code=problem.code)
    with tenant(lease.client_id) as session:
        outbox.guard(session, lease)
        row = session.get_one(Signup, (lease.client_id, lease.key), with_for_update=True)
        signing_up.stand(row, problem)
    _go_on(lease)


def _go_on(lease: Lease) -> None:
    """The activation looks at what became of it."""
    with tenant(lease.client_id) as session:
        outbox.put(session, service.ADVANCE, lease.key, client_id=lease.client_id)
