"""Verify audit chains: whether audit rows were changed after they were written."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID

from services.audit_log.chain import ChainCheck
from services.audit_log.problems import Findings
from services.audit_log.verify import Anchors, Say, no_audit_rows_error, read_all_rows, verify
from services.backends import Backends
from services.errors import ControlPlaneError

ROWS_PER_STEP = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """How many rows of a chain have been verified."""

    rows: int
    of: int
    """How many rows the chain had when the verification began."""


async def verify_audit_log(backends: Backends, tenant: UUID | None, anchors: Anchors, *, say: Say) -> list[Findings]:
    """The findings on the chain of one tenant, or of all. Raises NotFound for a tenant without audit rows."""
    findings = [chain async for chain in verify(backends.audit_log, tenant, anchors, say=say)]
    if tenant is not None and not findings:
        raise no_audit_rows_error(tenant)
    return findings


async def verify_by_steps(backends: Backends, tenant: UUID) -> AsyncIterator[Verified | Findings]:
    """Same as `verify_audit_log` for one tenant without anchors, but yields the progress after every thousand rows, and
    finally the findings. Rows that are appended meanwhile are left out.
    """
    log = backends.audit_log
    heads = await log.heads(tenant)
    if not heads:
        raise no_audit_rows_error(tenant)
    check, rows, of = ChainCheck(tenant, head=heads[0]), 0, heads[0].newest or 0
    try:
        async for row in read_all_rows(log, tenant, to=heads[0].newest, say=lambda _line: None):
            check.add(row)
            rows += 1
            if rows % ROWS_PER_STEP == 0:
                yield Verified(rows=rows, of=of)
    except ControlPlaneError as exc:
        await log.heads(tenant)  # raises NotReady if the database is unreachable
        yield check.abort(str(exc))
        return
    yield check.finish()
