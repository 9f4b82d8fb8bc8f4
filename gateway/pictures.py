"""Any common image as the square JPEG that WhatsApp takes as a profile picture."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from PIL import Image, ImageOps, UnidentifiedImageError

from gateway.errors import Refused

FORMATS: Final = ("PNG", "JPEG", "WEBP", "GIF", "BMP")
_SIDE: Final = 640  # Meta takes 192 to 640 pixels
_MOST_BYTES: Final = 5 * 1024 * 1024
_MOST_PIXELS: Final = 25_000_000  # a picture of 100 MB in memory


def square_jpeg(content: bytes) -> bytes:
    """The picture on white. Refused `logo_not_an_image`, `logo_is_svg` or `logo_too_large`."""
    with _opened(content) as image:
        return _squared(image)


def content_type(content: bytes) -> str:
    """What kind of picture this is, once a square one could be made of it; refused likewise."""
    with _opened(content) as image:
        _squared(image)
        return Image.MIME[str(image.format)]


@contextmanager
def _opened(content: bytes) -> Iterator[Image.Image]:
    """The picture, unpacked only where it is not too large for that."""
    if b"<svg" in content[:1024].lower():
        raise Refused(
            "logo_is_svg",
            "The logo is an SVG drawing, which WhatsApp does not show: export it as PNG.",
            who="client",
        )
    if len(content) > _MOST_BYTES:
        raise _too_large(f"has {len(content)} bytes, where {_MOST_BYTES} are the most")
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            if image.width * image.height > _MOST_PIXELS:
                raise _too_large(f"has more than {_MOST_PIXELS // 1_000_000} million pixels")
            yield image
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_large("has far too many pixels") from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError) as error:
        raise Refused(
            "logo_not_an_image",
            "The logo is no image we can read: give a PNG, JPEG, WebP, GIF or BMP file.",
            who="client",
        ) from error


def _squared(image: Image.Image) -> bytes:
    image.draft("RGB", (2 * _SIDE, 2 * _SIDE))  # a JPEG is not unpacked larger than it is needed
    upright = ImageOps.exif_transpose(image).convert("RGBA")
    fitted = ImageOps.contain(upright, (_SIDE, _SIDE))
    square = Image.new("RGB", (_SIDE, _SIDE), "white")
    corner = ((_SIDE - fitted.width) // 2, (_SIDE - fitted.height) // 2)
    square.paste(fitted, corner, mask=fitted)
    out = io.BytesIO()
    square.save(out, "JPEG", quality=90)
    return out.getvalue()


def _too_large(what: str) -> Refused:
    return Refused("logo_too_large", f"The logo {what}: give a smaller one.", who="client")
