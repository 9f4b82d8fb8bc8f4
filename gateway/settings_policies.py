"""The settings of what numbers are bought, and from whom."""

from typing import Final

from marshmallow import ValidationError, fields, validate

from gateway import settings_values as values
from gateway.settings_section import COUNTRY, Section, doc

_TYPES: Final = ("local", "mobile", "national", "toll_free")
_CURRENCY: Final = validate.Regexp(r"^[A-Z]{3}$", error="Must be a currency such as USD.")


class NumberPolicySchema(Section):
    makes = values.NumberPolicy
    country = fields.String(
        required=True, validate=COUNTRY, metadata=doc("Whose numbers this is about.")
    )
    types = fields.List(
        fields.String(validate=validate.OneOf(_TYPES)),
        load_default=list,
        metadata=doc("Types of number, the best first, no other; none: what suppliers offer."),
    )
    suppliers = fields.List(
        fields.String(),
        load_default=list,
        metadata=doc("Who is asked there, in this order, nobody else; none: all suppliers."),
    )
    most_monthly = fields.Decimal(
        load_default=None,
        validate=validate.Range(min=0),
        metadata=doc("What a number may cost a month; one whose price is unknown is not bought."),
    )
    currency = fields.String(
        load_default="USD", validate=_CURRENCY, metadata=doc("Of most_monthly.")
    )


def a_country_once(policies: list[values.NumberPolicy]) -> None:
    countries = [policy.country for policy in policies]
    if twice := sorted({one for one in countries if countries.count(one) > 1}):
        raise ValidationError(f"Listed twice: {', '.join(twice)}.")
