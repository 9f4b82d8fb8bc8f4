"""Who may sell an activation its number, by the policy and by how suppliers stand now."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

from flask import current_app

from gateway import outbox
from gateway.database import enter_tenant, platform, tenant
from gateway.errors import ProviderError, Refused
from gateway.onboarding.models import Activation
from gateway.onboarding.step_contract import Seller
from gateway.outbox import Lease
from gateway.plugin_host import PluginHost
from gateway.provisioning import choosing, codes, suppliers
from gateway.provisioning.choosing import Ask, Reason
from gateway.provisioning.contract import NumberSupplier


class NumberMarket:
    """Market over the database. Nothing is recorded of the activation but under the lease."""

    def __init__(self, lease: Lease, activation: Activation, country: str) -> None:
        self._lease = lease
        self._key = (activation.client_id, activation.id)
        self._chosen = activation.supplier
        self._ordered_at = activation.ordered_at
        self._policy = suppliers.policy_of(country)

    @property
    def chosen(self) -> Seller | None:
        return self._seller(Ask(supplier=self._chosen)) if self._chosen else None

    def supplier(self) -> NumberSupplier:
        """The chosen one; before, who would be asked first. Refused `no_supplier`."""
        if self._chosen:
            return _host().suppliers.get(self._chosen)
        with platform() as session:
            found = choosing.in_order(suppliers.standings(session), self._policy)
        if not found:
            raise Refused("no_supplier", _NOBODY)
        return _host().suppliers.get(found[0].name)

    def candidates(self) -> Sequence[Seller]:
        with platform() as session:
            standings = suppliers.standings(session)
        plan = choosing.plan(standings, self._policy, datetime.now(UTC))
        return [self._seller(ask) for ask in plan.asks]

    def sellers(self) -> Iterator[Seller | Reason]:
        with platform() as session:
            standings = suppliers.standings(session)
        plan = choosing.plan(standings, self._policy, datetime.now(UTC))
        yield from plan.left_out
        known = {standing.name: standing for standing in standings}
        tried: dict[str, bool] = {}
        for ask in plan.asks:
            if ask.supplier not in tried:
                tried[ask.supplier] = suppliers.may_ask(known[ask.supplier])
                if not tried[ask.supplier]:
                    yield choosing.unwell(ask.supplier, suppliers.PROBE.total_seconds())
            if tried[ask.supplier]:
                yield self._seller(ask)
        if not plan.asks and not plan.left_out:
            yield Reason(
                supplier="", code="no_supplier", detail=_NOBODY, who="operator", passing=True
            )

    @contextmanager
    def asking(self, supplier: str) -> Iterator[None]:
        try:
            yield
        except ProviderError as error:
            if suppliers.is_failure(error):
                suppliers.failed(supplier)
            else:
                suppliers.answered(supplier)
            raise
        suppliers.answered(supplier)

    def choose(self, supplier: str) -> bool:
        now = datetime.now(UTC)
        with platform() as session:
            if not suppliers.may_order(session, supplier):
                return False
            enter_tenant(session, self._key[0])
            outbox.guard(session, self._lease)
            row = session.get_one(Activation, self._key, with_for_update=True)
            if row.supplier not in (None, self._chosen):  # it was given a number meanwhile
                return False
            row.supplier, row.ordered_at = supplier, now
        self._chosen, self._ordered_at = supplier, now
        return True

    def seconds_since_order(self) -> float:
        if self._ordered_at is None:
            return float("inf")
        return (datetime.now(UTC) - self._ordered_at).total_seconds()

    def leave(self) -> None:
        with tenant(self._key[0]) as session:
            outbox.guard(session, self._lease)
            session.get_one(Activation, self._key, with_for_update=True).supplier = None
        self._chosen = None

    def _seller(self, ask: Ask) -> Seller:
        public_url = current_app.extensions["settings"].web.public_url
        return Seller(
            name=ask.supplier,
            supplier=_host().suppliers.get(ask.supplier),
            inbound=codes.inbound(_host().code_captures, ask.supplier, public_url),
            number_type=ask.number_type,
            policy=self._policy,
        )


def _host() -> PluginHost:
    host: PluginHost = current_app.extensions["plugin_host"]
    return host


_NOBODY = (
    "No supplier is on offer: enable a plugin that sells numbers and list it under"
    " provisioning.suppliers, or `gateway suppliers prefer` one."
)
