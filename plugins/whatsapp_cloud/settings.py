"""What the operator configures under `whatsapp-cloud`, for sending and for registering alike."""

from marshmallow import Schema, fields, validate

NAME = "whatsapp-cloud"
_GIVEN = validate.Length(min=1)


class WhatsAppCloudSettings(Schema):
    """Meta's app and the system user's token.

    The version is that of our own calls; webhooks have the shape of the version chosen in the
    app's webhook subscription.
    """

    graph_url = fields.Url(
        require_tld=False, schemes={"http", "https"}, load_default="https://graph.facebook.com"
    )
    version = fields.String(load_default="v25.0", validate=validate.Regexp(r"^v\d+\.\d+$"))
    app_id = fields.String(required=True, validate=_GIVEN)
    app_secret = fields.String(required=True, validate=_GIVEN, load_only=True)
    access_token = fields.String(required=True, validate=_GIVEN, load_only=True)
    verify_token = fields.String(required=True, validate=_GIVEN, load_only=True)


class SignupSettings(WhatsAppCloudSettings):
    """What Embedded Signup takes beside it: a Facebook Login for Business configuration of an app
    of a Tech Provider's, and Meta's script."""

    signup_config_id = fields.String(load_default="", validate=validate.Regexp(r"^\d*$"))
    sdk_url = fields.Url(
        require_tld=False,
        schemes={"http", "https"},
        load_default="https://connect.facebook.net/en_US/sdk.js",
    )
