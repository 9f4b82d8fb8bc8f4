"""What the simulated DIDWW posts to us: texts by the HTTP IN trunk, and what became of orders."""

import base64
import json
import uuid
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from gateway.plugin_api import World
from plugins.supplier_didww.captures import SMS_TOKEN
from plugins.supplier_didww.signature import HEADER, sign

_FORM = "application/x-www-form-urlencoded"


class Lines:
    """Plays the trunk that an operator set up at the panel, as `captures.py` says."""

    def __init__(self, world: World) -> None:
        self._world = world

    def text(self, did: Mapping[str, Any], sender: str, body: str) -> None:
        """Bring a text to where the number's trunk reports."""
        settings = self._world.providers["didww"]
        if did["sms_trunk"] != settings["sms_trunk_id"]:
            return
        said = {
            "id": str(uuid.uuid4()),
            "from": quote(sender),
            "to": quote(did["number"]),
            "text": base64.b64encode(body.encode()).decode(),
        }
        self._world.post(
            f"{self._world.gateway_url}/webhooks/suppliers/didww/sms",
            json.dumps(said).encode(),
            {"Content-Type": "application/json", SMS_TOKEN: settings["sms_token"]},
        )

    def tell_of(self, order: Mapping[str, Any]) -> None:
        """Call back what became of an order, where that is wanted."""
        url = order["callback_url"]
        if url is None:
            return
        fields = {"id": order["id"], "status": order["status"], "type": "orders"}
        signature = sign(self._world.providers["didww"]["callback_secret"], url, fields)
        self._world.post(
            url, urlencode(fields).encode(), {"Content-Type": _FORM, HEADER: signature}
        )
