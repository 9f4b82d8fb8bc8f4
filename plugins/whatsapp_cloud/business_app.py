"""What the WhatsApp Business app shares of a number that stays in it.

Source: onboarding WhatsApp Business app users, February 2026.
"""

from typing import Final

from gateway.plugin_api import AppData, SharesAppData

from .graph import Graph

_TYPES: Final[dict[AppData, str]] = {"contacts": "smb_app_state_sync", "history": "history"}


class AsksTheApp(SharesAppData):
    """What the registrar of the Cloud API does with it."""

    _graph: Graph

    def ask_app_data(self, phone_number_id: str, what: AppData) -> None:
        self._graph.post(
            f"{phone_number_id}/smb_app_data",
            {"messaging_product": "whatsapp", "sync_type": _TYPES[what]},
        )
