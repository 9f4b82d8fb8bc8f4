"""How a line stands with the platform: what was seen, when, and what of it somebody must know."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy.orm import Session

from gateway import clock, outbox
from gateway.events import service as events
from gateway.provisioning import coexistence, health_rules, service
from gateway.provisioning.health_contract import NumberHealth
from gateway.provisioning.health_rules import Concern, Restriction
from gateway.provisioning.models import Line, LineHealth

LOOK: Final = "provisioning.look"
LOOKED_AT: Final = ("active", "suspended")
_BETWEEN_REGISTRATIONS: Final = timedelta(hours=8)  # some of the ten are left for people


@dataclass(frozen=True, kw_only=True)
class Look:
    """One look at a line's number: what was seen, or the one thing that stood in its way."""

    began: datetime
    seen: NumberHealth | None = None
    review: str = ""
    restrictions: Sequence[Restriction] = ()
    beside: Sequence[Concern] = ()  # what is known without looking
    obstacle: Concern | None = None


def of_line(session: Session, client_id: str, line_id: str) -> LineHealth | None:
    """What the last look found; None: nobody has looked yet."""
    return session.get(LineHealth, (client_id, line_id))


def shown(session: Session, client_id: str, line_id: str) -> dict[str, Any]:
    """What the last look found, with its age."""
    row = of_line(session, client_id, line_id)
    seen_at = row and row.seen_at
    return {
        "line_id": line_id,
        "state": row.state if row else health_rules.UNKNOWN,
        "seen_at": seen_at,
        "age_seconds": seen_at and int((clock.now() - seen_at).total_seconds()),
        "changed_at": row and row.changed_at,
        "seen": row and row.seen,
        "problems": row.problems if row else [],
    }


def record(session: Session, client_id: str, line_id: str, look: Look) -> None:
    """Note what a look found. A change is told once; a line is stopped, or sends again, by it."""
    line = service.line(session, client_id, line_id, lock=True)
    if line.status not in LOOKED_AT:
        return
    row = _row(session, client_id, line_id)
    row.looked_at = look.began
    if look.obstacle is None:
        found = health_rules.concerns(
            look.seen, review=look.review, restrictions=look.restrictions, now=clock.now()
        )
        if coexistence.of_line(session, client_id, line_id) is not None:
            found = [coexistence.seen_so(concern) for concern in found]
        found += look.beside
        row.seen, row.seen_at = _facts(look), look.began
    else:
        found = [look.obstacle]
    _tell(session, row, found)
    _act(session, line, look, found)


def note_registration(session: Session, client_id: str, line_id: str) -> bool:
    """Whether a locked line's number may be registered again now; if so, it counts as tried."""
    row = _row(session, client_id, line_id)
    now = clock.now()
    if row.registered_at and row.registered_at + _BETWEEN_REGISTRATIONS > now:
        return False
    row.registered_at = now
    return True


def ask(session: Session, waba_id: str, *, after: float = 0) -> None:
    """Have the numbers of a WABA looked at; many who ask at once get one look."""
    outbox.put(session, LOOK, waba_id, after=after)


def _row(session: Session, client_id: str, line_id: str) -> LineHealth:
    row = of_line(session, client_id, line_id)
    if row is None:
        row = LineHealth(
            client_id=client_id,
            line_id=line_id,
            state=health_rules.UNKNOWN,
            problems=[],
        )
        session.add(row)
    return row


def _tell(session: Session, row: LineHealth, found: Sequence[Concern]) -> None:
    state, before = health_rules.state_of(found), row.state
    problems = [asdict(concern) for concern in found]
    changed = _signs(problems) != _signs(row.problems)
    row.state, row.problems = state, problems
    if not changed:
        return
    row.changed_at = clock.now()
    rank = health_rules.RANK
    events.record(
        session,
        row.client_id,
        "line.health_changed",
        line_id=row.line_id,
        state=state,
        previous_state=before,
        worse=rank[state] > rank.get(before, 0),
        problems=[
            {"code": one.code, "detail": one.detail, "do": one.do, "who": one.who} for one in found
        ],
    )


def _signs(problems: Sequence[dict[str, Any]]) -> set[tuple[str, str | None]]:
    """By what two looks are told apart: not by words, which may carry times."""
    return {(problem["code"], problem["provider_code"]) for problem in problems}


def _act(session: Session, line: Line, look: Look, found: Sequence[Concern]) -> None:
    stop = next((concern for concern in found if concern.stops), None)
    if stop is not None:
        detail = f"{stop.detail} {stop.do}".strip()
        service.suspend(session, line.client_id, line.id, stop.code, detail)
    elif look.obstacle is None and not any(one.code == "account_restricted" for one in found):
        service.resume(session, line.client_id, line.id, seen_at=look.began)


def _facts(look: Look) -> dict[str, Any]:
    seen = look.seen
    return {
        "status": seen.status if seen else "DELETED",
        "registered": bool(seen and seen.connected),
        "can_send": seen.can_send if seen else "BLOCKED",
        "quality_rating": seen.quality_rating if seen else "UNKNOWN",
        "name_status": seen.name_status if seen else "NONE",
        "account_review": look.review or "UNKNOWN",
        "entities": [asdict(entity) for entity in seen.entities] if seen else [],
    }
