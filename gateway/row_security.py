"""How a table is fenced. Used by migrations, the core's and the plugins'."""

from typing import Final, Literal

Act = Literal["SELECT", "INSERT"]

CLIENT: Final = "client_id = nullif(current_setting('app.client_id', true), '')::uuid"
VENDOR: Final = "vendor_id = nullif(current_setting('app.vendor_id', true), '')::uuid"
PLATFORM: Final = "current_setting('app.scope', true) = 'platform'"

# Tables that must be read before a tenant is known, each with its reason. They hold ids and times,
# never a text of a conversation (raw inbound excepted, which only the router's role may read).
PLATFORM_TABLES: Final = {
    "vendors": "a key names its vendor before any scope is open",
    "api_keys": "a request carries a key before its vendor is known",
    "numbers": "a webhook names a phone_number_id, not a client; a number outlives its client",
    "client_wabas": "a WABA is one client's, whoever asks; the schedule watches what ends",
    "ats_routes": "a webhook names its ATS connection before its client is known",
    "first_contacts": "a portfolio's clients share one budget of people written to first",
    "portfolio_limits": "the platform tells a portfolio's limit, which belongs to no client",
    "supplier_standings": "preference, pause and health of a supplier belong to no client",
    "supplier_stock": "what a supplier sells is the same for everybody",
    "operator_acts": "what an operator does to the platform belongs to no client",
    "waba_restrictions": "the platform tells what an account may not do; it may be many clients'",
    "operator_standings": "how the operator itself stands belongs to no client",
    "number_attempts": "Meta counts calls against a number, which may change its client",
    "number_limits": "the platform tells how many numbers a portfolio holds, which is no client's",
    "waba_bans": "the platform closes an account, which may hold several clients' numbers",
    "outbox": "workers take what is due, whoever it belongs to",
    "plugin_presences": "a plugin is on or off for everybody alike",
    "schedule_ticks": "the schedulers agree on ticks that belong to nobody",
    "inbound_raw": "a webhook body can hold many clients' changes; kept whole until it is split",
    "inbound_changes": "a change that names no number of ours is kept for the operator",
    "data_keys": "keys of secrets belong to clients, vendors and the platform alike",
    "secrets": "secrets belong to clients, vendors and the platform alike",
    "sign_in_links": "a link is opened before anybody is known",
}

# Tables that belong to a vendor as a whole, each with its reason; no client's scope sees them.
VENDOR_TABLES: Final = {
    "event_streams": "a vendor reads the events of all its clients in one order",
    "webhook_endpoints": "a vendor's endpoint is told of all its clients",
    "idempotency_keys": "a vendor's key is one, whichever client its request is about",
}


def fence_tenant_table(table: str) -> None:
    """Only rows of the scope's client exist. `table` has a `client_id` column."""
    _force(table)
    _policy(table, "client", CLIENT)


def fence_platform_table(table: str, *, has_client: bool) -> None:
    """Rows exist in the platform scope, and to a client where they are its own."""
    if table not in PLATFORM_TABLES:
        raise LookupError(f"{table} is not in PLATFORM_TABLES: say why it must be one")
    _force(table)
    _policy(table, "platform", PLATFORM)
    if has_client:
        _policy(table, "client", CLIENT)


def fence_vendor_table(table: str) -> None:
    """Only rows of the scope's vendor exist. `table` has a `vendor_id` column."""
    if table not in VENDOR_TABLES:
        raise LookupError(f"{table} is not in VENDOR_TABLES: say why it must be one")
    _force(table)
    _policy(table, "vendor", VENDOR)


def fence(table: str, policy: str, condition: str, *, only: Act | None = None) -> None:
    """One more condition under which rows of the table exist, or `only` may be read or added."""
    _force(table)
    if only is None:
        _policy(table, policy, condition)
    else:
        clause = "WITH CHECK" if only == "INSERT" else "USING"
        _execute(f"CREATE POLICY {policy} ON {table} FOR {only} {clause} ({condition})")


def _force(table: str) -> None:
    _execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    _execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def _policy(table: str, name: str, condition: str) -> None:
    _execute(f"CREATE POLICY {name} ON {table} USING ({condition})")


def _execute(statement: str) -> None:
    from alembic import op  # only migrations come here; nobody else should wait for Alembic

    op.execute(statement)
