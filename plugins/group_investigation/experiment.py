"""Groups tried in the sandbox: one for each pair of a candidate and a recruiter."""

from collections.abc import Sequence
from typing import Final

from gateway.plugin_api import Group, GroupsLab, GroupsTrial, Money, Refused

_PATIENCE: Final = 20.0  # seconds for the platform to make a group
_FOLLOWING: Final = 2.0  # seconds in which whoever follows a link has followed it


def run(lab: GroupsLab, *, pairs: int, messages: int) -> GroupsTrial:
    """Open the groups, send the links, write to whoever joined, and count what came of it."""
    subjects = [f"{lab.run} {pair + 1}" for pair in range(pairs)]
    for subject in subjects:
        lab.carrier.open_group(lab.phone_number_id, subject=subject)
    lab.until(lambda: len(_of(lab, subjects)) == pairs, _PATIENCE)
    opened = _of(lab, subjects)
    for place, group in enumerate(opened):
        note = lab.note(f"Join your group: {group.invite_link}")
        lab.write(lab.person(2 * place), note)
        lab.write(lab.person(2 * place + 1), note)
    lab.until(lambda: sum(group.people for group in _of(lab, subjects)) == 2 * pairs, _FOLLOWING)
    joined = _of(lab, subjects)
    written = [_write(lab, group, messages) for group in joined]
    deliveries = sum(group.people * count for group, count in zip(joined, written, strict=True))
    one_to_one = pairs * (1 + messages)  # the introduction, then the same messages to one person
    return GroupsTrial(
        groups=len(opened),
        refused=sum(group.people == 0 for group in joined),
        invited=2 * len(opened),
        joined=sum(group.people for group in joined),
        messages=sum(written),
        deliveries=deliveries,
        group_cost=_times(lab.price(), 2 * len(opened) + deliveries),
        one_to_one_messages=one_to_one,
        one_to_one_cost=_times(lab.price(), one_to_one),
    )


def _of(lab: GroupsLab, subjects: Sequence[str]) -> list[Group]:
    found = {group.subject: group for group in lab.carrier.groups(lab.phone_number_id)}
    return [found[subject] for subject in subjects if subject in found]


def _write(lab: GroupsLab, group: Group, messages: int) -> int:
    """How many of the messages the group took."""
    taken = 0
    for place in range(messages):
        note = lab.note(f"Message {place + 1} of {lab.run}")
        try:
            lab.carrier.write_to_group(
                lab.phone_number_id, group.group_id, type="template", content=note
            )
        except Refused:
            return taken
        taken += 1
    return taken


def _times(price: Money | None, quantity: int) -> Money | None:
    if price is None:
        return None
    return Money(amount=price.amount * quantity, currency=price.currency)
