"""What the foreign client can call, and what of it the simulated Meta knows."""

import inspect
import queue
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from flask import Flask, request
from pywa import WhatsApp

from tests.harness import served

Webhooks = queue.Queue[tuple[bytes, dict[str, str]]]

BOTH_KNOW = frozenset({
    "create_group", "create_phone_number", "create_template", "delete_media",
    "delete_phone_callback_url",
    "delete_template", "delete_waba_callback_url", "deregister_phone_number", "download_media",
    "get_business_phone_number", "get_business_phone_numbers", "get_business_profile", "get_group",
    "get_group_invite_link",
    "get_media_bytes", "get_media_url", "get_templates", "indicate_typing",
    "mark_message_as_read", "override_phone_callback_url", "override_waba_callback_url",
    "register_phone_number", "remove_reaction", "request_contact_info", "request_location",
    "request_verification_code", "send_audio", "send_carousel", "send_catalog", "send_contact",
    "send_document", "send_image", "send_location", "send_message", "send_product",
    "send_products", "send_reaction", "send_sticker", "send_template", "send_text", "send_video",
    "send_voice", "stream_media", "update_business_profile", "update_display_name", "upload_media",
    "verify_phone_number",
})  # fmt: skip

# The calls that the client alone knows, by why the simulated Meta has no such thing.
UNKNOWN_HERE: Mapping[str, frozenset[str]] = {
    "a template is found by its name and never changed": frozenset({
        "archive_templates", "compare_templates", "get_template", "migrate_templates",
        "unarchive_templates", "unpause_template", "update_template",
        "upsert_authentication_template",
    }),
    "the app's own address is that of the gateway under test": frozenset({
        "get_app_access_token", "set_app_callback_url",
    }),
    "accounts and their settings are the configuration's": frozenset({
        "get_business_account", "get_business_phone_number_settings",
        "get_owned_business_accounts", "get_shared_business_accounts",
        "update_business_account_settings", "update_business_phone_number_settings",
        "update_conversational_automation",
    }),
    "nobody is called": frozenset({
        "accept_call", "get_call_permissions", "initiate_call", "pre_accept_call", "reject_call",
        "terminate_call",
    }),
    "nobody is blocked": frozenset({"block_users", "get_blocked_users", "unblock_users"}),
    "groups are opened and joined, and nothing else happens to them": frozenset({
        "approve_group_join_requests", "delete_group", "get_group_join_requests", "pin_message",
        "reject_group_join_requests", "remove_group_participants", "reset_group_invite_link",
        "unpin_message", "update_group_settings",
    }),
    "the specification lists groups as `data.groups`, it expects them as `data`": frozenset({
        "get_groups",
    }),
    "there are no forms": frozenset({
        "create_flow", "delete_flow", "deprecate_flow", "get_flow", "get_flow_assets",
        "get_flow_metrics", "get_flows", "migrate_flows", "publish_flow",
        "set_business_public_key", "update_flow_json", "update_flow_metadata",
    }),
    "there is no shop": frozenset({"get_commerce_settings", "update_commerce_settings"}),
    "a business has a name and no user name": frozenset({
        "delete_username", "get_current_username", "get_reserved_usernames", "set_username",
    }),
    "nobody is led to a chat": frozenset({
        "create_qr_code", "create_signup", "delete_qr_code", "get_qr_code", "get_qr_codes",
        "get_signup", "get_signups", "update_qr_code", "update_signup",
    }),
}  # fmt: skip

# What the client does by itself, beside its many decorators `on_…`.
WITHOUT_A_CALL = frozenset({
    "add_flow_request_handler", "add_handlers", "get_flow_request_handler", "listen",
    "load_handlers_modules", "remove_callbacks", "remove_handlers", "run", "stop_listening",
    "webhook_challenge_handler", "webhook_update_handler", "webhook_update_validator",
})  # fmt: skip

# Routes of the simulated Meta that are no calls of the client's, and why.
NO_CALL_OF_ITS: Mapping[str, str] = {
    "DELETE /<version>/<waba_id>/subscribed_apps": "it knows no way to leave a WABA",
    "GET /<version>/<number_id>/groups": "it expects another list than the specification's",
    "GET /<version>/oauth/access_token": "a sign-up's code is exchanged by who shows the pop-up",
    "GET /<version>/debug_token": "it looks at no token",
    "GET /<version>/<app_id>/permissions": "it asks nothing of the app itself",
    "GET /<version>/<portfolio_id>/preverified_numbers": "it keeps no numbers ready",
    "POST /<version>/<portfolio_id>/add_phone_numbers": "it keeps no numbers ready",
    "POST /<version>/<number_id>/smb_app_data": "it asks for nothing that an app holds",
    **dict.fromkeys(
        (
            "GET /sdk.js",
            "GET /dialog",
            "GET /dialog.js",
            "GET /dialog/offers",
            "POST /dialog/number",
            "POST /dialog/finish",
        ),
        "what a browser loads and says in the pop-up",
    ),
    **dict.fromkeys(
        (
            "PUT /app/<phone>",
            "DELETE /app/<phone>",
            "POST /app/<phone>/contacts",
            "POST /app/<phone>/messages",
        ),
        "what the owner does in the app",
    ),
    "GET /pictures/<handle>": "what a person's phone shows",
    "GET /on_phones/<media_id>": "what a person's phone shows",
}


class Noting:
    """The client, noting what is called of it."""

    def __init__(self, client: WhatsApp) -> None:
        self.client = client
        self.called: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.client, name)
        if callable(found):
            self.called.add(name)
        return found


def public_methods() -> set[str]:
    return {
        name
        for name, found in inspect.getmembers(WhatsApp, callable)
        if not name.startswith(("_", "on_"))
    }


@contextmanager
def address_of_its_own() -> Iterator[tuple[str, dict[str, Webhooks]]]:
    """A URL that answers challenges with the token `secret`, and what is posted below it."""
    app = Flask(__name__)
    received: dict[str, Webhooks] = {"/waba": queue.Queue(), "/phone": queue.Queue()}

    @app.route("/<place>", methods=["GET", "POST"])
    def hear(place: str) -> str:
        if request.method == "POST":
            headers = {"x-hub-signature-256": request.headers["X-Hub-Signature-256"]}
            received[f"/{place}"].put((request.get_data(), headers))
            return ""
        given = request.args
        return given["hub.challenge"] if given["hub.verify_token"] == "secret" else "no"

    with served(app) as (url, _):
        yield url, received
