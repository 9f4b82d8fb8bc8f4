"""What an account may not do for a time, as the platform told us: no look shows until when."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gateway.provisioning.health_rules import Restriction
from gateway.provisioning.models import WabaRestrictions


def hear(session: Session, waba_id: str, told: Sequence[Restriction], at: datetime) -> None:
    """These are all that there are. What was told last counts, also when it is read late."""
    held = [{"kind": one.kind, "until": one.until and one.until.isoformat()} for one in told]
    row = insert(WabaRestrictions).values(waba_id=waba_id, restrictions=held, told_at=at)
    session.execute(
        row.on_conflict_do_update(
            index_elements=["waba_id"],
            set_={"restrictions": row.excluded.restrictions, "told_at": row.excluded.told_at},
            where=WabaRestrictions.told_at <= row.excluded.told_at,
        )
    )


def of_waba(session: Session, waba_id: str) -> list[Restriction]:
    """What was told last, over or not; asked in the platform's scope."""
    return of_wabas(session, [waba_id]).get(waba_id, [])


def of_wabas(session: Session, wabas: Sequence[str]) -> Mapping[str, list[Restriction]]:
    """The same of each that something was told of."""
    rows = session.scalars(select(WabaRestrictions).where(WabaRestrictions.waba_id.in_(wabas)))
    return {
        row.waba_id: [
            Restriction(
                kind=told["kind"],
                until=datetime.fromisoformat(told["until"]) if told["until"] else None,
            )
            for told in row.restrictions
        ]
        for row in rows
    }
