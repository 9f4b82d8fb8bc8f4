"""What a registrar can do of a number that stays in the WhatsApp Business app."""

from abc import ABC, abstractmethod
from typing import Literal

AppData = Literal["contacts", "history"]


class SharesAppData(ABC):
    """A registrar that has the app share what it holds; it comes by webhook, and once."""

    @abstractmethod
    def ask_app_data(self, phone_number_id: str, what: AppData) -> None:
        """Have the app share it. Refused `app_data_asked` where it was asked for before,
        `app_data_late` where the 24 hours after the sign-up are over."""
