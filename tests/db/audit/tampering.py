"""Chains of audit rows, and the ways in which tests change them behind the back of the product."""

from uuid import UUID, uuid4

import psycopg

from services.audit_log import Anchor, AuditEntry
from services.audit_log.verify import verify
from services.backends import Backends
from services.envelope import Actor, ActorType
from tests.clusters import hush

ROWS = 9

REWRITE = """
do $$
declare
  row public.audit_log;
  previous bytea;
begin
  select hash into previous from public.audit_log where tenant_id = '{tenant}' and seq = {seq} - 1;
  for row in select * from public.audit_log where tenant_id = '{tenant}' and seq >= {seq} order by seq loop
    update public.audit_log set
      previous_hash = previous,
      hash = sha256(previous || sha256(convert_to(jsonb_build_array(
        tenant_id, seq, actor_type, actor_id, category, payload, (extract(epoch from created_at) * 1000000)::bigint
      )::text, 'UTF8')))
    where tenant_id = row.tenant_id and seq = row.seq
    returning hash into previous;
  end loop;
end $$
"""
"""Rewrites the chain from a row on, with correct hashes."""

MOVE_HEAD = """
update app_private.audit_heads as h set seq = a.seq, hash = a.hash
from (select * from public.audit_log where tenant_id = '{tenant}' order by seq desc limit 1) as a
where h.tenant_id = a.tenant_id
"""


async def a_chain(backends: Backends, rows: int = ROWS) -> UUID:
    tenant = uuid4()
    for n in range(1, rows + 1):
        payload = {"n": n, "note": "as it was"}
        entry = AuditEntry(
            tenant_id=tenant, actor=Actor(type=ActorType.WORKER, id=f"w-{n}"), category="t.n", payload=payload
        )
        await backends.audit_log.append([entry])
    return tenant


async def problems(backends: Backends, tenant: UUID, anchors: list[Anchor] | None = None) -> list[str]:
    """The problems that a verification finds in a tenant's chain."""
    given_anchors = {tenant: anchors} if anchors else {}
    [found] = [findings async for findings in verify(backends.audit_log, tenant, given_anchors, say=hush)]
    assert found.intact == (not found.problems)
    return [str(problem) for problem in found.problems]


async def anchored(backends: Backends, tenant: UUID) -> list[Anchor]:
    """An anchor at the current end of the tenant's chain."""
    [row] = await backends.audit_log.tail(tenant, limit=1)
    return [Anchor(tenant_id=tenant, seq=row.seq, hash=row.hash)]


def run(connection: psycopg.Connection, statements: str, tenant: UUID, **values: object) -> None:
    """Run the statements about this tenant."""
    connection.execute(statements.format(tenant=tenant, **values).encode())


def edit(connection: psycopg.Connection, tenant: UUID, change: str) -> None:
    run(connection, "update public.audit_log {change} and tenant_id = '{tenant}'", tenant, change=change)


def delete(connection: psycopg.Connection, tenant: UUID, which: str) -> None:
    run(connection, "delete from public.audit_log where {which} and tenant_id = '{tenant}'", tenant, which=which)
