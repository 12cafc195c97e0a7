"""The bundle of services that use cases receive. It is the same type for every backend."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.accounts import Accounts
from services.api_tokens import ApiTokens
from services.approvals import Approvals
from services.audit_log import AuditLogger
from services.backends.functions import Functions
from services.catalog import Catalog
from services.evidence import EvidenceStore
from services.grants import Grants
from services.guardrails import Guardrails
from services.guardrails.remembered import RememberedPolicies
from services.job_runs import JobRuns
from services.objectives import Objectives
from services.outbox import Outbox
from services.overview import Overviews
from services.pauses import Pauses
from services.request_limits import RequestCounter
from services.shadow_runs import ShadowRuns
from services.subscriptions import Subscriptions
from services.subscriptions.inbound import InboundWebhooks
from services.subscriptions.slack_users import SlackUsers
from services.tenants import Tenants


@dataclass(frozen=True, slots=True, kw_only=True)
class Backends:
    """One implementation of each service, all on the same backend."""

    name: str
    outbox: Outbox
    audit_log: AuditLogger
    catalog: Catalog
    objectives: Objectives
    guardrails: Guardrails
    accounts: Accounts
    approvals: Approvals
    grants: Grants
    shadow_runs: ShadowRuns
    pauses: Pauses
    tenants: Tenants
    job_runs: JobRuns
    evidence: EvidenceStore
    api_tokens: ApiTokens
    subscriptions: Subscriptions
    slack_users: SlackUsers
    request_limits: RequestCounter
    inbound_webhooks: InboundWebhooks
    overviews: Overviews
    functions: Functions | None = None
    """Calls the SQL functions of applications; None on the backend `memory`, which has none."""
    remembered: RememberedPolicies | None = None
    """Policies and tools that the process caches for proposals of callers with these rights; None: read them each
    time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """The services as different callers may use them, on the same backend."""

    operator: Backends
    """The services for operators, which see all tenants."""
    as_tenant: Callable[[UUID, Mapping[str, Any], str, str | None], Backends]
    """The services for one user or agent of a tenant. Arguments: the tenant, the claims of their JWT, the door, and the
    JWT itself if they have one. The database sees the claims, so its row-level security and `tenant_api` decide."""
