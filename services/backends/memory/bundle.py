"""Build the bundle of services on one in-memory state."""

from services.backends import Backends
from services.backends.memory.adapters.accounts import MemoryAccounts
from services.backends.memory.adapters.api_tokens import MemoryApiTokens
from services.backends.memory.adapters.approvals import MemoryApprovals
from services.backends.memory.adapters.audit_log import MemoryAuditLogger
from services.backends.memory.adapters.catalog import MemoryCatalog
from services.backends.memory.adapters.evidence import MemoryEvidence
from services.backends.memory.adapters.grants import MemoryGrants
from services.backends.memory.adapters.guardrails import MemoryGuardrails
from services.backends.memory.adapters.inbound_webhooks import MemoryInboundWebhooks
from services.backends.memory.adapters.job_runs import MemoryJobRuns
from services.backends.memory.adapters.objectives import MemoryObjectives
from services.backends.memory.adapters.outbox import MemoryOutbox
from services.backends.memory.adapters.overviews import MemoryOverviews
from services.backends.memory.adapters.pauses import MemoryPauses
from services.backends.memory.adapters.request_limits import MemoryRequestCounter
from services.backends.memory.adapters.shadow_runs import MemoryShadowRuns
from services.backends.memory.adapters.slack_users import MemorySlackUsers
from services.backends.memory.adapters.subscriptions import MemorySubscriptions
from services.backends.memory.adapters.tenants import MemoryTenants
from services.backends.memory.state import State


def build_backends(state: State) -> Backends:
    """The services of the memory backend. All of them use `state`."""
    return Backends(
        name="memory",
        outbox=MemoryOutbox(state),
        audit_log=MemoryAuditLogger(state),
        catalog=MemoryCatalog(state),
        objectives=MemoryObjectives(state),
        guardrails=MemoryGuardrails(state),
        accounts=MemoryAccounts(state),
        approvals=MemoryApprovals(state),
        grants=MemoryGrants(state),
        shadow_runs=MemoryShadowRuns(state),
        pauses=MemoryPauses(state),
        tenants=MemoryTenants(state),
        job_runs=MemoryJobRuns(state),
        evidence=MemoryEvidence(state),
        api_tokens=MemoryApiTokens(state),
        subscriptions=MemorySubscriptions(state),
        slack_users=MemorySlackUsers(state),
        request_limits=MemoryRequestCounter(state),
        inbound_webhooks=MemoryInboundWebhooks(state),
        overviews=MemoryOverviews(state),
    )
