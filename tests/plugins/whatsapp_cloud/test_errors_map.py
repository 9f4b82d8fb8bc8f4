"""Every code of Meta's error reference has one meaning here: its class, our code, who must act."""

import pytest

from gateway.plugin_api import (
    AccountStopped,
    MarketingStopped,
    MarketingWithheld,
    OutcomeUnknown,
    ProviderError,
    RecipientUnreachable,
    Refused,
    SlowDown,
    TemplateNeeded,
    TryAgain,
)
from plugins.whatsapp_cloud.errors_map import MEANINGS, meaning_of, provider_error

CODES: list[tuple[tuple[int, ...], type[ProviderError], str]] = [
    ((0, 190), AccountStopped, "token_invalid"),
    ((3, 10, 200, 250, 299, 131005), AccountStopped, "permission_missing"),
    ((4, 80007), SlowDown, "management_rate_limit"),
    ((130429,), SlowDown, "throughput_limit"),
    ((131056,), TryAgain, "pair_rate_limit"),
    ((131048,), AccountStopped, "spam_limit"),
    ((131064,), AccountStopped, "template_category_violations"),
    ((133016,), TryAgain, "register_limit"),
    ((368, 131031), AccountStopped, "account_locked"),
    ((130497,), RecipientUnreachable, "country_not_allowed"),
    ((131042,), AccountStopped, "payment_required"),
    ((131045, 133010), AccountStopped, "not_registered"),
    ((131037,), AccountStopped, "display_name_unapproved"),
    ((131057, 2494100), SlowDown, "maintenance"),
    ((1, 2, 131000, 131016, 133004), OutcomeUnknown, "meta_unavailable"),
    ((33,), Refused, "no_such_object"),
    ((100, 131008, 131009, 135000), Refused, "bad_request"),
    ((131021,), Refused, "sent_to_self"),
    ((131026,), RecipientUnreachable, "undeliverable"),
    ((131030,), Refused, "not_on_test_list"),
    ((131047,), TemplateNeeded, "reply_window_closed"),
    ((131049,), MarketingWithheld, "marketing_withheld"),
    ((131050,), MarketingStopped, "marketing_stopped"),
    ((130472,), RecipientUnreachable, "user_in_experiment"),
    ((131051,), Refused, "unsupported_type"),
    ((131052,), Refused, "media_download_failed"),
    ((131053,), Refused, "media_upload_failed"),
    ((131055, 134100, 134101, 134102, 1752041), Refused, "marketing_api_only"),
    ((131059,), Refused, "bad_cursor"),
    ((131060,), Refused, "unsupported_device"),
    ((131061,), Refused, "max_price_endpoint"),
    ((131062,), Refused, "phone_needed"),
    ((131063,), Refused, "marketing_disabled"),
    ((130403,), RecipientUnreachable, "blocked_by_us"),
    ((132000,), Refused, "template_parameter_count"),
    ((132001,), Refused, "template_missing"),
    ((132005, 132007, 132012, 132018), Refused, "template_parameters"),
    ((132008,), Refused, "template_invalid"),
    ((132015,), Refused, "template_paused"),
    ((132016,), Refused, "template_disabled"),
    ((132068, 132069), Refused, "flow_blocked"),
    ((133000,), Refused, "half_deregistered"),
    ((133005,), Refused, "pin_mismatch"),
    ((133006,), Refused, "not_verified"),
    ((133008, 133009), TryAgain, "pin_tries"),
    ((133015,), TryAgain, "recently_deleted"),
    ((134011,), AccountStopped, "payment_terms"),
    ((136024,), Refused, "code_not_sent"),
    ((136025,), Refused, "wrong_code"),
    ((137000,), Refused, "identity_changed"),
    ((138000, 138006, 138999), Refused, "calling_refused"),
    ((139100, 139101, 139102, 139103), Refused, "block_list"),
    ((139200, 2388330, 2388318), TemplateNeeded, "direct_send_refused"),
    ((147001, 147002, 147003, 147004, 147005), Refused, "username_refused"),
    (
        (131020, 131041, *range(131201, 131205), 131207, *range(131209, 131216)),
        Refused,
        "group_refused",
    ),
    ((131208,), TryAgain, "group_rate_limit"),
    ((2593107,), Refused, "app_data_asked"),
    ((2593108,), Refused, "app_data_late"),
    ((2593109,), Refused, "history_not_shared"),
]
SUBCODES: list[tuple[tuple[int, ...], str]] = [
    ((2388001,), "number_in_use"),
    ((2388012,), "number_already_added"),
    ((2388091, 2388093, 2388103), "migration_refused"),
    ((2388019, 2388039, 2388040, 2388047, 2388072, 2388073, 2388293, 2388299), "template_refused"),
    ((33,), "no_such_object"),
    ((424242,), "bad_request"),
]
# Seconds to wait after the first, second, third … refusal in a row; the last is for all later ones.
WAITS: dict[int, tuple[float, ...]] = {
    4: (300,),
    80007: (300,),
    130429: (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 3600),
    131056: (4, 16, 64, 256, 1024, 3600),
    131057: (120,),
    131208: (1,),
    133008: (3600,),
    133009: (3600,),
    133015: (300,),
    133016: (259_200,),
    2494100: (120,),
}

EACH = [(code, kind, name) for codes, kind, name in CODES for code in codes]
EACH_SUBCODE = [(subcode, name) for subcodes, name in SUBCODES for subcode in subcodes]


@pytest.mark.parametrize(("code", "kind", "name"), EACH)
def test_each_code_means_one_thing(code: int, kind: type[ProviderError], name: str) -> None:
    # A bare HTTP status never overrules a code that is known.
    for status in (400, 403, 500):
        error = provider_error({"code": code, "message": "Meta's words"}, status)

        assert type(error) is kind
        assert (error.code, error.provider_code) == (name, str(code))
        waits = WAITS.get(code, (None,))
        assert tuple(error.pause(n) for n in range(1, len(waits) + 1)) == waits
        assert error.pause(len(waits) + 1) == error.pause(1_000_000) == waits[-1]
        assert (waits != (None,)) is isinstance(error, TryAgain), "waiting is for what may pass"
        assert f"(Meta {code}" in error.detail
        assert ("Meta's words" in error.detail) is (name != "token_invalid")


@pytest.mark.parametrize(("subcode", "name"), EACH_SUBCODE)
def test_a_subcode_decides_where_the_code_is_the_catch_all(subcode: int, name: str) -> None:
    error = provider_error({"code": 100, "error_subcode": subcode}, 400)

    assert isinstance(error, Refused)
    assert (error.code, error.provider_code) == (name, f"100/{subcode}")


def test_a_subcode_explains_other_codes_without_deciding() -> None:
    error = provider_error({"code": 190, "error_subcode": 463}, 401)

    assert (error.code, error.provider_code) == ("token_invalid", "190/463")


@pytest.mark.parametrize(
    ("held", "status", "kind"),
    [
        ({"code": 999999}, 400, Refused),
        ({"code": 999999}, 500, OutcomeUnknown),
        ({"code": 999999, "is_transient": True}, 400, OutcomeUnknown),
        ({"code": 999999, "is_transient": False}, 429, Refused),
        ({}, 400, Refused),
        ({"code": "not a number"}, 503, OutcomeUnknown),
    ],
)
def test_an_unknown_code_is_refused_unless_it_may_have_worked(
    held: dict[str, object], status: int, kind: type[ProviderError]
) -> None:
    error = provider_error(held, status)

    assert type(error) is kind
    assert error.code == "graph_error"


def test_metas_most_exact_words_are_shown() -> None:
    held = {
        "code": 132000,
        "message": "(#132000) mismatch",
        "error_user_msg": "Count them.",
        "error_data": {"details": "body has 2 parameters, 1 given"},
    }

    assert "body has 2 parameters" in provider_error(held, 400).detail
    del held["error_data"]
    assert "Count them." in provider_error(held, 400).detail


def test_the_table_and_this_list_know_the_same_codes() -> None:
    ranges = {*range(200, 300), *range(138000, 139000)}  # of which the list has samples
    listed = {code for code, *_ in EACH} | {code for code, _ in EACH_SUBCODE} - {424242}

    assert set(MEANINGS) - ranges == listed - ranges


def test_every_meaning_says_what_to_do_next() -> None:
    for code in MEANINGS:
        meaning = meaning_of({"code": code})
        assert ":" in meaning.detail, code
        assert meaning.detail.endswith("."), code
