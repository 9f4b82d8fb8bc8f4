"""What everybody keeps to who hears verification codes."""

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

import pytest

from gateway.provisioning.capture_contract import HeardCode, InboundReport
from gateway.provisioning.contract import CodeMethod, OwnedNumber
from gateway.testing.far_side import FarSide

CODE = "482913"


class CodeCaptureContract:
    """Inherit beside `SupplierContract`, whose fixtures `far_side` and `number` it uses.

    `methods`: how it hears codes on the numbers of that supplier, as its `listens` says.
    `replay_seconds`: how long a report stays genuine; None where the signature tells no time.
    """

    methods: ClassVar[tuple[CodeMethod, ...]] = ("VOICE", "SMS")
    replay_seconds: ClassVar[float | None] = None

    @pytest.fixture
    def reports(self, far_side: FarSide, number: OwnedNumber) -> Sequence[InboundReport]:
        """What was reported of a code that reached a number of ours."""
        return far_side.say(number, CODE, self._heard_by(number)[0])

    def test_a_code_is_heard_in_genuine_reports_and_never_logged(
        self,
        far_side: FarSide,
        number: OwnedNumber,
        capsys: pytest.CaptureFixture[str],
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        for method in self._heard_by(number):
            reports = far_side.say(number, CODE, method)
            assert all(far_side.capture.is_genuine(report) for report in reports)
            expected = HeardCode(phone_number=number.phone_number, code=CODE, method=method)
            assert _heard(far_side, reports) == [expected]
            assert all(far_side.capture.answer(report).content_type for report in reports)
        logs = "\n".join([*capsys.readouterr(), caplog.text])
        assert CODE not in logs
        assert f"{CODE[:3]}-{CODE[3:]}" not in logs

    def test_it_listens_to_the_numbers_that_it_hears(
        self, far_side: FarSide, number: OwnedNumber
    ) -> None:
        assert set(far_side.capture.listens(far_side.supplier.name)) == set(self.methods)
        assert self._heard_by(number)
        assert not far_side.capture.listens("a supplier that nobody knows")

    def test_forged_reports_are_refused(
        self, far_side: FarSide, reports: Sequence[InboundReport]
    ) -> None:
        for report in reports:
            assert not far_side.stranger.is_genuine(report), "it knows another secret"
            for forged in (
                replace(report, body=report.body + b"&x=1"),
                replace(report, body=b""),
                replace(report, body=b"\xff\x00"),
                replace(report, headers={}),
                replace(report, headers=dict.fromkeys(report.headers, "é")),
                replace(report, headers=dict.fromkeys(report.headers, "")),
            ):
                assert not far_side.capture.is_genuine(forged)

    def test_a_replay_says_nothing_new(
        self,
        far_side: FarSide,
        number: OwnedNumber,
        reports: Sequence[InboundReport],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        assert _heard(far_side, [*reversed(reports), *reports]) == _heard(far_side, reports) * 2
        for report in reports:
            replayed = replace(report, headers={**report.headers, "x-forwarded-for": "192.0.2.7"})
            assert far_side.capture.is_genuine(replayed)
            assert far_side.capture.identity(replayed) == far_side.capture.identity(report)
        others = far_side.say(number, CODE[::-1], self._heard_by(number)[0])
        told_apart = {far_side.capture.identity(report) for report in (*reports, *others)}
        assert len(told_apart) == len([*reports, *others])
        if self.replay_seconds is not None:
            later = time.time() + self.replay_seconds + 1
            monkeypatch.setattr(time, "time", lambda: later)
            assert not any(far_side.capture.is_genuine(report) for report in reports)

    def test_garbage_holds_no_code(
        self, far_side: FarSide, reports: Sequence[InboundReport]
    ) -> None:
        for report in reports:
            for body in (b"", b"\xff\xfe\x00", b"[]", b"null", b'{"data": 7}', b"a=%ff&To"):
                garbage = replace(report, body=body)
                assert list(far_side.capture.hear(garbage)) == []
                assert far_side.capture.answer(garbage).content_type
            assert list(far_side.capture.hear(replace(report, kind="unheard-of"))) == []

    def _heard_by(self, number: OwnedNumber) -> list[CodeMethod]:
        return [method for method in number.hears if method in self.methods]


def _heard(far_side: FarSide, reports: Sequence[InboundReport]) -> list[HeardCode]:
    return [code for report in reports for code in far_side.capture.hear(report)]
