"""What our codes for Twilio's refusals mean, for the reference of error codes."""

from gateway.plugin_api import ErrorCode

EXPLAINED = (
    ErrorCode(
        code="broken_answer",
        means="The supplier's answer is unreadable.",
        do="Nothing: the step looks what happened and goes on by itself.",
    ),
    ErrorCode(
        code="number_invalid",
        means="The supplier does not take the number for one.",
        do="Cancel the activation and request a line again.",
    ),
    ErrorCode(
        code="rate_limited",
        means="The supplier takes no more calls at the moment.",
        do="Nothing: the step goes on by itself.",
    ),
    ErrorCode(
        code="supplier_failed",
        means="The supplier fails at the moment.",
        do="Nothing: the step goes on by itself.",
    ),
    ErrorCode(
        code="supplier_login_refused",
        means="The supplier refuses the account.",
        do="Check its name, its token and whether it is suspended, then retry the activation.",
    ),
    ErrorCode(
        code="supplier_refused",
        means="The supplier refused for a reason of its own.",
        do="See its words in `detail`; mend what they name, then retry the activation.",
    ),
)
