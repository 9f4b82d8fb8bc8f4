"""Every table of the core, for migrations and the catalogue."""

from gateway import blobs, idempotency, inbound, outbox, scheduler, secrets
from gateway.ats import models as ats
from gateway.audit import models as audit
from gateway.console import models as console
from gateway.events import absence
from gateway.events import models as events
from gateway.groups import models as groups
from gateway.messaging import models as messaging
from gateway.onboarding import models as onboarding
from gateway.provisioning import models as provisioning
from gateway.tenancy import models as tenancy

__all__ = [
    "absence",
    "ats",
    "audit",
    "blobs",
    "console",
    "events",
    "groups",
    "idempotency",
    "inbound",
    "messaging",
    "onboarding",
    "outbox",
    "provisioning",
    "scheduler",
    "secrets",
    "tenancy",
]
