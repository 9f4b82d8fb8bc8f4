"""The client's logo as candidates get it: one square JPEG, whatever was uploaded or linked."""

import hashlib
import threading
import time
from typing import Final

import structlog

from gateway.errors import ProviderError
from gateway.http_client import HttpClient
from gateway.onboarding import branding
from gateway.onboarding.branding import BrandSource

log = structlog.get_logger()

KEPT_SECONDS: Final = 600.0
_KEPT_WITHOUT_SUCCESS: Final = 30.0
_MOST: Final = 64


class Logos:
    """Pictures made lately. A logo given by address is fetched at most every ten minutes."""

    def __init__(self, http: HttpClient) -> None:
        self._http = http
        self._lock = threading.Lock()
        self._made: dict[str, tuple[float, bytes | None]] = {}

    def picture(self, source: BrandSource) -> bytes | None:
        """The picture; None where there is no logo, or none that can be read now."""
        if source.logo is None and not source.logo_url:
            return None
        name = source.logo_url or ""
        if source.logo is not None:
            name = hashlib.sha256(source.logo).hexdigest()
        with self._lock:
            until, picture = self._made.get(name, (0.0, None))
        if time.monotonic() < until:
            return picture
        picture = self._make(source)
        with self._lock:
            while len(self._made) >= _MOST:
                del self._made[next(iter(self._made))]
            kept = KEPT_SECONDS if picture else _KEPT_WITHOUT_SUCCESS
            self._made[name] = (time.monotonic() + kept, picture)
        return picture

    def _make(self, source: BrandSource) -> bytes | None:
        try:
            return branding.wanted(source, self._http).picture
        except ProviderError as error:
            log.info("logo_not_shown", code=error.code)
            return None
