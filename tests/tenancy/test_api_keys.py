"""API keys: shown once, known by their digest, a typo told from a stranger."""

import pytest
from flask import Flask
from sqlalchemy import text

from gateway.database import platform
from gateway.problems import Problem
from gateway.tenancy import api_keys
from gateway.tenancy import service as tenancy


def test_a_key_opens_its_vendor_until_it_is_revoked(app: Flask) -> None:
    with app.app_context():
        vendor_id = tenancy.create_vendor("Some vendor")
        key = api_keys.make(vendor_id, "test")
        found = api_keys.vendor_of(key)
        assert found
        assert found[0] == vendor_id
        api_keys.revoke(found[1])
        assert api_keys.vendor_of(key) is None


def test_the_key_itself_is_stored_nowhere(app: Flask) -> None:
    with app.app_context():
        key = api_keys.make(tenancy.create_vendor("Some vendor"), "test")
        with platform() as session:
            row = session.execute(text("SELECT * FROM api_keys")).one()
        assert key not in str(row)
        assert key.startswith("lgk_")
        assert row.prefix == key[:12]


def test_a_typo_is_recognised_without_asking(app: Flask) -> None:
    with app.app_context():
        key = api_keys.make(tenancy.create_vendor("Some vendor"), "test")
    assert api_keys.is_well_formed(key)
    for place in range(4, 26):
        other = "a" if key[place] != "a" else "b"
        assert not api_keys.is_well_formed(key[:place] + other + key[place + 1 :])
    for text_ in ("", "lgk_", "lgk__", "sk_live_1", key + "x", key.upper()):
        assert not api_keys.is_well_formed(text_)


def test_there_is_no_key_of_no_vendor(app: Flask) -> None:
    with app.app_context(), pytest.raises(Problem, match="no such vendor"):
        api_keys.make("vnd_00000000000000000000000000", "test")
