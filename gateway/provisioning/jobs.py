"""The jobs of provisioning, by topic."""

from gateway.provisioning import charges, health, looking, operator_standing, quarantine, stock
from gateway.workers import each

JOBS = {
    charges.TOPIC: each(charges.ask, at_once=4),
    health.LOOK: each(looking.look, at_once=4),
    operator_standing.LOOK: each(operator_standing.look),
    stock.LOOK: each(stock.look),
    quarantine.GIVE_BACK: each(quarantine.give_back),
}
