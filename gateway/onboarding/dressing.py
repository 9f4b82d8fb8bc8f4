"""Give a number its face: each part looked at first, and set only where it is not there yet."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from gateway.provisioning.registrar_contract import (
    Branding,
    BusinessProfile,
    Face,
    NumberRegistrar,
    WhatsAppNumber,
)

UNDECIDED: Final = ("PENDING_REVIEW", "NONE", "PENDING")
"""What Meta says of a name while it has not decided."""


@dataclass(frozen=True, kw_only=True)
class Missing:
    """What of a face a look did not find."""

    name: bool
    profile: bool

    def __bool__(self) -> bool:
        return self.name or self.profile


def look(registrar: NumberRegistrar, phone_number_id: str, face: Face) -> Missing:
    """Whether the name was handed in, and all the rest is to be seen over there."""
    number, profile = registrar.number(phone_number_id), registrar.profile(phone_number_id)
    return Missing(name=not _is_handed_in(number, face), profile=not _is_set(profile, face))


def put_on(registrar: NumberRegistrar, phone_number_id: str, face: Face, missing: Missing) -> None:
    """Hand the name in, and set all the rest in one act, as far as they are missing."""
    if missing.name:
        registrar.rename(phone_number_id, display_name=face.display_name)
    if missing.profile:
        registrar.brand(phone_number_id, face.branding)


def recorded(branding: Branding) -> Mapping[str, str]:
    """What was set, as the line keeps it and shows it."""
    parts = {
        "about": branding.about,
        "description": branding.description,
        "picture": "set" if branding.picture else "none",
        "picture_sha256": picture_hash(branding),
        "website": next(iter(branding.websites), None),
        "vertical": branding.vertical,
        "address": branding.address,
        "email": branding.email,
    }
    return {name: value for name, value in parts.items() if value is not None}


def picture_hash(branding: Branding) -> str | None:
    return sha256(branding.picture).hexdigest() if branding.picture else None


def _is_handed_in(number: WhatsAppNumber, face: Face) -> bool:
    """The latest name that Meta was given is this one, whatever it decided of it."""
    if number.new_display_name == face.display_name:
        return True
    another = number.new_display_name and number.new_name_status in UNDECIDED
    return number.display_name == face.display_name and not another


def _is_set(seen: BusinessProfile, face: Face) -> bool:
    wanted = face.branding
    if (seen.about, seen.description) != (wanted.about, wanted.description):
        return False
    for there, part in (
        (seen.websites, wanted.websites),
        (seen.vertical, wanted.vertical),
        (seen.address, wanted.address),
        (seen.email, wanted.email),
    ):
        if part and part != there:
            return False
    if wanted.picture is None:
        return True
    # The picture over there is Meta's own copy: only our record says of which one.
    return seen.has_picture and face.picture_worn == picture_hash(wanted)
