"""The jobs of messaging, by topic."""

from gateway.messaging import inbound, sending, service
from gateway.workers import each

JOBS = {
    service.SEND: each(sending.send_line),
    sending.SETTLE: each(sending.settle),
    inbound.ROUTE: each(inbound.route),
    inbound.READ: each(inbound.read),
}
