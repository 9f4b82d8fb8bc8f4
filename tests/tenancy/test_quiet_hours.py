"""Quiet hours go by the clocks of the client's country, whatever those do in the night."""

from datetime import UTC, datetime
from typing import Any

import pytest

from gateway.tenancy import quiet_hours
from tests.harness import Desk

NIGHT = {"from": "21:00", "to": "08:00", "timezone": "Africa/Casablanca"}


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def period(setting: dict[str, str] | None, now: str) -> tuple[datetime, datetime] | None:
    return quiet_hours.period(setting, moment(now))


@pytest.mark.parametrize(
    ("now", "found"),
    [
        ("2026-11-23 19:59:59", None),
        ("2026-11-23 20:00", ("2026-11-23 20:00", "2026-11-24 07:00")),
        ("2026-11-24 00:30", ("2026-11-23 20:00", "2026-11-24 07:00")),
        ("2026-11-24 06:59:59", ("2026-11-23 20:00", "2026-11-24 07:00")),
        ("2026-11-24 07:00", None),
        # Ramadan: Morocco puts its clocks back on 7 February 2027 at 3, and forward on 14 March.
        ("2027-02-07 01:00", ("2027-02-06 20:00", "2027-02-07 08:00")),
        ("2027-02-07 20:30", None),
        ("2027-02-07 21:00", ("2027-02-07 21:00", "2027-02-08 08:00")),
        ("2027-03-14 07:30", None),
        ("2027-03-14 06:30", ("2027-03-13 21:00", "2027-03-14 07:00")),
    ],
)
def test_the_night_in_morocco(now: str, found: tuple[str, str] | None) -> None:
    expected = None if found is None else (moment(found[0]), moment(found[1]))
    assert period(NIGHT, now) == expected


def test_hours_within_a_day() -> None:
    noon = {"from": "12:00", "to": "14:00", "timezone": "Europe/Paris"}
    assert period(noon, "2026-07-01 10:00") == (
        moment("2026-07-01 10:00"),
        moment("2026-07-01 12:00"),
    )
    assert period(noon, "2026-07-01 12:00") is None
    assert period(noon, "2026-12-01 10:00") is None
    assert period(None, "2026-12-01 11:30") is None
    ahead = {"from": "02:00", "to": "04:00", "timezone": "Pacific/Auckland"}
    assert period(ahead, "2026-07-01 14:30") is not None  # there it is tomorrow already


@pytest.mark.parametrize(
    ("ends", "quiet", "over"),
    [
        # Paris skips 02:00 to 03:00 on 28 March 2027, and has it twice on 31 October.
        ("02:30", "2027-03-28 01:29", "2027-03-28 01:30"),
        ("02:30", "2027-10-31 01:29", "2027-10-31 01:30"),
    ],
)
def test_what_the_clocks_leave_in_doubt_is_quiet(ends: str, quiet: str, over: str) -> None:
    setting = {"from": "22:00", "to": ends, "timezone": "Europe/Paris"}
    assert period(setting, quiet) is not None
    assert period(setting, over) is None


def patched(desk: Desk, client: str, **values: Any) -> Any:
    return desk.gateway.request("PATCH", f"/v1/clients/{client}", values)


def test_a_client_sets_them_and_takes_them_back(desk: Desk) -> None:
    client = desk.gateway.client("Sahel Transport")
    assert desk.gateway.get(f"/v1/clients/{client}")["quiet_hours"] is None

    given = {"from": "21:00", "to": "08:00"}
    assert patched(desk, client, quiet_hours=given).json()["quiet_hours"] == NIGHT
    other = {**given, "timezone": "Europe/Madrid"}
    assert patched(desk, client, quiet_hours=other).json()["quiet_hours"] == other
    assert desk.gateway.get(f"/v1/clients/{client}")["quiet_hours"] == other
    assert patched(desk, client, quiet_hours=None).json()["quiet_hours"] is None


@pytest.mark.parametrize(
    ("country", "given", "code", "pointer"),
    [
        ("US", {}, "timezone_missing", None),
        ("MA", {"timezone": "Africa/Nowhere"}, "invalid_request", "/quiet_hours/timezone"),
        ("MA", {"timezone": "Africa"}, "invalid_request", "/quiet_hours/timezone"),
        ("MA", {"from": "24:00"}, "invalid_request", "/quiet_hours/from"),
        ("MA", {"to": "21:00"}, "invalid_request", "/quiet_hours/to"),
    ],
)
def test_what_says_no_hours_is_refused(
    desk: Desk, country: str, given: dict[str, str], code: str, pointer: str | None
) -> None:
    client = desk.gateway.client("Sahel Transport", country=country)
    hours = {"from": "21:00", "to": "08:00", **given}
    refused = patched(desk, client, quiet_hours=hours)
    assert (refused.status_code, refused.json()["code"]) == (422, code)
    if pointer:
        assert refused.json()["errors"][0]["pointer"] == pointer
    assert desk.gateway.get(f"/v1/clients/{client}")["quiet_hours"] is None
