"""The jobs of provisioning, by topic."""

from gateway.provisioning import health, looking
from gateway.workers import each

JOBS = {health.LOOK: each(looking.look, at_once=4)}
