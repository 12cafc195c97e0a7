"""The digest of exactly what will run, to which an approval is bound."""

from services.canonical import canonical_sha256
from services.envelope import Envelope


def call_digest(envelope: Envelope, *, drifted_to: str | None = None) -> str:
    """Hex SHA-256 over the canonical JSON of the call; `services.canonical` says how.

    `drifted_to` is the schema hash of what the tool became, where it changed and nobody has accepted it yet: the word
    of a person who did not see the change does not let the call through, nor does one about another change.
    """
    call = {
        "arguments": envelope.arguments,
        "connected_account_id": envelope.connected_account_id,
        "envelope_id": str(envelope.id),
        "tenant_id": str(envelope.tenant_id),
        "tool_slug": envelope.tool_slug,
        "tool_version": envelope.tool_version,
    }
    return canonical_sha256(call if drifted_to is None else {**call, "drifted_to": drifted_to})
