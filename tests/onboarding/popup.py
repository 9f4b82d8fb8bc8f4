"""A person in the simulated sign-up pop-up, without a browser."""

from dataclasses import dataclass
from typing import Any

from tests.harness import Gateway


@dataclass(frozen=True, kw_only=True)
class Finished:
    """What the pop-up tells the page: the code, and the message's event and ids."""

    code: str
    event: str
    waba_id: str
    phone_number_id: str | None

    @property
    def report(self) -> dict[str, Any]:
        """All of it, as one call hands it in."""
        ids = {"waba_id": self.waba_id, "phone_number_id": self.phone_number_id}
        return {"code": self.code, "event": self.event, **ids}


def sign_up(
    gateway: Gateway, phone: str | None = "+212600111001", business: str = "Atlas SARL", **more: Any
) -> Finished:
    """Go through the four steps."""
    given: dict[str, Any] = {"business": business, **more}
    if "pre_verified_id" not in more and phone is not None:
        sent = _post(gateway, "number", {"phone": phone})
        given |= {"phone": phone, "code": sent["sandbox_code"]}
    said = _post(gateway, "finish", given)
    data = said["message"]["data"]
    return Finished(
        code=said["code"],
        event=said["message"]["event"],
        waba_id=data["waba_id"],
        phone_number_id=data.get("phone_number_id"),
    )


def _post(gateway: Gateway, path: str, body: dict[str, Any]) -> Any:
    url = f"{gateway.sandbox_url}/graph/dialog/{path}"
    answer = gateway.session.post(url, json=body, timeout=30)
    assert answer.status_code == 200, answer.text
    return answer.json()
