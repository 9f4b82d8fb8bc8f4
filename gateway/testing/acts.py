"""Everything that is asked of a supplier, each act with a subject of its own."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from itertools import count
from typing import Any, Final, cast

import pytest
import requests

from gateway.costs.charges_contract import ReportsUsage
from gateway.errors import OutcomeUnknown, ProviderError
from gateway.http_client import HttpClient
from gateway.provisioning.contract import (
    ConfiguresInbound,
    ListsPrices,
    NumberOffer,
    NumberSupplier,
    Reserves,
)
from gateway.provisioning.papers_contract import HasPapers, Submission, TakesPapers
from gateway.testing.far_side import SimulatedFarSide
from gateway.testing.papers import (
    Losing,
    check_handed_in_once,
    judged,
    offered,
    submission_for,
)
from gateway.testing.suppliers import rent, settled

Ask = Callable[[Any], object]

_REFERENCES = count(1)
VARIANTS: Final = ("resume_papers", "find_declined_papers", "order_on_papers")
"""Acts of which those calls alone are tried that no other act makes."""


@dataclass(frozen=True, kw_only=True)
class Act:
    """`again` is how the core goes on after `ask` failed; `ended` looks at what came of it all."""

    ask: Ask
    again: Ask
    ended: Callable[[], None]


class Acts:
    """The acts that a supplier is able to."""

    def __init__(self, far_side: SimulatedFarSide, country: str, seen: Sequence[str]) -> None:
        self._far_side = far_side
        self._seen = seen  # the calls that the far side took
        self._country = country
        able: dict[str, tuple[type[Any], Callable[[], Act]]] = {
            "search": (NumberSupplier, lambda: self._reading(lambda it: it.search(country))),
            "quote": (NumberSupplier, self._quote),
            "reserve": (Reserves, self._reserve),
            "order": (NumberSupplier, self._order),
            "find": (NumberSupplier, self._find),
            "configure_inbound": (ConfiguresInbound, self._configure),
            "release": (NumberSupplier, self._release),
            "requirements": (HasPapers, self._requirements),
            "find_papers": (TakesPapers, self._find_papers),
            "submit_papers": (TakesPapers, self._submit_papers),
            "resume_papers": (TakesPapers, self._resume_papers),
            "find_declined_papers": (TakesPapers, self._find_declined_papers),
            "order_on_papers": (TakesPapers, self._order_on_papers),
            "usage": (ReportsUsage, self._usage),
            "price_sheet": (ListsPrices, lambda: self._reading(lambda it: it.price_sheet(country))),
        }
        supplier = far_side.supplier
        self._made = {
            name: make for name, (kind, make) in able.items() if isinstance(supplier, kind)
        }

    def names(self) -> list[str]:
        return list(self._made)

    def make(self, name: str) -> Act:
        """An act with a subject that no other had; its end leaves nothing rented."""
        return self._made[name]()

    def calls_of(self, name: str) -> list[str]:
        """The calls that an act makes, by the names that the fault panel knows them by."""
        act, made, before = self.make(name), self._far_side.made(), len(self._seen)
        act.ask(made)
        calls = list(dict.fromkeys(self._seen[before:]))
        act.again(self._far_side.supplier)
        act.ended()
        return calls

    def _reading(self, ask: Ask) -> Act:
        def nothing_is_rented() -> None:
            assert self._far_side.rented() == []

        return Act(ask=ask, again=ask, ended=nothing_is_rented)

    def _quote(self) -> Act:
        offer = self._far_side.supplier.search(self._country)[0]
        return self._reading(lambda it: it.quote(offer))

    def _requirements(self) -> Act:
        kind = self._far_side.supplier.search(self._country)[0].number_type
        return self._reading(lambda it: it.requirements(self._country, kind))

    def _submit_papers(self) -> Act:
        return self._submitting(submission_for(self._far_side, f"act_{next(_REFERENCES)}"))

    def _resume_papers(self) -> Act:
        """All was made and nothing is handed in: the answer before the last act was lost."""
        counted = Losing(at=None)
        whole = submission_for(self._far_side, f"act_{next(_REFERENCES)}")
        cast(TakesPapers, self._far_side.made(http=counted)).submit_papers(whole)
        submission = replace(whole, reference=f"act_{next(_REFERENCES)}")
        losing = self._far_side.made(http=Losing(at=counted.made - 2))
        with pytest.raises(ProviderError):
            cast(TakesPapers, losing).submit_papers(submission)
        return self._submitting(submission)

    def _submitting(self, submission: Submission) -> Act:
        def submit(supplier: TakesPapers) -> object:
            return supplier.submit_papers(submission)

        def look_first(supplier: TakesPapers) -> object:
            return supplier.find_papers(submission.reference) or submit(supplier)

        def ended() -> None:
            check_handed_in_once(self._far_side, submission.reference)

        return Act(ask=submit, again=look_first, ended=ended)

    def _find_declined_papers(self) -> Act:
        submission = submission_for(self._far_side, f"act_{next(_REFERENCES)}")
        self._far_side.judge_papers("decline", reason="The bill is blurred")
        cast(TakesPapers, self._far_side.supplier).submit_papers(submission)
        declined = judged(self._far_side, submission)
        self._far_side.judge_papers("approve")

        def find(supplier: TakesPapers) -> None:
            assert supplier.find_papers(submission.reference) == declined

        return Act(ask=find, again=find, ended=lambda: None)

    def _order_on_papers(self) -> Act:
        submission = submission_for(self._far_side, f"act_{next(_REFERENCES)}")
        cast(TakesPapers, self._far_side.supplier).submit_papers(submission)
        approved = judged(self._far_side, submission)
        offer = replace(offered(self._far_side), papers=approved.supplier_ref)
        return self._ordering(offer)[0]

    def _find_papers(self) -> Act:
        taking = self._far_side.supplier
        submission = submission_for(self._far_side, f"act_{next(_REFERENCES)}")
        assert isinstance(taking, TakesPapers)
        taking.submit_papers(submission)

        def find(supplier: TakesPapers) -> None:
            assert supplier.find_papers(submission.reference) is not None

        return Act(
            ask=find,
            again=find,
            ended=lambda: check_handed_in_once(self._far_side, submission.reference),
        )

    def _usage(self) -> Act:
        order, offer, reference = self._ordering()
        rent(self._far_side, offer, reference)
        today = self._far_side.world.now().date()

        def tell(supplier: ReportsUsage) -> None:
            assert supplier.usage(today.replace(day=1), today)

        return Act(ask=tell, again=tell, ended=order.ended)

    def _reserve(self) -> Act:
        order, offer, reference = self._ordering()

        def reserve(supplier: Reserves) -> None:
            supplier.reserve(offer, reference=reference)

        def ended() -> None:
            assert self._far_side.rented() == []
            order.again(self._far_side.supplier)
            order.ended()

        return Act(ask=reserve, again=reserve, ended=ended)

    def _order(self) -> Act:
        return self._ordering()[0]

    def _ordering(self, on: NumberOffer | None = None) -> tuple[Act, NumberOffer, str]:
        far_side, reference = self._far_side, f"act_{next(_REFERENCES)}"
        offer = on or far_side.supplier.search(self._country)[0]

        def order(supplier: NumberSupplier) -> object:
            return supplier.order(offer, reference=reference, inbound=far_side.inbound)

        def look_first(supplier: NumberSupplier) -> object:
            return supplier.find(reference) or order(supplier)

        def ended() -> None:
            supplier = far_side.supplier
            number = settled(supplier, reference, supplier.find(reference))
            assert number.phone_number == offer.phone_number
            assert far_side.rented() == [reference]
            supplier.release(number.supplier_ref)

        return Act(ask=order, again=look_first, ended=ended), offer, reference

    def _find(self) -> Act:
        order, offer, reference = self._ordering()
        number = rent(self._far_side, offer, reference)

        def find(supplier: NumberSupplier) -> None:
            assert supplier.find(reference) == number

        return Act(ask=find, again=find, ended=order.ended)

    def _configure(self) -> Act:
        order, offer, reference = self._ordering()
        number = rent(self._far_side, offer, reference)

        def point(supplier: ConfiguresInbound) -> None:
            supplier.configure_inbound(number.supplier_ref, self._far_side.inbound)

        def ended() -> None:
            assert self._far_side.say(number, "482913", number.hears[0])
            order.ended()

        return Act(ask=point, again=point, ended=ended)

    def _release(self) -> Act:
        far_side = self._far_side
        _, offer, reference = self._ordering()
        number = rent(far_side, offer, reference)

        def ended() -> None:
            assert far_side.rented() == []
            assert far_side.supplier.find(reference) is None

        def release(supplier: NumberSupplier) -> None:
            supplier.release(number.supplier_ref)

        return Act(ask=release, again=release, ended=ended)


class LossyHttp(HttpClient):
    """Loses the answer to one call of the far side, after it was carried out."""

    def __init__(self, call: str, seen: Sequence[str]) -> None:
        super().__init__()
        self._call = call
        self._seen = seen

    def request(self, method: str, url: str, **options: Any) -> requests.Response:
        before = len(self._seen)
        answer = super().request(method, url, **options)
        if self._call in self._seen[before:]:
            raise OutcomeUnknown("no_answer", "It did not answer in time.")
        return answer


@contextmanager
def recorded(far_side: SimulatedFarSide) -> Iterator[list[str]]:
    """The calls that the far side takes meanwhile."""
    seen: list[str] = []
    panel = far_side.world.fault_panel
    around = panel.around

    def listening(area: str, call: str) -> AbstractContextManager[None]:
        seen.append(call)
        return around(area, call)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(panel, "around", listening)
        yield seen
