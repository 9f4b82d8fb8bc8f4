"""Every setting: its type, its default and what it means."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, pre_load, validate

from gateway import settings_values as values
from gateway.settings_policies import NumberPolicySchema, a_country_once
from gateway.settings_section import COUNTRY, Section, doc


class _BaseUrl(fields.Url):
    """An http or https address that paths are appended to, hence without a slash at its end."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(require_tld=False, schemes={"http", "https"}, **kwargs)

    def _deserialize(self, *args: Any, **kwargs: Any) -> str:
        return str(super()._deserialize(*args, **kwargs)).rstrip("/")


def _is_key(text: str) -> None:
    try:
        size = len(base64.b64decode(text, validate=True)) if text else 32
    except binascii.Error:
        size = 0
    if size != 32:
        raise ValidationError("Must be the base64 form of exactly 32 random bytes.")


def _each_once(portfolios: list[values.Portfolio]) -> None:
    ids = [portfolio.id for portfolio in portfolios]
    wabas = [waba for portfolio in portfolios for waba in portfolio.wabas]
    twice = sorted({one for one in ids if ids.count(one) > 1})
    twice += sorted({one for one in wabas if wabas.count(one) > 1})
    if twice:
        raise ValidationError(f"Listed twice: {', '.join(twice)}.")


_PORT = validate.Range(min=0, max=65535)
_SOME = validate.Range(min=1)
_SECONDS = validate.Range(min=0, min_inclusive=False)
_HOST_AND_PORT = validate.Regexp(
    r"^\S+:(\d{1,5}|\*)$",
    error="Must be a host and a port, such as files.internal:8080, or * for all its ports.",
)


class PlatformSchema(Section):
    makes = values.Platform
    name = fields.String(
        load_default="LinkoJob", metadata=doc("The platform's name, as candidates read it.")
    )
    website = _BaseUrl(load_default=None, metadata=doc("The platform's site, shown in profiles."))


class WebSchema(Section):
    makes = values.Web
    host = fields.String(load_default="127.0.0.1", metadata=doc("Address to listen on."))
    port = fields.Integer(load_default=8000, validate=_PORT, metadata=doc("Port to listen on."))
    public_url = _BaseUrl(
        load_default="http://127.0.0.1:8000",
        metadata=doc("Where Meta, suppliers and browsers reach the gateway."),
    )
    processes = fields.Integer(load_default=1, validate=_SOME, metadata=doc("Web processes."))
    max_body_bytes = fields.Integer(
        load_default=4_194_304, validate=_SOME, metadata=doc("Largest body of an API call.")
    )
    max_webhook_bytes = fields.Integer(
        load_default=3_145_728, validate=_SOME, metadata=doc("Largest webhook; Meta's are 3 MiB.")
    )
    max_upload_bytes = fields.Integer(
        load_default=10_485_760, validate=_SOME, metadata=doc("Largest document or media file.")
    )


class DatabaseSchema(Section):
    makes = values.Database
    url = fields.String(load_default="", metadata=doc("The application's role: it owns nothing."))
    owner_url = fields.String(load_default="", metadata=doc("The owner's role: migrations only."))
    router_url = fields.String(
        load_default="", metadata=doc("The role that alone reads raw inbound bodies.")
    )


class RedisSchema(Section):
    makes = values.Redis
    url = fields.String(load_default="", metadata=doc("Carries ids of jobs; may be lost."))


class SecretsSchema(Section):
    makes = values.Secrets
    key = fields.String(
        load_default="",
        load_only=True,
        validate=_is_key,
        metadata=doc("Base64 of the 32 bytes that the owners' keys are encrypted with."),
    )
    key_id = fields.String(
        load_default="k1", metadata=doc("Names the key in what it encrypts, for its rotation.")
    )


class HttpSchema(Section):
    makes = values.Http
    private_hosts = fields.List(
        fields.String(validate=_HOST_AND_PORT),
        load_default=list,
        metadata=doc("host:port or host:* that customers' URLs may point at although private."),
    )


class PortfolioSchema(Section):
    makes = values.Portfolio
    id = fields.String(required=True, metadata=doc("Meta's id of the business portfolio."))
    wabas = fields.List(
        fields.String(), required=True, metadata=doc("Ids of the WABAs that lines are put in.")
    )
    number_limit = fields.Integer(
        load_default=20, validate=_SOME, metadata=doc("How many numbers Meta allows in it.")
    )
    messaging_limit = fields.Integer(
        load_default=250,
        validate=_SOME,
        metadata=doc("People it may write to first in 24 h, until Meta tells another limit."),
    )


class ProvisioningSchema(Section):
    makes = values.Provisioning
    suppliers = fields.List(
        fields.String(),
        load_default=lambda: ["twilio"],
        metadata=doc("Number suppliers, asked in this order unless an operator prefers another."),
    )
    policies = fields.List(
        fields.Nested(NumberPolicySchema),
        load_default=list,
        validate=a_country_once,
        metadata=doc("What numbers of a country are bought, and from whom."),
    )
    registrar = fields.String(
        load_default="whatsapp-cloud", metadata=doc("Who registers numbers with WhatsApp.")
    )
    portfolios = fields.List(
        fields.Nested(PortfolioSchema),
        load_default=list,
        validate=_each_once,
        metadata=doc("The platform's own portfolios, for virtual lines."),
    )


class OnboardingSchema(Section):
    makes = values.Onboarding
    code_wait_seconds = fields.Float(
        load_default=60.0,
        validate=_SECONDS,
        metadata=doc("How long a verification code may take before another is asked for."),
    )
    poll_seconds = fields.Float(
        load_default=5.0,
        validate=_SECONDS,
        metadata=doc("When to look again, first, at somebody else's decision."),
    )
    poll_seconds_max = fields.Float(
        load_default=900.0, validate=_SECONDS, metadata=doc("What that wait grows to.")
    )
    release_undo_hours = fields.Float(
        load_default=72.0,
        validate=validate.Range(min=0),
        metadata=doc("How long the release of a line can be taken back."),
    )


class MessagingSchema(Section):
    makes = values.Messaging
    provider = fields.String(
        load_default="whatsapp-cloud", metadata=doc("The messaging provider of new lines.")
    )
    threads = fields.Integer(
        load_default=64, validate=_SOME, metadata=doc("Calls at once in one worker.")
    )
    lines_per_drain = fields.Integer(
        load_default=50, validate=_SOME, metadata=doc("Lines that one drain leases at once.")
    )
    unconfirmed_seconds = fields.Float(
        load_default=600.0,
        validate=_SECONDS,
        metadata=doc("Silence after which an unconfirmed message counts as failed."),
    )
    most_unanswered_templates = fields.Integer(
        load_default=2,
        validate=_SOME,
        metadata=doc("Templates that may wait for one candidate's answer at a time."),
    )
    unanswered_days = fields.Integer(
        load_default=7,
        validate=_SOME,
        metadata=doc("After so many days an unanswered template counts no longer."),
    )
    hold_days = fields.Integer(
        load_default=7,
        validate=_SOME,
        metadata=doc("How long a message held until a reply waits, unless it says so itself."),
    )


class WorkSchema(Section):
    makes = values.Work
    lease_seconds = fields.Float(
        load_default=15.0,
        validate=_SECONDS,
        metadata=doc("After this a killed worker's work is somebody else's."),
    )
    drain_seconds = fields.Float(
        load_default=20.0, validate=_SECONDS, metadata=doc("How long one job works at most.")
    )
    sweep_seconds = fields.Float(
        load_default=1.0, validate=_SECONDS, metadata=doc("How often forgotten work is shipped.")
    )
    workers = fields.Integer(load_default=2, validate=_SOME, metadata=doc("Worker processes."))


class SandboxSchema(Section):
    makes = values.Sandbox
    enabled = fields.Boolean(load_default=False, metadata=doc("Never in production."))
    port = fields.Integer(load_default=0, validate=_PORT, metadata=doc("0 takes any free port."))
    url = fields.String(load_default="", metadata=doc("Where the sandbox answers."))
    clock_file = fields.String(
        load_default="", metadata=doc("Shares the moved clock between the processes.")
    )
    state_dir = fields.String(load_default="", metadata=doc("What the simulators remember."))
    stock = fields.Dict(
        keys=fields.String(validate=COUNTRY),
        values=fields.Integer(validate=validate.Range(min=0)),
        load_default=dict,
        metadata=doc("Numbers the simulated suppliers sell beyond their real range, by country."),
    )
    papers = fields.List(
        fields.String(validate=COUNTRY),
        load_default=list,
        metadata=doc("Countries whose numbers the simulated suppliers sell against papers only."),
    )
    approve_after_seconds = fields.Float(
        load_default=1.0,
        validate=validate.Range(min=0),
        metadata=doc("When simulated reviews of names and templates end."),
    )


class SettingsSchema(Section):
    makes = dict
    plugins = fields.List(
        fields.String(),
        load_default=list,
        metadata=doc("Enabled plugins by name, in the order they are asked and told."),
    )
    platform = fields.Nested(PlatformSchema)
    web = fields.Nested(WebSchema)
    database = fields.Nested(DatabaseSchema)
    redis = fields.Nested(RedisSchema)
    secrets = fields.Nested(SecretsSchema)
    http = fields.Nested(HttpSchema)
    provisioning = fields.Nested(ProvisioningSchema)
    onboarding = fields.Nested(OnboardingSchema)
    messaging = fields.Nested(MessagingSchema)
    work = fields.Nested(WorkSchema)
    sandbox = fields.Nested(SandboxSchema)
    providers = fields.Dict(
        keys=fields.String(),
        values=fields.Dict(keys=fields.String()),
        load_default=dict,
        metadata=doc("One table a provider; the provider's own schema says what it holds."),
    )

    @pre_load
    def _every_section(self, data: Mapping[str, Any], **_: Any) -> dict[str, Any]:
        """A section nobody wrote still has its defaults."""
        nested = (name for name, it in self.fields.items() if isinstance(it, fields.Nested))
        return {**{name: {} for name in nested}, **data}
