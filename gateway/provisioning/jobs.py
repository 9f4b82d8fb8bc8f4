"""The jobs of provisioning, by topic."""

from gateway.provisioning import health, looking, quarantine
from gateway.workers import each

JOBS = {
    health.LOOK: each(looking.look, at_once=4),
    quarantine.GIVE_BACK: each(quarantine.give_back),
}
