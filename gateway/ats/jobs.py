"""The jobs of ATS connections, by topic."""

from gateway.ats import opening, service
from gateway.workers import each

JOBS = {service.READ: each(opening.read)}
