"""How Twilio signs what it posts: HMAC-SHA1 over the URL and the sorted form fields."""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from urllib.parse import parse_qs, urlsplit

_DEFAULT_PORTS = {"http": 80, "https": 443}


def sign(auth_token: str, url: str, fields: Sequence[tuple[str, str]] = ()) -> str:
    """The signature of a post. Of a name that comes repeatedly each distinct value counts once."""
    signed = url + "".join(name + value for name, value in sorted(set(fields)))
    digest = hmac.new(auth_token.encode(), signed.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


def is_signed(
    auth_token: str, signature: str, url: str, body: bytes, fields: Sequence[tuple[str, str]]
) -> bool:
    """Whether Twilio signed this post, with or without the default port in the URL."""
    claimed = parse_qs(urlsplit(url).query).get("bodySHA256")
    if claimed:
        if not _same(hashlib.sha256(body).hexdigest(), claimed[0].lower()):
            return False
        fields = ()
    return any(_same(sign(auth_token, spelling, fields), signature) for spelling in _spell(url))


def _same(ours: str, theirs: str) -> bool:
    return hmac.compare_digest(ours.encode(), theirs.encode(errors="replace"))


def _spell(url: str) -> list[str]:
    parts = urlsplit(url)
    default = _DEFAULT_PORTS.get(parts.scheme)
    if parts.port is None:
        other = parts._replace(netloc=f"{parts.netloc}:{default}")
    elif parts.port == default:
        other = parts._replace(netloc=parts.netloc.removesuffix(f":{default}"))
    else:
        return [url]
    return [url, other.geturl()]
