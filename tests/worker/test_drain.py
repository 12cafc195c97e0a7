"""`drain` beside a worker whose calls fail at once, which a trigger plays."""

import pytest

from services.requeue import BATCH_SIZE
from tests.worker.test_outbox_cli import Run, outbox
from tests.worker.world import World

__all__ = ["outbox"]


@pytest.fixture
def database_url(fresh_database_url: str) -> str:
    """A database of its own, because of the trigger."""
    return fresh_database_url


async def test_drain_requeues_each_dead_letter_once_even_if_it_fails_again_meanwhile(world: World, outbox: Run) -> None:
    tenant = await world.add_tenant()
    world.sql("""
        create function app_private.die_at_once() returns trigger language plpgsql as $$
        begin
          insert into public.outbox_dlq (id, tenant_id, tool_slug, arguments, external_id, risk, trust_context,
                                         metadata, status, attempts, last_error, lane, verdicts, created_at)
          select id, tenant_id, tool_slug, arguments, external_id, risk, trust_context,
                 metadata, 'failed', 1, 'no', lane, verdicts, created_at
          from public.outbox;
          delete from public.outbox;
          return null;
        end $$
    """)
    world.sql("""
        create constraint trigger die_at_once after insert on public.outbox deferrable initially deferred
          for each row execute function app_private.die_at_once()
    """)
    await world.propose(tenant, BATCH_SIZE + 1)
    result = await outbox("drain")
    assert (result.code, result.err) == (0, f"requeued {BATCH_SIZE}\n")
    assert result.out.splitlines()[-1] == f"requeued {BATCH_SIZE + 1}"
