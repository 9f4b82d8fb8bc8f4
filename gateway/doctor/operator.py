"""What Meta lets the operator's own app and business do."""

from collections.abc import Iterator

from gateway import clock
from gateway.database import platform
from gateway.doctor.finding import Finding
from gateway.onboarding.case_facts import can_sign_up
from gateway.provisioning import operator_standing
from gateway.provisioning.operator_contract import VERIFIED
from gateway.provisioning.operator_standing import Seen

_SAID = {
    operator_standing.FOR_OTHERS: "The app may act for other businesses (Tech Provider)",
    operator_standing.DIRECT: "The app acts for its own business alone: direct, no Tech Provider",
}


def standing() -> Iterator[Finding]:
    """Of the app, then of each portfolio."""
    with platform() as session:
        found = operator_standing.seen(session)
    for one in found:
        is_app = one.subject == operator_standing.APP
        yield Finding(
            check="Meta app" if is_app else f"verification {one.subject}",
            verdict="warn" if one.obstacle or not _is_well(one) else "ok",
            detail=_detail(one, is_app),
            remedy=_remedy(one, is_app),
        )


def _is_well(one: Seen) -> bool:
    """Direct is enough for who lets nobody sign up."""
    if one.status == operator_standing.DIRECT:
        return not can_sign_up()
    return one.status in (None, VERIFIED, operator_standing.FOR_OTHERS)


def _detail(one: Seen, is_app: bool) -> str:
    if one.status is None or one.seen_at is None:
        said = "Nobody has seen yet how it stands."
    else:
        minutes = int((clock.now() - one.seen_at).total_seconds() // 60)
        known = _SAID[one.status] if is_app else f"The business is {one.status} at Meta"
        said = f"{known}; seen {minutes} min ago."
    return f"{said} It could not be looked at since: {one.obstacle}" if one.obstacle else said


def _remedy(one: Seen, is_app: bool) -> str:
    if one.obstacle:
        return "Let the system user's token read the business (`business_management`)."
    if _is_well(one):
        return ""
    if is_app:
        return (
            "Only clients' own numbers take it: have the business verified, then both permissions"
            " of WhatsApp approved for advanced access in App Review."
        )
    return (
        "Verify it in Meta's Security Centre: until then it may hold 2 numbers and write first to"
        " 250 people in 24 h, unless it has earned more."
    )
