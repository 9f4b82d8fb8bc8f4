"""A client's authorisation ends by itself: it is asked for again while it still holds."""

from datetime import timedelta
from typing import Final

from gateway.database import enter_tenant, platform
from gateway.events import service as events
from gateway.onboarding import signup_links
from gateway.provisioning import client_wabas, health, routes
from gateway.schedules import Schedule

EVERY: Final = timedelta(hours=1)


def ask_all() -> None:
    """What the schedule runs: tell whoever should renew, and show it on the lines."""
    with platform() as session:
        found = [(row, routes.lines_in_waba(session, row.waba_id))
                 for row in client_wabas.to_remind(session)]  # fmt: skip
        for row, _ in found:
            health.ask(session, row.waba_id)
        for row, lines in found:
            enter_tenant(session, row.client_id)
            for line in lines:
                events.record(
                    session,
                    line.client_id,
                    "line.authorisation_expiring",
                    line_id=line.line_id,
                    expires_at=row.expires_at and row.expires_at.isoformat(),
                    signup_url=signup_links.url(line.client_id, line.line_id),
                )


SCHEDULE: Final = Schedule(name="client-authorisations", every=EVERY, run=ask_all)
