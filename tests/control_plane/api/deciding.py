"""Envelopes that wait for a person, and the worker's next step, for tests of the API."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from services.approvals.digest import effective_digest
from services.catalog import ToolKey
from services.clock import utc_now
from services.guardrails import GuardrailSettings
from services.outbox import Disposition, Settlement
from tests.control_plane.api.conftest import OPERATOR, Api, Client, a_proposal
from worker.check import check

HOUR = timedelta(hours=1)


async def ask_people(api: Api, tenant: UUID | None = None, **settings: Any) -> None:
    """Make every call of the tenant need an approval."""
    rules = GuardrailSettings(**{"tenant_id": tenant or api.tenant, "trust_threshold": 1, **settings})
    await api.access.operator.guardrails.save(rules, actor=OPERATOR)


async def propose_and_ask(api: Api, agent: Client | None = None, **proposal: Any) -> dict[str, Any]:
    """A proposal that waits for a person, as the list shows it."""
    agent = agent or await api.as_agent()
    proposed = await agent.post("/v1/envelopes", json=a_proposal(**proposal))
    assert proposed.status_code == 201, proposed.text
    await work(api)
    listed: list[dict[str, Any]] = (await api.as_operator().get("/v1/approvals")).json()["items"]
    return next(each for each in listed if each["envelope"]["id"] == proposed.json()["envelope"]["id"])


async def work(api: Api) -> list[UUID]:
    """Judge and settle due envelopes as a worker does. Allowed calls succeed. Returns the ids of their envelopes."""
    backends, called = api.access.operator, []
    for claimed in await backends.outbox.claim("w", limit=10, lease_for=HOUR):
        envelope = claimed.envelope
        key = ToolKey(envelope.tenant_id, envelope.tool_slug, envelope.tool_version)
        tool = (await backends.catalog.find([key])).get(key)
        policy = (await backends.guardrails.policies([envelope.tenant_id]))[envelope.tenant_id]
        judgement, settlement = check(claimed, tool, policy, utc_now(), approval_ttl=HOUR)
        if settlement is None:
            called.append(envelope.id)
            settlement = Settlement(
                lease=claimed.lease, envelope_id=envelope.id, to=Disposition.SUCCESS, result={"ok": True},
                digest=effective_digest(envelope, tool, judgement.account),
            )  # fmt: skip
        await backends.outbox.settle("w", [settlement])
    return called
