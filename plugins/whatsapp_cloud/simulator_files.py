"""The simulated platform's files: media of messages, and resumable uploads."""

import base64
from hashlib import sha256
from typing import Any

from flask import Blueprint, Response, request

from .simulator_errors import GraphError, no_such_object
from .simulator_platform import Platform

URL_LIVES = 300
_STAND_INS = {
    "image": ("image/png", base64.b64decode(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5E"
        "rkJggg==")),
    "sticker": ("image/webp", b"RIFF\x00\x00\x00\x00WEBP"),
    "audio": ("audio/ogg; codecs=opus", b"OggS"),
    "video": ("video/mp4", b"\x00\x00\x00\x18ftypmp42"),
    "document": ("application/pdf", b"%PDF-1.4\n%%EOF\n"),
}  # fmt: skip


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
            return {"id": self.keep_media(file.read(), file.mimetype)}

    def keep_media(self, content: bytes, mime_type: str) -> str:
        media_id = self._platform.identifier("media", 4_400_000_000_000_000)
        self._keep("graph_media", media_id, content, mime_type)
        return media_id

    def stand_in(self, kind: str) -> dict[str, Any]:
        """What a webhook says of a file that a person sends without the panel giving one."""
        mime_type, content = _STAND_INS[kind]
        media_id = self.keep_media(content, mime_type)
        return {"id": media_id, "mime_type": mime_type, "sha256": sha256(content).hexdigest()}

    def has_media(self, media_id: Any) -> bool:
        return self._platform.world.store.get("graph_media", str(media_id)) is not None

    def has_handle(self, handle: Any) -> bool:
        return self._platform.world.store.get("graph_handle", str(handle)) is not None

    def show(self, media_id: str) -> dict[str, Any]:
        """What is known of a media id, with a download address that lives for five minutes."""
        with self._platform.call("read_media"):
            held = self._held("graph_media", media_id)
            until = int(self._platform.world.now().timestamp()) + URL_LIVES
            return {
                "messaging_product": "whatsapp",
                "id": media_id,
                "url": f"{self._platform.world.sandbox_url}/graph/media/{media_id}?until={until}",
                "mime_type": held["mime_type"],
                "sha256": held["sha256"],
                "file_size": str(held["size"]),
            }

    def download(self, media_id: str) -> Any:
        held = self._held("graph_media", media_id)
        until = request.args.get("until", "")
        now = self._platform.world.now().timestamp()
        if not until.isdecimal() or now > int(until):
            raise no_such_object(media_id)
        return _body(held)

    def picture(self, handle: str) -> Any:
        return _body(self._held("graph_handle", handle))

    def _keep(self, kind: str, key: str, content: bytes, mime_type: str) -> None:
        self._platform.world.store.put(kind, key, {
            "mime_type": mime_type, "size": len(content), "sha256": sha256(content).hexdigest(),
            "content": base64.b64encode(content).decode(),
        })  # fmt: skip

    def _held(self, kind: str, key: str) -> dict[str, Any]:
        held = self._platform.world.store.get(kind, key)
        if held is None:
            raise no_such_object(key)
        return held


def _body(held: dict[str, Any]) -> Response:
    return Response(base64.b64decode(held["content"]), content_type=held["mime_type"])
