"""What groups would be for a line, by how its number stands at Meta. Pure."""

from typing import Final

from gateway.plugin_api import Blocker, GroupsFinding, GroupsReport, GroupStanding

_GUIDE: Final = "Meta, Groups API, get started"
_CHANGELOG: Final = "Meta, changelog of the WhatsApp Business Platform"

OFFERS: Final = (
    "Groups of up to 8 people besides the business; a number may have 10,000 of them.",
    "Text, media, and templates with text or media.",
    "An invite link for each group, which can be reset; people may have to be approved first.",
    "Taking people out, a subject, a description, a picture, pinned messages.",
    "One status of a message for each person it reached.",
)
FORBIDS: Final = (
    "Adding anybody: people come in by the link alone, and who was taken out cannot use it again.",
    "Buttons, lists, flows, authentication templates, catalogues and calls.",
    "Editing, deleting, disappearing messages, and marking messages as read.",
    "Writing to a group that nobody has joined.",
    "A second business in the same group.",
)
FINDINGS: Final = (
    GroupsFinding(
        statement="Nobody can be added directly.",
        verdict="confirmed",
        why="Meta's guide and its questions deny it; people follow an invite link.",
        source=_GUIDE,
        as_of="2025-11-14",
    ),
    GroupsFinding(
        statement="Joining means friction: a link has to be sent and followed.",
        verdict="confirmed",
        why="Each person needs a message with the link, paid like any other, and may ignore it.",
        source=_GUIDE,
        as_of="2025-11-14",
    ),
    GroupsFinding(
        statement="The API limits the number of participants.",
        verdict="confirmed",
        why="At most 8 besides the business.",
        source=_GUIDE,
        as_of="2025-11-14",
    ),
    GroupsFinding(
        statement="Templates do not work in groups.",
        verdict="overtaken",
        why="Text and media templates do; interactive and authentication templates do not.",
        source=_GUIDE,
        as_of="2025-11-14",
    ),
    GroupsFinding(
        statement="Groups need a number with a limit of 100,000 people a day.",
        verdict="overtaken",
        why="Any Official Business Account may use them since then.",
        source=_CHANGELOG,
        as_of="2026-02-03",
    ),
    GroupsFinding(
        statement="Messages within 24 hours of an answer are free in groups.",
        verdict="in part",
        why="So the guide said in October 2025. Whether the prices of 1 October 2026 hold in groups"
        " is not confirmed; each delivery to each member is charged.",
        source=_GUIDE,
        as_of="2025-11-14",
    ),
)


def report(standing: GroupStanding) -> GroupsReport:
    """Whether a number that stands so may use groups."""
    reasons = tuple(_reasons(standing))
    return GroupsReport(
        eligible=not reasons,
        reasons=reasons,
        offers=OFFERS,
        forbids=FORBIDS,
        findings=FINDINGS,
    )


def _reasons(standing: GroupStanding) -> list[Blocker]:
    found = []
    if not standing.connected:
        found.append(
            Blocker(
                code="not_registered",
                detail="The number is not registered on the Cloud API: activate the line first.",
                who="operator",
            )
        )
    if standing.coexisting:
        found.append(
            Blocker(
                code="coexistence",
                detail="The number stays in the WhatsApp Business app, and such numbers have no"
                " groups: take it off the app to change that.",
                who="client",
            )
        )
    if not standing.official:
        found.append(
            Blocker(
                code="not_official",
                detail="Groups are open to Official Business Accounts. Applying takes press"
                " coverage, a verified portfolio, 30 days on the platform, two-step verification"
                " and an approved name; small companies rarely pass.",
                who="meta",
            )
        )
    return found
