"""A line whose number stays in the app sends 20 messages a second, and holds nobody else up."""

from datetime import datetime, timedelta
from typing import Any

from gateway import workers
from gateway.messaging import outgoing, sending
from tests.harness import Gateway
from tests.onboarding.test_coexistence import coexisting

SECOND = timedelta(seconds=1)
PEOPLE = [f"+2126630{person:05}" for person in range(45)]
OTHER = "+212663100000"


def arrivals(gateway: Gateway) -> list[datetime]:
    """When the messages of the slow line reached their phones, in order."""
    shown = [message for phone in PEOPLE for message in gateway.world.phone_messages(phone)]
    return sorted(datetime.fromisoformat(message["received_at"]) for message in shown)


def test_a_second_sees_twenty_messages_and_another_line_goes_on(gateway: Gateway) -> None:
    other = gateway.client("Rif Textile")
    free, its_recruiter = gateway.line(other), gateway.recruiter(other)
    client = gateway.client()
    path = coexisting(gateway, client)
    slow = gateway.until(
        lambda: gateway.get(path), lambda line: line["display_name_status"] == "APPROVED"
    )
    recruiter = gateway.recruiter(client)
    wanted: list[dict[str, Any]] = [
        {
            "line_id": slow["id"],
            "recruiter_id": recruiter,
            "candidate": {"name": "Imane Tazi", "phone": phone},
        }
        for phone in PEOPLE
    ]
    gateway.post(f"/v1/clients/{client}/conversations/batch", {"conversations": wanted})
    gateway.talk(other, free["id"], its_recruiter, OTHER)

    # One worker that takes one line at a time: it does not sit by the slow one.
    gateway.app.extensions["jobs"][outgoing.SEND] = workers.each(sending.send_line, at_once=1)
    found = gateway.until(lambda: arrivals(gateway), lambda found: len(found) == len(PEOPLE))
    [quick] = gateway.phone(OTHER)
    assert datetime.fromisoformat(quick["received_at"]) < found[-1]
    for at in found:
        assert sum(at <= one < at + 0.8 * SECOND for one in found) <= 20
    assert found[-1] - found[0] > 1.8 * SECOND
    asked = gateway.panel("GET", "/stats")["calls"]["messages"]
    assert asked < len(PEOPLE) + 10, "hardly any was refused for being too fast"
