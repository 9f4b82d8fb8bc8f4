"""Any ATS that can send signed JSON: where its events say what is told in the settings."""

from gateway.plugin_api import AtsAdapter, ErrorCode, hookimpl

from .adapter import GenericAts


@hookimpl
def register_ats_adapters() -> list[type[AtsAdapter]]:
    return [GenericAts]


@hookimpl
def register_error_codes() -> list[ErrorCode]:
    return [
        ErrorCode(
            code="malformed_event",
            means="What the ATS sent is no JSON that can be read.",
            do="See what the ATS sends; it must be one JSON object.",
        ),
        ErrorCode(
            code="mapped_value_not_text",
            means="Where the mapping points, the event has neither a text nor a whole number.",
            do="Correct the mapping of the connection.",
        ),
    ]
