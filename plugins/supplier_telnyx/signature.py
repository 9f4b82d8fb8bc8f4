"""How Telnyx signs what it posts: Ed25519 over the time and the body."""

import base64
import time
from collections.abc import Mapping

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

REPLAY_SECONDS = 300


def is_signed(public_key: str, headers: Mapping[str, str], body: bytes) -> bool:
    """Whether the owner of this key signed the body, lately."""
    timestamp = headers.get("telnyx-timestamp", "")
    if not (timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= 12):
        return False
    if abs(time.time() - int(timestamp)) > REPLAY_SECONDS:
        return False
    try:
        signature = base64.b64decode(headers.get("telnyx-signature-ed25519", ""), validate=True)
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public_key))
        key.verify(signature, _signed(timestamp, body))
    except (InvalidSignature, ValueError):
        return False
    return True


def sign(key: Ed25519PrivateKey, timestamp: str, body: bytes) -> dict[str, str]:
    """The headers of a signed post."""
    signature = base64.b64encode(key.sign(_signed(timestamp, body))).decode()
    return {"telnyx-timestamp": timestamp, "telnyx-signature-ed25519": signature}


def _signed(timestamp: str, body: bytes) -> bytes:
    return timestamp.encode() + b"|" + body
