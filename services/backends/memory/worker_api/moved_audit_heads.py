"""List the ends of those audit chains that have grown."""

from collections.abc import Mapping
from uuid import UUID

from services.backends.memory.state import State


def moved_audit_heads(state: State, known: Mapping[UUID, int]) -> dict[UUID, int]:
    """See `services.audit_log.AuditLogger.moved_heads`."""
    heads = {tenant: state.audit_heads.get(tenant, (0, ""))[0] for tenant in known}
    return {tenant: seq for tenant, seq in heads.items() if seq > known[tenant]}
