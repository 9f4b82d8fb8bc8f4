"""The PIN that a client's number has from elsewhere, entered by whoever knows it.

It becomes the line's own, kept encrypted as every line's; one that Meta refuses is forgotten.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.orm import Session

from gateway import secrets
from gateway.audit import service as audit
from gateway.database import visiting
from gateway.onboarding import service
from gateway.problems import Problem
from gateway.provisioning import attempts
from gateway.provisioning import service as provisioning

DIGITS: Final = 6
_MISMATCH: Final = "pin_mismatch"
_ENTERED: Final = "pin_entered"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A PIN is asked for."""

    refused: bool  # the one that was entered before
    left: int  # how many registrations Meta still takes


def asked(session: Session, client_id: str, line: Mapping[str, Any]) -> Asked | None:
    """What a line, as it is shown, has stopped for; None where that is no PIN."""
    found = service.progress(session, client_id, line["id"])
    if not _is_wanted(found):
        return None
    with visiting(session, None):
        left = attempts.left(session, line["phone_number"], "register")
    return Asked(refused=_ENTERED in found.activation.facts, left=left)


def enter(session: Session, client_id: str, line_id: str, pin: str) -> None:
    """Register the number with this PIN. Problem 409 where nothing has stopped for one."""
    provisioning.line(session, client_id, line_id, lock=True)
    found = service.progress(session, client_id, line_id)
    if not _is_wanted(found):
        raise Problem(409, "activation_state", "The activation has not stopped for a PIN.")
    service.retry(session, client_id, line_id)
    found.activation.facts = {**found.activation.facts, _ENTERED: "yes"}
    secrets.keep(session, client_id, f"pin:{line_id}", pin)
    audit.record(session, client_id, "activation.pin_entered", line_id)


def _is_wanted(found: service.Progress) -> bool:
    stopped = [step for step in found.steps if step.state == "failed"]
    return any((step.error or {}).get("code") == _MISMATCH for step in stopped)
