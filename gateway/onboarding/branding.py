"""What a line is to look like to a candidate."""

from dataclasses import dataclass
from typing import Final

from flask import current_app
from sqlalchemy.orm import Session

from gateway.http_client import HttpClient
from gateway.onboarding import display_names
from gateway.pictures import square_jpeg
from gateway.problems import Problem
from gateway.provisioning.models import Line
from gateway.provisioning.registrar_contract import Branding, Face
from gateway.tenancy import service as tenancy
from gateway.tenancy.models import Client

_LARGEST_LOGO: Final = 5 * 1024 * 1024
_TRADES: Final = (display_names.TRADE, "Recrutement", "Careers")
_VERTICAL: Final = "PROF_SERVICES"  # Meta knows no recruiters


@dataclass(frozen=True, kw_only=True)
class BrandSource:
    """What the client gave: its name, and a logo as bytes or by address."""

    display_name: str
    website: str | None
    email: str | None
    logo: bytes | None
    logo_url: str | None


def display_name(client: Client) -> str:
    """What candidates see once Meta approved it."""
    return client.display_name or display_names.composed(client.name)


def check_name(client: Client, chosen: str | None = None) -> None:
    """Problem `display_name_refused` where Meta would refuse the client's display name.

    `chosen` is one that is to become it.
    """
    name = chosen or client.display_name
    broken = display_names.refusal(client.name, name, client.legal_name)
    if broken is None:
        return
    way_out = f"Take {broken.suggestion!r}, say" if broken.suggestion else "Choose another"
    raise Problem(
        422,
        "display_name_refused",
        f"Meta would refuse {name or display_name(client)!r}: {broken.detail} {way_out}, as the"
        " client's `display_name`.",
        pointer="/display_name",
        extra={"reason": broken.reason, "suggestion": broken.suggestion},
    )


def offered_names(client: Client) -> list[str]:
    """Display names that Meta's rules allow, the client's own first where they allow it."""
    broken = display_names.refusal(client.name, client.display_name, client.legal_name)
    first = display_name(client) if broken is None else broken.suggestion
    if first is None:
        return []
    others = (f"{client.name} {trade}" for trade in _TRADES)
    good = [name for name in others if display_names.refusal(name) is None]
    return list(dict.fromkeys([first, *good]))


def source(session: Session, client_id: str) -> BrandSource:
    client = tenancy.client(session, client_id)
    uploaded = tenancy.logo(session, client_id)
    return BrandSource(
        display_name=display_name(client),
        website=client.website,
        email=client.email,
        logo=uploaded[0] if uploaded else None,
        logo_url=client.logo_url,
    )


def wanted(source: BrandSource, http: HttpClient) -> Branding:
    """The branding of a line: the client's logo on the platform's words."""
    platform = current_app.extensions["settings"].platform.name
    picture = square_jpeg(source.logo) if source.logo else None
    if source.logo is None and source.logo_url:
        picture = picture_at(source.logo_url, http)
    return Branding(
        about=f"Powered by {platform}",
        description=f"{source.display_name}. Powered by {platform}.",
        picture=picture,
        picture_type="image/jpeg",
        websites=(source.website,) if source.website else (),
        email=source.email,
        vertical=_VERTICAL,
    )


def picture_at(url: str, http: HttpClient) -> bytes:
    """The logo at this address, as lines wear it."""
    return square_jpeg(http.fetch(url, limit=_LARGEST_LOGO))


def face(source: BrandSource, line: Line, http: HttpClient) -> Face:
    """All that candidates are to see of a line."""
    return Face(
        display_name=source.display_name,
        branding=wanted(source, http),
        picture_worn=(line.branding or {}).get("picture_sha256"),
    )
