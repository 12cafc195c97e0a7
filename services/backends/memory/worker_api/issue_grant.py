"""Issue a grant: allow some calls in advance, without an approval of each."""

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from services.audit_log import AuditEntry
from services.backends.memory.audit import append_audit
from services.backends.memory.check_texts import actor_texts, check_texts
from services.backends.memory.column_rules import check_document
from services.backends.memory.state import State
from services.envelope import Actor, ActorType
from services.errors import InvalidInput, NotAllowed
from services.grants import MAX_GRANT_TIME, Grant
from services.guardrails.grants import read_conditions
from services.jsonb import as_stored, jsonb_text


def issue_grant(
    state: State,
    tenant: UUID,
    id: UUID,  # noqa: A002
    *,
    tools: str,
    account_id: UUID | None,
    arguments: Sequence[Mapping[str, Any]],
    reason: str | None,
    lasts_for: timedelta,
    actor: Actor,
) -> Grant:
    """See `services.grants.Grants.issue`."""
    check_texts(tools=tools, reason=reason, **actor_texts(actor))
    with state.change() as now:
        if actor.type not in {ActorType.OPERATOR, ActorType.USER}:
            raise NotAllowed("actor_type: only a person may issue a grant")
        if not re.fullmatch(r"[^\s*]\S{0,254}", tools):
            raise InvalidInput(
                "tools", "is not a tool; write a slug such as STRIPE__refund, or a pattern such as STRIPE__*"
            )
        if not timedelta(0) < lasts_for <= MAX_GRANT_TIME:
            raise InvalidInput("lasts_for", "must be more than 0 and at most 7 days")
        check_document("arguments", arguments, 8192)
        if read_conditions(arguments) is None:
            raise InvalidInput(
                "arguments", 'is not a list of conditions; write one such as [{"argument": "amount", "below": 100}]'
            )
        state.require_tenant(tenant)
        if sum(key[0] == tenant and grant.is_open(now) for key, grant in state.grants.items()) >= 100:
            raise InvalidInput("grants", "a tenant has at most 100 at a time; revoke some first")
        issued = Grant(
            tenant_id=tenant, id=id, tools=tools, account_id=account_id, arguments=tuple(as_stored(arguments)),
            reason=reason, issued_at=now, issued_by=actor.id, expires_at=now + lasts_for,
        )  # fmt: skip
        state.grants[tenant, id] = issued
        terms = jsonb_text({"tools": tools, "account_id": account_id, "arguments": issued.arguments})
        payload = {
            "grant_id": id, "expires_at": issued.expires_at, "terms_sha256": sha256(terms.encode()).hexdigest(),
        }  # fmt: skip
        append_audit(state, [AuditEntry(tenant_id=tenant, actor=actor, category="grant.issued", payload=payload)], now)
        return issued
