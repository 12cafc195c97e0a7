"""The digest of a call, to which its approval is bound."""

from typing import Any

from services.accounts import Account
from services.canonical import canonical_sha256
from services.catalog import Tool
from services.envelope import Envelope
from services.tools.registry import login_id_of


def call_digest(envelope: Envelope, tool: Tool | None = None, account: Account | None = None) -> str:
    """Hex SHA-256 of the canonical JSON of the call, as `services.canonical` computes it.

    It covers the tool's provider and config, and a change by the provider that nobody has accepted yet. It covers the
    account too: if the envelope names no account, the tenant's best account is used, and that may change before the
    decision.
    """
    call: dict[str, Any] = {
        "arguments": envelope.arguments,
        "connected_account_id": envelope.connected_account_id,
        "envelope_id": str(envelope.id),
        "tenant_id": str(envelope.tenant_id),
        "tool_slug": envelope.tool_slug,
        "tool_version": envelope.tool_version,
    }
    if tool is not None:
        call |= {"provider": tool.provider, "config": tool.config}
        call |= {} if tool.drifted_to is None else {"drifted_to": tool.drifted_to}
    if account is not None:
        call["account"] = {"id": str(account.id), "reference": login_id_of(account)}
    return canonical_sha256(call)


def effective_digest(envelope: Envelope, tool: Tool | None, account: Account | None) -> str | None:
    """The digest of the call that is sent, if a person approved the envelope; None otherwise."""
    return None if envelope.approved_digest is None or tool is None else call_digest(envelope, tool, account)
