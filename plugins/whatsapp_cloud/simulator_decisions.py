"""What the simulated platform decides by itself, as the control panel last told it."""

from collections.abc import Iterable, Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from gateway.plugin_api import Store

TIERS = {
    "TIER_250": 250,
    "TIER_2K": 2_000,
    "TIER_10K": 10_000,
    "TIER_100K": 100_000,
    "TIER_UNLIMITED": None,
}
VERIFIED = "verified"
_UNVERIFIED_NUMBERS = 2
_REVIEW = validate.OneOf(("approve", "reject", "hold"))


class _OneOrMore(fields.Field[list[str]]):
    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[str]:
        values = value if isinstance(value, list) else [value]
        if not all(isinstance(item, str) for item in values):
            raise ValidationError("must be an id or a list of ids")
        return values


class _PortfolioDecisions(Schema):
    messaging_limit = fields.String(validate=validate.OneOf(TIERS))
    numbers = fields.Integer(validate=validate.Range(min=0))
    verification = fields.String(
        validate=validate.OneOf((VERIFIED, "not_verified", "pending", "rejected", "revoked"))
    )


class _Decisions(Schema):
    """null takes a decision back."""

    display_name = fields.String(validate=_REVIEW, allow_none=True)
    template = fields.String(validate=_REVIEW, allow_none=True)
    template_category = fields.String(
        validate=validate.OneOf(("UTILITY", "MARKETING", "AUTHENTICATION")), allow_none=True
    )
    waba_ban = _OneOrMore(allow_none=True)
    portfolio = fields.Nested(_PortfolioDecisions, allow_none=True)
    tech_provider = fields.Boolean(allow_none=True)
    on_consumer_whatsapp = _OneOrMore(allow_none=True)
    quality = fields.Dict(
        keys=fields.String(),
        values=fields.String(validate=validate.OneOf(("GREEN", "YELLOW", "RED"))),
        allow_none=True,
    )
    fallen_off = _OneOrMore(allow_none=True)
    deleted = _OneOrMore(allow_none=True)
    official = _OneOrMore(allow_none=True)
    coexisting = _OneOrMore(allow_none=True)
    without_payment = _OneOrMore(allow_none=True)
    offboarded = _OneOrMore(allow_none=True)
    on_business_app = _OneOrMore(allow_none=True)
    unseen_in_popup = _OneOrMore(allow_none=True)
    signup_refusals = fields.Dict(keys=fields.String(), values=fields.String(), allow_none=True)
    two_step_pins = fields.Dict(keys=fields.String(), values=fields.String(), allow_none=True)
    signup_order = fields.String(
        validate=validate.OneOf(("code_first", "event_first", "code_only")), allow_none=True
    )
    also_granted = _OneOrMore(allow_none=True)
    group_joins = fields.Float(validate=validate.Range(min=0, max=1), allow_none=True)
    read = fields.String(validate=validate.OneOf(("on_reply", "at_once", "never")), allow_none=True)


class Decisions:
    """The decisions in force. Without any, reviews approve and no daily budget is enforced."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def change(self, wanted: Mapping[str, Any]) -> None:
        """Take these over beside those in force. ValueError names what is not understood."""
        try:
            taken = _Decisions().load(wanted)
        except ValidationError as error:
            raise ValueError(f"Not understood: {error.messages}") from error
        self._store.put("graph_decisions", "now", self._all() | taken)

    def review(self, of: str) -> str:
        """`approve`, `reject` or `hold`, of a `display_name` or a `template`."""
        return str(self._all().get(of) or "approve")

    def category(self, asked: str) -> str:
        """The category Meta gives a template: a utility may be judged to be marketing."""
        return str(self._all().get("template_category") or asked)

    def banned(self) -> frozenset[str]:
        return frozenset(self._list("waba_ban"))

    def on_consumer_whatsapp(self, phone: str) -> bool:
        return phone in self._list("on_consumer_whatsapp")

    def on_business_app(self, phone: str) -> bool:
        return phone in self._list("on_business_app")

    def seen_in_popup(self, phone: str) -> bool:
        """Whether the pop-up knows of the number's account; else only its registration does."""
        return phone not in self._list("unseen_in_popup")

    def signup_refusal(self, phone: str) -> str | None:
        """Why the pop-up does not take the number, if it does not."""
        return (self._all().get("signup_refusals") or {}).get(phone)

    def two_step_pin(self, phone: str) -> str | None:
        """The PIN that the number has from elsewhere."""
        return (self._all().get("two_step_pins") or {}).get(phone)

    def quality(self, phone: str) -> str:
        """How people take what this number sends."""
        return str((self._all().get("quality") or {}).get(phone, "GREEN"))

    def official(self, phone: str) -> bool:
        """Whether the number is an Official Business Account."""
        return phone in self._list("official")

    def coexists(self, phone: str) -> bool:
        """Whether the number stays in the WhatsApp Business app."""
        return phone in self._list("coexisting")

    def lacks_payment(self, waba_id: str) -> bool:
        """Whether Meta cannot charge the account."""
        return waba_id in self._list("without_payment")

    def signup_order(self) -> str:
        """What a sign-up tells its page first: `code_first` or `event_first`. `code_only`: the page
        never hears what was chosen."""
        return str(self._all().get("signup_order") or "code_first")

    def also_granted(self) -> list[str]:
        """The accounts that every new token sees as well, since they were granted earlier."""
        return list(self._list("also_granted"))

    def group_joins(self) -> float:
        """The share of invited people who follow a group's link; all of them unless decided."""
        share = self._all().get("group_joins")
        return 1.0 if share is None else float(share)

    def reading(self) -> str:
        """When people read: `on_reply`, `at_once` or `never`."""
        return str(self._all().get("read") or "on_reply")

    def messaging_limit(self) -> str:
        """The tier in force. Unless decided: unlimited, or the least where nobody is verified."""
        usual = "TIER_UNLIMITED" if self.verification() == VERIFIED else "TIER_250"
        return str(self._portfolio().get("messaging_limit", usual))

    def number_limit(self, usual: int) -> int:
        if self.messaging_limit() == "TIER_250" and self.verification() != VERIFIED:
            usual = min(usual, _UNVERIFIED_NUMBERS)
        return int(self._portfolio().get("numbers", usual))

    def limits_portfolios(self) -> bool:
        return bool(self._portfolio())

    def verification(self) -> str:
        """How the operator's business is verified."""
        return str(self._portfolio().get("verification", VERIFIED))

    def tech_provider(self) -> bool:
        """Whether App Review lets the app act for businesses that are not its own."""
        return self._all().get("tech_provider") is not False

    def _portfolio(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self._all().get("portfolio") or {}
        return found

    def _list(self, key: str) -> Iterable[str]:
        found: Iterable[str] = self._all().get(key) or ()
        return found

    def _all(self) -> dict[str, Any]:
        return self._store.get("graph_decisions", "now") or {}
