"""The house: the platform as a client of its own, which keeps what belongs to no customer yet.

Its vendor has no keys and is on no list: nobody but the gateway acts for it.
"""

import uuid
from typing import Final

from flask import current_app
from sqlalchemy.dialects.postgresql import insert

from gateway import clock
from gateway.database import platform, vendor
from gateway.ids import show
from gateway.tenancy.models import Client, Vendor

_FIRST: Final = uuid.UUID(int=0x7 << 76 | 0x2 << 62)  # a UUIDv7 that no clock will give again
VENDOR: Final = show("vnd", _FIRST)
CLIENT: Final = show("cli", _FIRST)


def open_house() -> None:
    """Make the house unless it is there, under the platform's name as it is configured now."""
    name = current_app.extensions["settings"].platform.name
    with platform() as session:
        made = insert(Vendor).values(id=VENDOR, name=name, created_at=clock.now())
        session.execute(made.on_conflict_do_nothing())
    with vendor(VENDOR) as session:
        made = insert(Client).values(
            client_id=CLIENT,
            vendor_id=VENDOR,
            name=name,
            country="MA",
            default_language="en",
            created_at=clock.now(),
        )
        session.execute(
            made.on_conflict_do_update(index_elements=["client_id"], set_={"name": name})
        )
