"""The jobs of messaging, by topic."""

from gateway.messaging import inbound, outgoing, sending
from gateway.workers import each

JOBS = {
    outgoing.SEND: each(sending.send_line),
    sending.SETTLE: each(sending.settle),
    inbound.ROUTE: each(inbound.route),
    inbound.READ: each(inbound.read),
}
