"""Verify audit chains: whether anybody has touched the record since it was written."""

from uuid import UUID

from services.audit_log.problems import Findings
from services.audit_log.verify import Anchors, Say, no_audit_rows, verify
from services.backends import Backends


async def verify_audit_log(backends: Backends, tenant: UUID | None, anchors: Anchors, *, say: Say) -> list[Findings]:
    """What is wrong with each chain, one tenant's or all. Raises NotFound where a tenant has no row."""
    found = [each async for each in verify(backends.audit_log, tenant, anchors, say=say)]
    if tenant is not None and not found:
        raise no_audit_rows(tenant)
    return found
