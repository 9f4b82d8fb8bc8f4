"""The address of a client's logo: judged by its form at once, and promised to be looked at."""

from typing import Final

from flask import current_app
from sqlalchemy.orm import Session

from gateway import outbox
from gateway.errors import ProviderError
from gateway.http_client import HttpClient
from gateway.problems import Problem
from gateway.tenancy.models import Client

LOOK: Final = "onboarding.logo"


def check(url: str) -> None:
    """Problem 422 `logo_url_refused` where its form alone says that it is never fetched."""
    http: HttpClient = current_app.extensions["http"]
    try:
        http.judge(url)
    except ProviderError as error:
        raise Problem(422, "logo_url_refused", error.detail, pointer="/logo_url") from error


def given(session: Session, client: Client) -> None:
    """Nothing is known of what is there until it was looked at."""
    client.logo_error = None
    if client.logo_url:
        outbox.put(session, LOOK, client.client_id, client_id=client.client_id)
