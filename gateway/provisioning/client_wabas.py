"""The WABAs that clients connected: whose each is, its access, and when that access ends."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gateway import clock, secrets
from gateway.provisioning.access import secret_of
from gateway.provisioning.connector_contract import Grant
from gateway.provisioning.health_rules import Concern
from gateway.provisioning.models import ClientWaba

RENEW_BEFORE: Final = timedelta(days=14)
_REMIND_EVERY: Final = timedelta(days=5)


def keep(session: Session, client_id: str, waba_id: str, access_token: str, grant: Grant) -> bool:
    """The client's access to its WABA, from now on; False where the WABA is another client's."""
    now = clock.now()
    values = {"expires_at": grant.expires_at, "connected_at": now, "reminded_at": None}
    session.execute(
        insert(ClientWaba)
        .values(waba_id=waba_id, client_id=client_id, **values)
        .on_conflict_do_nothing()
    )
    row = session.get(ClientWaba, waba_id, populate_existing=True)
    if row is None:  # there is one, which this client does not see
        return False
    row.expires_at, row.connected_at, row.reminded_at = grant.expires_at, now, None
    secrets.keep(session, client_id, secret_of(waba_id), access_token)
    return True


def forget(session: Session, client_id: str, waba_id: str) -> None:
    """The client's access is over; anybody may connect the WABA again."""
    session.execute(delete(ClientWaba).where(ClientWaba.waba_id == waba_id))
    secrets.forget(session, client_id, secret_of(waba_id))


def of_waba(session: Session, waba_id: str | None) -> ClientWaba | None:
    """What is known of a client's WABA; None where it is the platform's own."""
    return session.get(ClientWaba, waba_id) if waba_id else None


def of_wabas(session: Session, waba_ids: Iterable[str | None]) -> Mapping[str, ClientWaba]:
    """The same of each that is a client's."""
    rows = session.scalars(select(ClientWaba).where(ClientWaba.waba_id.in_({*waba_ids} - {None})))
    return {row.waba_id: row for row in rows}


def to_remind(session: Session) -> list[ClientWaba]:
    """Those whose access ends soon and whose clients should hear of it now; they count as told."""
    now = clock.now()
    rows = session.scalars(
        select(ClientWaba)
        .where(
            ClientWaba.expires_at <= now + RENEW_BEFORE,
            ClientWaba.reminded_at.is_(None) | (ClientWaba.reminded_at <= now - _REMIND_EVERY),
        )
        .with_for_update(skip_locked=True)
    ).all()
    for row in rows:
        row.reminded_at = now
    return list(rows)


def is_ending(row: ClientWaba | None) -> bool:
    """Whether the client should renew its access."""
    return bool(row and row.expires_at and row.expires_at <= clock.now() + RENEW_BEFORE)


def concerns(row: ClientWaba | None) -> list[Concern]:
    """What the lines of a WABA should know of its access, besides how they stand."""
    if row is None or row.expires_at is None or not is_ending(row):
        return []
    return [
        Concern(
            code="authorisation_expiring",
            detail=f"The client's authorisation ends on {row.expires_at:%d %B %Y}; then nothing"
            " leaves.",
            do=_SIGN_UP_AGAIN,
            who="client",
        )
    ]


_SIGN_UP_AGAIN: Final = (
    "Have the client sign up once more at the line's `signup_url`; its number stays."
)
LOST: Final = Concern(
    code="authorisation_lost",
    detail="The client's authorisation has ended: it expired, or the client took it back.",
    do=_SIGN_UP_AGAIN,
    who="client",
    stops=True,
)
"""What keeps a client's WABA from acting once its access is over."""

NO_ACCESS: Final = (LOST.code, "no_such_object")
"""By which codes a look at a client's WABA shows that."""
