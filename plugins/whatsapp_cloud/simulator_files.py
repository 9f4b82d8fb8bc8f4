"""The simulated platform's files: media of messages, and resumable uploads."""

import base64
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from flask import Blueprint, Response, request

from .simulator_errors import GraphError, no_such_object
from .simulator_platform import Platform
from .simulator_samples import SAMPLES

URL_LIVES = 300.0
_DAY = 24 * 3600.0
UPLOADED_LIVES, RECEIVED_LIVES = 30 * _DAY, 7 * _DAY
_MIB = 1024 * 1024
_LARGEST = {"image": 5 * _MIB, "audio": 16 * _MIB, "video": 16 * _MIB}
_LARGEST_OTHER = 100 * _MIB
_TYPES = frozenset({
    "audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg", "image/jpeg", "image/png",
    "image/webp", "video/mp4", "video/3gpp", "text/plain", "application/pdf", "application/msword",
    "application/vnd.ms-excel", "application/vnd.ms-powerpoint",
    *(f"application/vnd.openxmlformats-officedocument.{kind}" for kind in (
        "wordprocessingml.document", "spreadsheetml.sheet", "presentationml.presentation")),
})  # fmt: skip


class Files:
    """Bytes that came in by an upload or with a person's message, kept under ids of Meta's form."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    def mount(self, blueprint: Blueprint) -> None:
        for method, path, view in (
            ("POST", "/<version>/<app_id>/uploads", self.start_upload),
            ("POST", "/<version>/upload:<upload_id>", self.upload),
            ("POST", "/<version>/<number_id>/media", self.upload_media),
            ("GET", "/media/<media_id>", self.download),
            ("GET", "/on_phones/<media_id>", self.shown_on_phone),
            ("GET", "/pictures/<handle>", self.picture),
        ):
            blueprint.add_url_rule(path, view_func=view, methods=[method])

    def start_upload(self, app_id: str) -> Any:
        with self._platform.call("uploads"):
            if app_id != self._platform.app["app_id"]:
                raise no_such_object(app_id)
            length, kind = request.args.get("file_length", ""), request.args.get("file_type", "")
            if not length.isdecimal() or "/" not in kind:
                raise GraphError(100, "file_length and file_type are needed.")
            upload_id = self._platform.identifier("upload", 0)
            asked = {"length": int(length), "mime_type": kind}
            self._platform.world.store.put("graph_upload", upload_id, asked)
            return {"id": f"upload:{upload_id}"}

    def upload(self, upload_id: str) -> Any:
        with self._platform.call("upload"):
            asked = self._platform.world.store.get("graph_upload", upload_id)
            if asked is None:
                raise no_such_object(f"upload:{upload_id}")
            content = request.get_data()
            # Most WSGI servers drop a header with an underscore in its name.
            offset = request.headers.get("file_offset", "0")
            if offset != "0" or len(content) != asked["length"]:
                raise GraphError(100, "file_offset or the number of bytes is not as announced.")
            handle = f"4::{sha256(content).hexdigest()}"
            self._keep("graph_handle", handle, content, asked["mime_type"])
            return {"h": handle}

    def upload_media(self, number_id: str) -> Any:
        with self._platform.call("media"):
            self._platform.number(number_id)
            file = request.files.get("file")
            if file is None or request.form.get("messaging_product") != "whatsapp":
                raise GraphError(100, "messaging_product and file are needed.")
            content = file.read()
            if file.mimetype not in _TYPES:
                raise GraphError(
                    100, f"Param file must be of a supported type, not {file.mimetype}."
                )
            if (
                not 0
                < len(content)
                <= _LARGEST.get(file.mimetype.partition("/")[0], _LARGEST_OTHER)
            ):
                raise GraphError(131053, "The file is empty or too large for its type.")
            return {"id": self._add(content, file.mimetype, number_id, UPLOADED_LIVES)}

    def delete_media(self, media_id: str) -> Any:
        with self._platform.call("delete_media"):
            if self.media(media_id, request.args.get("phone_number_id")) is None:
                raise no_such_object(media_id)
            self._platform.world.store.delete("graph_media", media_id)
            return {"success": True}

    def received(self, kind: str, sent: Mapping[str, Any], number_id: str) -> dict[str, Any]:
        """What a webhook says of a person's file: `data` in base64, or a sample where it lacks."""
        mime_type, content = SAMPLES[kind]
        if "data" in sent:
            content = base64.b64decode(str(sent["data"]), validate=True)
        mime_type = str(sent.get("mime_type") or mime_type)
        return {
            **{name: value for name, value in sent.items() if name != "data"},
            "id": self._add(content, mime_type, number_id, RECEIVED_LIVES),
            "mime_type": mime_type,
            "sha256": sha256(content).hexdigest(),
        }

    def media(self, media_id: Any, number_id: str | None = None) -> dict[str, Any] | None:
        """A file that can still be had, by this number where one is given."""
        held = self._platform.world.store.get("graph_media", str(media_id))
        if held is None or held["until"] < self._platform.world.now().timestamp():
            return None
        return held if number_id in (None, held["number_id"]) else None

    def on_phone(self, media_id: Any, number_id: str) -> dict[str, Any]:
        """What a phone has got when it got this file."""
        held = self.media(media_id, number_id)
        if held is None:
            raise GraphError(131009, "There is no media of this id.")
        url = f"{self._platform.world.sandbox_url}/graph/on_phones/{media_id}"
        return {"url": url, **{name: held[name] for name in ("mime_type", "sha256", "size")}}

    def _add(self, content: bytes, mime_type: str, number_id: str, lives: float) -> str:
        media_id = self._platform.identifier("media", 4_400_000_000_000_000)
        until = self._platform.world.now().timestamp() + lives
        self._keep("graph_media", media_id, content, mime_type, number_id=number_id, until=until)
        return media_id

    def has_handle(self, handle: Any) -> bool:
        return self._platform.world.store.get("graph_handle", str(handle)) is not None

    def show(self, media_id: str) -> dict[str, Any]:
        """What is known of a media id, with a download address that lives for five minutes."""
        with self._platform.call("read_media"):
            held = self.media(media_id, request.args.get("phone_number_id"))
            if held is None:
                raise no_such_object(media_id)
            until = int(self._platform.world.now().timestamp() + URL_LIVES)
            return {
                "messaging_product": "whatsapp",
                "id": media_id,
                "url": f"{self._platform.world.sandbox_url}/graph/media/{media_id}?until={until}",
                "mime_type": held["mime_type"],
                "sha256": held["sha256"],
                "file_size": str(held["size"]),
            }

    def download(self, media_id: str) -> Any:
        with self._platform.call("download"):
            held = self._held("graph_media", media_id)
            until = request.args.get("until", "")
            if not until.isdecimal() or self._platform.world.now().timestamp() > int(until):
                raise no_such_object(media_id)
            return _body(held)

    def shown_on_phone(self, media_id: str) -> Any:
        return _body(self._held("graph_media", media_id))

    def picture(self, handle: str) -> Any:
        return _body(self._held("graph_handle", handle))

    def _keep(
        self, kind: str, key: str, content: bytes, mime_type: str, **more: str | float
    ) -> None:
        self._platform.world.store.put(kind, key, {
            "mime_type": mime_type, "size": len(content), "sha256": sha256(content).hexdigest(),
            "content": base64.b64encode(content).decode(), **more,
        })  # fmt: skip

    def _held(self, kind: str, key: str) -> dict[str, Any]:
        held = self._platform.world.store.get(kind, key)
        if held is None:
            raise no_such_object(key)
        return held


def _body(held: dict[str, Any]) -> Response:
    content = base64.b64decode(held["content"])
    response = Response(content, content_type=held["mime_type"])
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
