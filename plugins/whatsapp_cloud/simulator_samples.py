"""A small file of each kind, for when a person sends one without giving it."""

import base64
from collections.abc import Mapping

SAMPLES: Mapping[str, tuple[str, bytes]] = {
    "image": ("image/png", base64.b64decode(
        "iVBORw0KGgoAAAANSUhEUgAAAKAAAAB4AQMAAABPbGssAAAAA1BMVEUAAACnej3aAAAAGUlEQVR42u3BAQ0AAADCoPdP"
        "bQ8HFAAADwYJ2AABe5SMGwAAAABJRU5ErkJggg==")),
    "sticker": ("image/webp", base64.b64decode(
        "UklGRh4AAABXRUJQVlA4TBEAAAAvD8ADAAfQtS60q/+BiOh/AAA=")),
    # One second of silence.
    "audio": ("audio/ogg; codecs=opus", base64.b64decode(
        "T2dnUwACAAAAAAAAAAAHAAAAAAAAAIELNS8BE09wdXNIZWFkAQE4AYC7AAAAAABPZ2dTAAAAAAAAAAAAAAcAAAABAAAA"
        "GMARqAEQT3B1c1RhZ3MAAAAAAAAAAE9nZ1MABIC7AAAAAAAABwAAAAIAAADKKnYSMg" + "MDAw" * 16 + "MD"
        + "+P/+" * 50)),
    "video": ("video/mp4", b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom"),
    "document": ("application/pdf", b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\n"
        b"trailer<</Root 1 0 R>>\n%%EOF\n"),
}  # fmt: skip
