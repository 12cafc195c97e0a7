"""The bundle of services that use cases receive. It is the same type for every backend."""

from dataclasses import dataclass

from services.accounts import Accounts
from services.approvals import Approvals
from services.audit_log import AuditLogger
from services.catalog import Catalog
from services.evidence import EvidenceStore
from services.guardrails import Guardrails
from services.job_runs import JobRuns
from services.objectives import Objectives
from services.outbox import Outbox
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
    tenants: Tenants
    job_runs: JobRuns
    evidence: EvidenceStore
