"""Standard Webhooks: HMAC-SHA256 over `id.timestamp.body`; several signatures may be given."""

import base64
import hmac
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final

_TOLERANCE: Final = 300  # seconds, to either side


def is_signed(secret: str, headers: Mapping[str, str], body: bytes, now: datetime) -> bool:
    """Whether one of the signatures is of these very bytes and made in the last minutes."""
    event_id, sent_at, given = (
        headers.get(f"webhook-{part}", "") for part in ("id", "timestamp", "signature")
    )
    if not event_id or not _is_fresh(sent_at, now):
        return False
    # A header's text is its bytes, one to one.
    signed = b".".join((event_id.encode("latin-1", "replace"), sent_at.encode(), body))
    key = base64.b64decode(secret.removeprefix("whsec_"))
    ours = base64.b64encode(hmac.digest(key, signed, "sha256"))
    found = [part.partition(",") for part in given.split(" ")]
    return any(
        hmac.compare_digest(ours, theirs.encode("latin-1", "replace"))
        for version, _, theirs in found
        if version == "v1"
    )


def _is_fresh(sent_at: str, now: datetime) -> bool:
    if not re.fullmatch("[0-9]{1,12}", sent_at):
        return False
    return abs(now.timestamp() - int(sent_at)) <= _TOLERANCE
