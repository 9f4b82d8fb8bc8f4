"""How DIDWW signs its callbacks: HMAC-SHA1 over the URL, with its port, and the sorted fields.

Unverified, for the source read knows it by general knowledge alone: the header's name.
"""

import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import urlsplit

HEADER = "X-DIDWW-Signature"
_DEFAULT_PORTS = {"http": 80, "https": 443}


def sign(secret: str, url: str, fields: Mapping[str, str]) -> str:
    """The signature of a callback. ValueError where the URL is none."""
    signed = _with_port(url) + "".join(name + fields[name] for name in sorted(fields))
    return hmac.new(secret.encode(), signed.encode(errors="replace"), hashlib.sha1).hexdigest()


def _with_port(url: str) -> str:
    parts = urlsplit(url)
    port = parts.port or _DEFAULT_PORTS.get(parts.scheme, 80)
    user, at, _ = parts.netloc.rpartition("@")
    host = parts.hostname or ""
    named = f"[{host}]" if ":" in host else host
    return parts._replace(netloc=f"{user}{at}{named}:{port}").geturl()
