"""The suppliers for a person: who is asked, in which order, and what was decided of each."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from flask import current_app
from sqlalchemy import func, select

from gateway.audit import service as audit
from gateway.audit.models import OperatorAct
from gateway.database import platform
from gateway.plugin_host import PluginHost
from gateway.provisioning import choosing, codes, suppliers
from gateway.provisioning.choosing import Standing
from gateway.provisioning.models import Number

Status = Literal["on offer", "paused", "removed", "not on offer"]
Health = Literal["well", "rests"]


@dataclass(frozen=True, kw_only=True)
class SupplierShown:
    """One supplier of an enabled plugin. `position` counts from 1; None: it is not asked."""

    name: str
    position: int | None
    status: Status
    health: Health
    is_heard: bool
    numbers: int  # rented or quarantined
    last_act: str | None  # what an operator did last, in words


def overview() -> list[SupplierShown]:
    """Every supplier of an enabled plugin, those that are asked first."""
    host: PluginHost = current_app.extensions["plugin_host"]
    with platform() as session:
        standings = {one.name: one for one in suppliers.standings(session)}
        counts = dict(
            session.execute(
                select(Number.supplier, func.count())
                .where(Number.state != "released")
                .group_by(Number.supplier)
            ).all()
        )
        acts = {name: audit.acts(session, name) for name in host.suppliers.names()}
    order = [one.name for one in choosing.in_order(standings.values())]
    asked = [name for name in order if not standings[name].is_paused]
    names = dict.fromkeys((*asked, *order, *standings, *host.suppliers.names()))
    return [
        SupplierShown(
            name=name,
            position=asked.index(name) + 1 if name in asked else None,
            status=_status(standings.get(name)),
            health=_health(standings.get(name)),
            is_heard=bool(codes.listened(host.code_captures, name)),
            numbers=counts.get(name, 0),
            last_act=_words(acts[name][0]) if acts[name] else None,
        )
        for name in names
    ]


def _status(standing: Standing | None) -> Status:
    if standing is None:
        return "not on offer"
    if standing.is_removed:
        return "removed"
    return "paused" if standing.is_paused else "on offer"


def _health(standing: Standing | None) -> Health:
    if standing is None or standing.rests_until is None:
        return "well"
    return "rests" if standing.rests_until > datetime.now(UTC) else "well"


def _words(act: OperatorAct) -> str:
    """An act as a line: when, who, what, why."""
    reason = act.details.get("reason")
    said = f"{act.at:%Y-%m-%d %H:%M} {act.actor}: {act.action}"
    return f"{said} ({reason})" if reason else said
