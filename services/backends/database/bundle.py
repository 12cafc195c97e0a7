"""Build the bundle of services for one transport."""

from services.backends import Backends
from services.backends.database.accounts import DatabaseAccounts
from services.backends.database.api_tokens import DatabaseApiTokens
from services.backends.database.approvals import DatabaseApprovals
from services.backends.database.audit_log import DatabaseAuditLogger
from services.backends.database.catalog import DatabaseCatalog
from services.backends.database.evidence import DatabaseEvidence
from services.backends.database.grants import DatabaseGrants
from services.backends.database.guardrails import DatabaseGuardrails
from services.backends.database.inbound_webhooks import DatabaseInboundWebhooks
from services.backends.database.job_runs import DatabaseJobRuns
from services.backends.database.objectives import DatabaseObjectives
from services.backends.database.outbox import DatabaseOutbox
from services.backends.database.overviews import DatabaseOverviews
from services.backends.database.pauses import DatabasePauses
from services.backends.database.request_limits import DatabaseRequestCounter
from services.backends.database.shadow_runs import DatabaseShadowRuns
from services.backends.database.slack_users import DatabaseSlackUsers
from services.backends.database.subscriptions import DatabaseSubscriptions
from services.backends.database.tenants import DatabaseTenants
from services.backends.database.transport.functions import Wake
from services.backends.functions import Functions
from services.guardrails.remembered import RememberedPolicies


def build_backends(
    name: str, functions: Functions, wake: Wake, remembered: RememberedPolicies | None = None
) -> Backends:
    """The services of the backend `name`: they call `functions`, and the outbox waits for work with `wake`."""
    return Backends(
        name=name,
        outbox=DatabaseOutbox(functions, wake),
        audit_log=DatabaseAuditLogger(functions),
        catalog=DatabaseCatalog(functions),
        objectives=DatabaseObjectives(functions),
        guardrails=DatabaseGuardrails(functions),
        accounts=DatabaseAccounts(functions),
        approvals=DatabaseApprovals(functions),
        grants=DatabaseGrants(functions),
        shadow_runs=DatabaseShadowRuns(functions),
        pauses=DatabasePauses(functions),
        tenants=DatabaseTenants(functions),
        job_runs=DatabaseJobRuns(functions),
        evidence=DatabaseEvidence(functions),
        api_tokens=DatabaseApiTokens(functions),
        subscriptions=DatabaseSubscriptions(functions),
        slack_users=DatabaseSlackUsers(functions),
        request_limits=DatabaseRequestCounter(functions),
        inbound_webhooks=DatabaseInboundWebhooks(functions),
        overviews=DatabaseOverviews(functions),
        functions=functions,
        remembered=remembered,
    )
