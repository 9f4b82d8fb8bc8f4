"""Blobs: in chunks, once a client, nobody else's."""

import os

import pytest
from flask import Flask
from sqlalchemy import text

from gateway import blobs
from gateway.database import tenant
from gateway.tenancy import service as tenancy


def test_what_is_kept_is_read_back_and_kept_once(app: Flask, client_id: str) -> None:
    content = os.urandom(blobs.CHUNK * 2 + 17)
    with app.app_context():
        for _ in range(2):
            with tenant(client_id) as session:
                name = blobs.keep(session, client_id, content)
        with tenant(client_id) as session:
            assert blobs.read(session, client_id, name) == content
            assert session.scalar(text("SELECT count(*) FROM blob_chunks")) == 3


def test_another_client_has_it_not(app: Flask, client_id: str) -> None:
    with app.app_context():
        vendor_id = tenancy.create_vendor("Other")
        other = tenancy.create_client(vendor_id, {"name": "Rif Textile", "country": "MA"})
        with tenant(client_id) as session:
            name = blobs.keep(session, client_id, b"logo")
        with tenant(other.client_id) as session, pytest.raises(LookupError):
            blobs.read(session, other.client_id, name)
