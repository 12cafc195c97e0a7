"""The digest of exactly what will run, to which an approval is bound."""

from typing import Any

from services.accounts import Account, provider_reference
from services.canonical import canonical_sha256
from services.catalog import Tool
from services.envelope import Envelope


def call_digest(envelope: Envelope, tool: Tool | None = None, account: Account | None = None) -> str:
    """Hex SHA-256 over the canonical JSON of the call; `services.canonical` says how.

    Of the tool it covers how it is called, and what it became, where its provider changed it and nobody has accepted
    that yet. Of the account, whose login the call runs under: where the envelope names none it is the tenant's best one
    at the moment, which may be another by the time a person has decided.
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
        call["account"] = {"id": str(account.id), "reference": provider_reference(account)}
    return canonical_sha256(call)
