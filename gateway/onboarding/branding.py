"""What a line is to look like to a candidate."""

import io
from dataclasses import dataclass
from typing import Final

from flask import current_app
from PIL import Image, UnidentifiedImageError
from sqlalchemy.orm import Session

from gateway.errors import Refused
from gateway.http_client import HttpClient
from gateway.provisioning.contract import Branding
from gateway.tenancy import service as tenancy

_SIDE: Final = 640
_LARGEST_LOGO: Final = 5 * 1024 * 1024
_MOST_PIXELS: Final = 40_000_000


@dataclass(frozen=True, kw_only=True)
class BrandSource:
    """What the client gave: its name, and a logo as bytes or by address."""

    client_name: str
    logo: bytes | None
    logo_url: str | None


def display_name(client_name: str) -> str:
    """What candidates see once Meta approved it. Never a person's name: Meta refuses those."""
    return f"{client_name} Recruitment"


def source(session: Session, client_id: str) -> BrandSource:
    client = tenancy.client(session, client_id)
    uploaded = tenancy.logo(session, client_id)
    return BrandSource(
        client_name=client.name,
        logo=uploaded[0] if uploaded else None,
        logo_url=client.logo_url,
    )


def wanted(source: BrandSource, http: HttpClient) -> Branding:
    """The branding of a line: the client's logo on the platform's words."""
    platform = current_app.extensions["settings"].platform.name
    logo = source.logo
    if logo is None and source.logo_url:
        logo = http.fetch(source.logo_url, limit=_LARGEST_LOGO)
    return Branding(
        about=f"Powered by {platform}",
        description=f"{display_name(source.client_name)}. Powered by {platform}.",
        picture=square_jpeg(logo) if logo else None,
        picture_type="image/jpeg",
    )


def square_jpeg(logo: bytes) -> bytes:
    """Any common image as the square JPEG that Meta takes. Refused `logo_not_an_image`."""
    try:
        with Image.open(io.BytesIO(logo)) as image:
            if image.width * image.height > _MOST_PIXELS:
                raise Refused("logo_too_large", "The logo has too many pixels.", who="client")
            flat = Image.new("RGB", image.size, "white")
            rgba = image.convert("RGBA")
            flat.paste(rgba, mask=rgba)
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError) as error:
        raise Refused(
            "logo_not_an_image", "The logo is not an image we can read.", who="client"
        ) from error
    flat.thumbnail((_SIDE, _SIDE))
    square = Image.new("RGB", (_SIDE, _SIDE), "white")
    square.paste(flat, ((_SIDE - flat.width) // 2, (_SIDE - flat.height) // 2))
    out = io.BytesIO()
    square.save(out, "JPEG", quality=90)
    return out.getvalue()
