"""A line's number is rented of another supplier from now on: the number, its registration with
WhatsApp and every conversation stay as they are."""

from flask import current_app

from gateway.database import tenant
from gateway.onboarding import service
from gateway.plugin_host import PluginHost
from gateway.problems import Problem
from gateway.provisioning import codes, retiring
from gateway.provisioning import service as provisioning
from gateway.provisioning.contract import Adopts


def move_rent(client_id: str, line_id: str, supplier: str) -> str:
    """The number, once the supplier shows it in our account. Problem 409 `rent_not_moved`.

    Whoever rented it to us before has let it go by porting it.
    """
    host: PluginHost = current_app.extensions["plugin_host"]
    seller = host.suppliers.get(supplier)
    if not isinstance(seller, Adopts):
        raise _not_moved(f"{supplier} cannot take numbers from elsewhere.")
    with tenant(client_id) as session:
        line = provisioning.line(session, client_id, line_id)
        phone_number = retiring.require_replaceable(session, line).phone_number
    public_url = current_app.extensions["settings"].web.public_url
    inbound = codes.inbound(host.code_captures, supplier, public_url)
    found = seller.adopt(phone_number, reference=line_id, inbound=inbound)
    if found is None:
        raise _not_moved(
            f"{phone_number} is not in our account at {supplier}: port it there first."
        )
    with tenant(client_id) as session:
        line = provisioning.line(session, client_id, line_id, lock=True)
        retiring.move_rent(session, line, supplier, found)
        service.progress(session, client_id, line_id).activation.supplier = supplier
    return phone_number


def _not_moved(detail: str) -> Problem:
    return Problem(409, "rent_not_moved", detail)
