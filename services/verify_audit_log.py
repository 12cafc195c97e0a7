"""Verify audit chains: whether audit rows were changed after they were written."""

from uuid import UUID

from services.audit_log.problems import Findings
from services.audit_log.verify import Anchors, Say, no_audit_rows_error, verify
from services.backends import Backends


async def verify_audit_log(backends: Backends, tenant: UUID | None, anchors: Anchors, *, say: Say) -> list[Findings]:
    """The findings on the chain of one tenant, or of all. Raises NotFound for a tenant without audit rows."""
    findings = [chain async for chain in verify(backends.audit_log, tenant, anchors, say=say)]
    if tenant is not None and not findings:
        raise no_audit_rows_error(tenant)
    return findings
