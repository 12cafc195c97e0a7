"""`Prefer: count=planned` tells what the planner expects; it must know nothing of other tenants."""

from uuid import uuid4

import httpx

from services.backends import postgres_backends
from services.database.connect import connect
from services.database.rest import RestStack
from services.envelope import Actor
from services.tenants import Tenant
from tests.contract.builders import a_proposal
from tests.docs.tenants import token_for


async def test_a_tenant_cannot_tell_by_planned_counts_what_others_have(rest: RestStack, database_url: str) -> None:
    mine, *others = (uuid4() for _ in range(12))
    async with postgres_backends(database_url) as backends:
        for tenant in (mine, *others):
            await backends.tenants.save(Tenant(id=tenant, name=str(tenant)), by="olga")
        for tenant in others:
            wires = [a_proposal(tenant, tool_slug="BANK__wire_out") for _ in range(60)]
            await backends.outbox.enqueue(wires, actor=Actor(type="agent", id="a"))
    with connect(database_url) as connection:
        connection.execute("analyze")

    planned = {tool: await _planned(rest, str(mine), tool) for tool in ("BANK__wire_out", "BANK__nosuch")}

    assert planned["BANK__wire_out"] == planned["BANK__nosuch"]


async def _planned(stack: RestStack, tenant: str, tool: str) -> str:
    headers = {"apikey": stack.keys.publishable, "Authorization": f"Bearer {token_for(stack, tenant_id=tenant)}"}
    async with httpx.AsyncClient() as client:
        answer = await client.head(
            f"{stack.url}/rest/v1/outbox?select=id&tool_slug=eq.{tool}",
            headers={**headers, "Prefer": "count=planned"},
        )
    return answer.headers["Content-Range"]
