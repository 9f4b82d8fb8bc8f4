"""The jobs of messaging, by topic."""

from gateway.messaging import inbound, merging, outgoing, people, sending, template_news
from gateway.workers import each

JOBS = {
    outgoing.SEND: each(sending.send_line),
    sending.SETTLE: each(sending.settle),
    inbound.ROUTE: each(inbound.route),
    inbound.READ: each(inbound.read),
    template_news.ASK: each(template_news.ask),
    people.MEET: each(merging.settle),
}
