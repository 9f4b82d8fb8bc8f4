"""Have the WhatsApp Business app share its contacts and history, within a day of the sign-up."""

import structlog
from flask import current_app

from gateway import outbox
from gateway.database import tenant
from gateway.errors import ProviderError
from gateway.outbox import Again, Lease
from gateway.plugin_host import PluginHost
from gateway.provisioning import access, coexistence, numbers
from gateway.provisioning.app_contract import AppData, SharesAppData
from gateway.provisioning.registrar_contract import NumberRegistrar

log = structlog.get_logger()

_ALREADY = {"app_data_asked": "asked", "app_data_late": "missed"}


def ask(lease: Lease) -> Again | None:
    """The job: ask for what is due. It was asked for where the answer to that was lost."""
    client_id, line_id = lease.client_id, lease.key
    with tenant(client_id) as session:
        row = coexistence.of_line(session, client_id, line_id)
        number = numbers.number_of(session, line_id)
    if row is None or number is None or number.phone_number_id is None:
        return None
    host: PluginHost = current_app.extensions["plugin_host"]
    settings = current_app.extensions["settings"].provisioning
    registrar = access.of_line(host.registrars.get(settings.registrar), client_id, line_id)
    for part in coexistence.PARTS:
        if getattr(row, part)["state"] != "due":
            continue
        if coexistence.is_late(row.began_at):
            _note(lease, part, "missed", coexistence.MISSED)
            continue
        try:
            _ask(registrar, str(number.waba_id), number.phone_number_id, part)
        except ProviderError as error:
            if error.retryable:
                pause = error.pause(lease.attempts) or outbox.backoff(lease.attempts)
                return Again(after=pause, error=error.code)
            log.warning("app_data_refused", line_id=line_id, part=part, code=error.code)
            _note(lease, part, _ALREADY.get(error.code, "refused"), error.detail)
        else:
            _note(lease, part, "asked")
    return None


def _ask(registrar: NumberRegistrar, waba_id: str, phone_number_id: str, part: AppData) -> None:
    if not isinstance(registrar, SharesAppData):
        return
    registrar.subscribe(waba_id)  # what comes while nobody is subscribed is lost
    registrar.ask_app_data(phone_number_id, part)


def _note(lease: Lease, part: AppData, state: str, problem: str | None = None) -> None:
    with tenant(lease.client_id) as session:
        outbox.guard(session, lease)
        coexistence.note(session, lease.client_id, lease.key, part, state=state, problem=problem)
