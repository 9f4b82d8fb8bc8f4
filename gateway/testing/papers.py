"""What every supplier keeps to that takes clients' papers, whatever is behind it."""

from dataclasses import replace
from datetime import date
from typing import Any, Final, cast

import pytest
import requests

from gateway.errors import OutcomeUnknown, ProviderError, Refused
from gateway.http_client import HttpClient
from gateway.provisioning.contract import NumberOffer
from gateway.provisioning.papers_contract import (
    Address,
    Business,
    HearsOfPapers,
    Paper,
    PaperKind,
    PapersState,
    Submission,
    TakesPapers,
)
from gateway.testing.far_side import SimulatedFarSide
from gateway.testing.serving import eventually
from gateway.testing.suppliers import rent

_NUMBERS: Final[dict[PaperKind, str | None]] = {
    "rc": "123456",
    "tax_id": "001561191000066",
    "utility_bill": None,
}


class PapersContract:
    """Part of `SupplierOverHttp`; skipped where clients' papers are not taken."""

    @pytest.fixture
    def submission(self, far_side: SimulatedFarSide, reference: str) -> Submission:
        if not isinstance(far_side.supplier, TakesPapers):
            pytest.skip(f"{far_side.supplier.name} takes no clients' papers")
        return submission_for(far_side, reference)

    def test_clients_are_asked_only_where_it_is_configured(
        self, far_side: SimulatedFarSide, submission: Submission
    ) -> None:
        country, asking = submission.country, far_side.made(far_side.simulated.with_clients_papers)
        assert isinstance(far_side.supplier, TakesPapers)
        assert isinstance(asking, TakesPapers)
        assert not far_side.supplier.asks_clients(country)
        assert asking.asks_clients(country)
        asked = asking.requirements(country, submission.number_type)
        assert {it.kind for it in asked if it.who == "client"} - {None}

    def test_papers_are_handed_in_once_and_followed_until_a_number_is_sold(
        self, far_side: SimulatedFarSide, submission: Submission
    ) -> None:
        taking: Any = far_side.supplier
        offer = offered(far_side)
        assert taking.find_papers(submission.reference) is None
        far_side.judge_papers("hold")
        handed_in = taking.submit_papers(submission)
        assert (handed_in.status, handed_in.reasons) == ("pending", ())
        for _ in range(2):
            assert taking.submit_papers(submission) == handed_in
            assert taking.find_papers(submission.reference) == handed_in
        assert taking.find_papers(f"{submission.reference}0") is None

        far_side.judge_papers("approve")
        approved = judged(far_side, submission)
        assert (approved.status, approved.reasons) == ("approved", ())
        assert taking.submit_papers(submission) == approved
        check_handed_in_once(far_side, submission.reference)
        rent(far_side, replace(offer, papers=approved.supplier_ref), submission.reference)
        assert far_side.rented() == [submission.reference]

    def test_declined_papers_say_why_sell_nothing_and_are_not_handed_in_again(
        self, far_side: SimulatedFarSide, submission: Submission
    ) -> None:
        taking: Any = far_side.supplier
        offer = offered(far_side)
        far_side.judge_papers("decline", reason="The bill is blurred")
        taking.submit_papers(submission)
        declined = judged(far_side, submission)
        assert declined.status == "declined"
        assert "The bill is blurred." in declined.reasons
        assert all(reason.endswith(".") for reason in declined.reasons)
        assert taking.submit_papers(submission) == declined
        check_handed_in_once(far_side, submission.reference)
        ordered = replace(offer, papers=declined.supplier_ref)
        with pytest.raises(Refused) as refused:
            taking.order(ordered, reference=submission.reference, inbound=far_side.inbound)
        assert refused.value.code == "papers_missing"

        far_side.judge_papers("approve")
        others = replace(submission, reference=f"{submission.reference}-others")
        taking.submit_papers(others)
        assert judged(far_side, others).status == "approved"
        assert judged(far_side, submission) == declined

    def test_what_became_of_papers_is_reported_and_told_under_their_reference(
        self, far_side: SimulatedFarSide, submission: Submission
    ) -> None:
        taking, capture = cast(TakesPapers, far_side.supplier), far_side.capture
        if not isinstance(capture, HearsOfPapers):
            pytest.skip(f"{capture.name} does not hear of papers")
        far_side.judge_papers("hold")
        taking.submit_papers(submission)
        assert far_side.reports == []
        far_side.world.fault_panel.set({"webhooks": {"duplicate_rate": 1, "drop_rate": 0.3}})
        far_side.judge_papers("decline")
        assert judged(far_side, submission).status == "declined"
        eventually(lambda: far_side.world.deliveries.stats()["pending"] == 0)
        assert len({report.body for report in far_side.reports}) == 1
        for report in far_side.reports:
            assert capture.papers_told(report) == (submission.reference,)
            assert not far_side.stranger.is_genuine(report)
            assert not capture.hear(report)

    def test_papers_are_handed_in_once_whichever_answer_is_lost(
        self, far_side: SimulatedFarSide, submission: Submission
    ) -> None:
        counted = Losing(at=None)
        _handed_in(far_side.made(http=counted), submission)
        assert counted.made > 1
        for lost in range(counted.made):
            again = replace(submission, reference=f"{submission.reference}-{lost}")
            supplier = far_side.made(http=Losing(at=lost))
            with pytest.raises(ProviderError) as unanswered:
                _handed_in(supplier, again)
            assert unanswered.value.retryable
            _handed_in(supplier, again)
            check_handed_in_once(far_side, again.reference)
            assert judged(far_side, again).status == "approved"


def submission_for(far_side: SimulatedFarSide, reference: str) -> Submission:
    """A company's papers for the country in which the simulator wants them."""
    offer = offered(far_side)
    return Submission(
        reference=reference,
        country=offer.country,
        number_type=offer.number_type,
        business=Business(
            name="Atlas Logistics SARL",
            address=Address(
                street="12, boulevard Zerktouni",
                city="Casablanca",
                postal_code="20000",
                region=None,
                country=offer.country,
            ),
            register_number=_NUMBERS["rc"],
            tax_number=_NUMBERS["tax_id"],
        ),
        papers={
            kind: Paper(
                kind=kind,
                filename=f"{kind}.pdf",
                content_type="application/pdf",
                content=b"%PDF-1.4\n%%EOF\n",
                number=number,
                issued_on=date(2026, 11, 2),
            )
            for kind, number in _NUMBERS.items()
        },
    )


def offered(far_side: SimulatedFarSide) -> NumberOffer:
    """A number that is sold against papers only."""
    [country] = far_side.simulated.papers
    return far_side.supplier.search(country)[0]


def check_handed_in_once(far_side: SimulatedFarSide, reference: str) -> None:
    """By what the simulator holds: one submission, and each part of it once."""
    found = [it for it in far_side.handed_in() if it["reference"] == reference]
    assert len(found) == 1, found
    parts = found[0]["parts"]
    assert parts
    assert len(set(parts)) == len(parts), parts


def _handed_in(supplier: Any, submission: Submission) -> PapersState:
    """As the core does: look first."""
    found: PapersState | None = supplier.find_papers(submission.reference)
    return found or supplier.submit_papers(submission)


def judged(far_side: SimulatedFarSide, submission: Submission) -> PapersState:
    """What the review made of it."""
    supplier: Any = far_side.supplier
    found: list[PapersState] = []

    def is_over() -> bool:
        state: PapersState | None = supplier.find_papers(submission.reference)
        assert state is not None
        found.append(state)
        return state.status != "pending"

    eventually(is_over)
    return found[-1]


class Losing(HttpClient):
    """Loses the answer to one request, counted from 0, after it was carried out."""

    def __init__(self, at: int | None) -> None:
        super().__init__()
        self._at = at
        self.made = 0

    def request(self, method: str, url: str, **options: Any) -> requests.Response:
        answer = super().request(method, url, **options)
        self.made += 1
        if self.made - 1 == self._at:
            raise OutcomeUnknown("no_answer", "It did not answer in time.")
        return answer
