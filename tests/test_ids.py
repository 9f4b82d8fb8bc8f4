"""Identifiers: sortable, readable, and what is none is refused."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.ids import InvalidId, new_uuid, parse, show


@given(st.integers(0, 2**128 - 1))
def test_what_is_shown_is_parsed_back(number: int) -> None:
    value = uuid.UUID(int=number)
    text = show("cli", value)
    assert len(text) == len("cli_") + 26
    assert parse("cli", text) == value


def test_a_known_pair() -> None:
    value = uuid.UUID("01890a5d-ac96-774b-bcce-b302099a8057")
    assert show("user", value) == "user_01h455vb4pex5vsknk084sn02q"


def test_new_ones_are_version_7_and_sort_by_time() -> None:
    values = [new_uuid() for _ in range(200)]
    assert {(value.version, value.variant) for value in values} == {(7, uuid.RFC_4122)}
    stamps = [value.int >> 80 for value in values]
    assert stamps == sorted(stamps)
    assert len(set(values)) == 200


def test_what_is_made_later_sorts_later_within_a_millisecond() -> None:
    ticks = [1_790_000_000_123_000_000 + 1_000 * step for step in range(1000)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("time.time_ns", iter(ticks).__next__)
        values = [new_uuid() for _ in ticks]
    assert values == sorted(values)
    assert {value.int >> 80 for value in values} == {1_790_000_000_123}
    assert {(value.version, value.variant) for value in values} == {(7, uuid.RFC_4122)}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "cli",
        "cli_",
        "rec_01h455vb4pex5vsknk084sn02q",
        "cli_01h455vb4pex5vsknk084sn02",
        "cli_01h455vb4pex5vsknk084sn02qq",
        "cli_81h455vb4pex5vsknk084sn02q",
        "cli_01H455VB4PEX5VSKNK084SN02Q",
        "cli_01h455vb4pex5vsknk084sn02l",
        "01h455vb4pex5vsknk084sn02q",
    ],
)
def test_what_is_no_id_is_refused(text: str) -> None:
    with pytest.raises(InvalidId):
        parse("cli", text)
