"""Every service over one state in memory."""

from services.backends import Backends
from services.backends.memory.accounts import MemoryAccounts
from services.backends.memory.approvals import MemoryApprovals
from services.backends.memory.audit_log import MemoryAuditLogger
from services.backends.memory.catalog import MemoryCatalog
from services.backends.memory.evidence import MemoryEvidence
from services.backends.memory.guardrails import MemoryGuardrails
from services.backends.memory.job_runs import MemoryJobRuns
from services.backends.memory.objectives import MemoryObjectives
from services.backends.memory.outbox import MemoryOutbox
from services.backends.memory.state import State
from services.backends.memory.tenants import MemoryTenants


def over_state(state: State) -> Backends:
    """Services that share `state`, which nobody else sees."""
    return Backends(
        name="memory",
        outbox=MemoryOutbox(state),
        audit_log=MemoryAuditLogger(state),
        catalog=MemoryCatalog(state),
        objectives=MemoryObjectives(state),
        guardrails=MemoryGuardrails(state),
        accounts=MemoryAccounts(state),
        approvals=MemoryApprovals(state),
        tenants=MemoryTenants(state),
        job_runs=MemoryJobRuns(state),
        evidence=MemoryEvidence(state),
    )
