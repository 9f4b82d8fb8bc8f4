"""How lines are shown, to the API and to the pages alike."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy.orm import Session

from gateway.onboarding import advising, service, signing_up
from gateway.provisioning import client_wabas, coexistence, numbers
from gateway.provisioning.models import Line
from gateway.tenancy import service as tenancy

_OF_NUMBER: Final = ("supplier", "phone_number", "phone_number_id", "waba_id", "portfolio_id")
_OF_ACTIVATION: Final = ("id", "state", "created_at", "finished_at")


def line(session: Session, row: Line) -> dict[str, Any]:
    """A line with its number and its activation, as the API shows it."""
    return lines(session, [row])[0]


def lines(session: Session, rows: Sequence[Line]) -> list[dict[str, Any]]:
    """The same of many lines of one client."""
    if not rows:
        return []
    client = tenancy.client(session, rows[0].client_id)
    ids = [row.id for row in rows]
    held = numbers.of_lines(session, rows)
    progress = service.progress_of(session, client.client_id, ids)
    wabas = client_wabas.of_wabas(session, [number.waba_id for number in held.values()])
    shared = coexistence.of_lines(session, client.client_id, ids)
    found = []
    for row in rows:
        number, activation = held.get(row.id), progress[row.id].activation
        waba = wabas.get(number.waba_id or "") if number else None
        found.append(
            {
                **{name: getattr(number, name, None) for name in _OF_NUMBER},
                "id": row.id,
                "case": row.case_name,
                "status": row.status,
                "country": row.country,
                "display_name": row.display_name,
                "display_name_status": row.display_name_status,
                "display_name_refusal": row.display_name_refusal,
                "branding": row.branding,
                "rebranding": row.rebranding,
                "paid_by": row.paid_by,
                "replaces": row.replaces,
                "suspension": row.suspension if row.status == "suspended" else None,
                "authorisation_expires_at": waba.expires_at if waba else None,
                "coexistence": coexistence.shown(shared.get(row.id)),
                "created_at": row.created_at,
                "activated_at": row.activated_at,
                "release_at": row.release_at,
                "release_error": row.release_error,
                "released_at": row.released_at,
                "activation": {
                    **{name: getattr(activation, name) for name in _OF_ACTIVATION},
                    "signup_url": signing_up.url_of(session, row, activation.state),
                    "steps": advising.steps(progress[row.id].steps, client),
                },
            }
        )
    return found
