"""The jobs of messaging, by topic."""

from gateway.messaging import (
    fetching,
    holding,
    inbound,
    media,
    merging,
    outgoing,
    people,
    reading,
    routing,
    sending,
    settling,
    template_news,
)
from gateway.workers import each

JOBS = {
    outgoing.SEND: each(sending.send_line),
    settling.SETTLE: each(settling.settle),
    holding.SHARE: each(holding.share),
    routing.ROUTE: each(routing.route),
    inbound.READ: each(inbound.read),
    template_news.ASK: each(template_news.ask),
    people.MEET: each(merging.settle),
    reading.READ_RECEIPT: each(reading.tell),
    media.FETCH: each(fetching.fetch, at_once=4),  # each holds a whole file in memory
}
