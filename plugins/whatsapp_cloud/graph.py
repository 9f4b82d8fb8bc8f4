"""Calls to the Graph API: addresses, tokens, answers, and errors in our words."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import requests

from gateway.plugin_api import (
    AccountStopped,
    HttpClient,
    OutcomeUnknown,
    ProviderError,
    Refused,
    TryAgain,
)

from .errors_map import provider_error

_NO_ACCESS = ("token_invalid", "permission_missing")
_DOWNLOAD_SECONDS = 120.0  # the address lives five minutes


class Graph:
    """The Graph API under one access token, the platform's or a business's. Safe across threads."""

    def __init__(
        self, settings: Mapping[str, Any], http: HttpClient, *, access_token: str | None = None
    ) -> None:
        self._root = f"{settings['graph_url'].rstrip('/')}/{settings['version']}"
        self._app_id = settings["app_id"]
        self._token = access_token or settings["access_token"]
        self._is_theirs = access_token is not None
        self._http = http

    def get(self, path: str, params: Mapping[str, str] | None = None) -> dict[str, Any]:
        """What an object holds. TryAgain wherever there is no answer: reading changes nothing."""
        with _harmless():
            return self._call("GET", path, params=params)

    def pages(
        self, path: str, params: Mapping[str, str], *, under: str | None = None
    ) -> Iterator[dict[str, Any]]:
        """The items of a list, page after page; `under` a name, where Meta puts them so."""
        asked = dict(params)
        while True:
            answer = self.get(path, asked)
            data = answer.get("data", ())
            yield from data.get(under, ()) if under else data
            paging = answer.get("paging", {})
            after = paging.get("cursors", {}).get("after")
            # The last page has a cursor as well; only `next` says that there is more.
            if not paging.get("next") or not after:
                return
            asked["after"] = after

    def post(self, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Change something. OutcomeUnknown wherever the answer does not say what happened."""
        return self._call("POST", path, json=body)

    def delete(self, path: str) -> None:
        """Have something forgotten. TryAgain wherever there is no answer: what is gone is gone."""
        with _harmless():
            self._call("DELETE", path)

    def upload(self, content: bytes, *, content_type: str, name: str) -> str:
        """Upload a file in two steps; the handle that profiles and templates take.

        Source: Resumable Upload API. The second step wants the token under `OAuth`.
        """
        session = self._call(
            "POST",
            f"{self._app_id}/uploads",
            params={"file_name": name, "file_length": str(len(content)), "file_type": content_type},
        )
        sent = self._call(
            "POST",
            text_in(session, "id"),
            headers={"Authorization": f"OAuth {self._token}", "file_offset": "0"},
            data=content,
        )
        return text_in(sent, "h")

    def upload_media(self, path: str, content: bytes, *, content_type: str, name: str) -> str:
        """Upload a file that messages carry; its id. TryAgain wherever there is no answer."""
        with _harmless():
            answer = self._call(
                "POST",
                path,
                data={"messaging_product": "whatsapp", "type": content_type},
                files={"file": (name, content, content_type)},
            )
            return text_in(answer, "id")

    def download(self, url: str, *, limit: int) -> bytes:
        """What an address holds that Meta gave us. TryAgain where it is no longer good."""
        headers = {"Authorization": f"Bearer {self._token}"}
        try:
            return self._http.fetch(url, limit=limit, headers=headers, seconds=_DOWNLOAD_SECONDS)
        except Refused as error:
            if error.provider_code is None:
                raise
            raise TryAgain(
                "media_url_refused",
                "Meta's address of the file is not good: ask for another.",
                provider_code=error.provider_code,
                who="meta",
            ) from error

    def _call(
        self, method: str, path: str, *, headers: Mapping[str, str] | None = None, **body: Any
    ) -> dict[str, Any]:
        try:
            return self._answered(method, path, headers=headers, **body)
        except AccountStopped as error:
            if self._is_theirs and error.code in _NO_ACCESS:
                raise _access_lost(error) from error
            raise

    def _answered(
        self, method: str, path: str, *, headers: Mapping[str, str] | None = None, **body: Any
    ) -> dict[str, Any]:
        response = self._http.request(
            method,
            f"{self._root}/{path}",
            headers=headers or {"Authorization": f"Bearer {self._token}"},
            **body,
        )
        return _answer(response)


@contextmanager
def _harmless() -> Iterator[None]:
    """A call that may be repeated even where it was carried out."""
    try:
        yield
    except OutcomeUnknown as error:
        raise TryAgain(
            error.code, error.detail, provider_code=error.provider_code, who=error.who
        ) from error


def _answer(response: requests.Response) -> dict[str, Any]:
    try:
        answer = response.json()
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        raise _no_meaning(response.status_code)
    if isinstance(answer.get("error"), dict):
        raise provider_error(answer["error"], response.status_code)
    if response.status_code >= 300:
        raise _no_meaning(response.status_code)
    return answer


def _access_lost(error: AccountStopped) -> AccountStopped:
    return AccountStopped(
        "authorisation_lost",
        "The client's authorisation has ended: have the client sign up once more.",
        provider_code=error.provider_code,
        who="client",
    )


def _no_meaning(status: int) -> ProviderError:
    return OutcomeUnknown(
        "no_answer", f"Meta answered {status} without saying what happened: look.", who="meta"
    )


def text_in(answer: Mapping[str, Any], key: str) -> str:
    """A text that a successful answer must hold."""
    value = answer.get(key)
    if not isinstance(value, str) or not value:
        raise OutcomeUnknown("no_answer", f"Meta's answer lacks {key!r}: look.", who="meta")
    return value
