"""The product works on PostgreSQL 15, the oldest version of hosted projects. The embedded server is version 18."""

from uuid import uuid4

from services.approvals import ApprovalDecision
from services.backends.open import postgres_backends
from services.database.connect import connect
from services.database.schema.checks import check
from services.database.schema.migrate import migrate, rollback, seed
from services.database.schema.snapshot import read_snapshot
from services.database.sql_files import DB_DIR
from services.envelope import Status
from services.outbox import Disposition, UnsettledEnvelopes
from services.tenants import Tenant
from tests.builders import operator
from tests.clusters import hush
from tests.contract.builders import WORKER, asking, close, events, put_one, run_one, take, take_one
from tests.db.schema.test_ownership import owners


def test_the_server_is_postgresql_15_and_the_role_is_no_superuser(old_url: str) -> None:
    with connect(old_url) as connection:
        row = connection.execute(
            "select current_setting('server_version_num')::int / 10000, rolsuper from pg_roles"
            " where rolname = current_user"
        ).fetchone()
    assert row == (15, False)


def test_migrations_give_the_snapshot_and_can_be_rolled_back(old_url: str) -> None:
    migrate(old_url, say=hush)
    seed(old_url, say=hush)
    report = check(old_url)
    snapshot = read_snapshot(DB_DIR)
    assert snapshot is not None
    assert (report.problems, report.fingerprint) == ([], snapshot.fingerprint)
    assert set(owners(old_url).values()) == {"app_owner"}

    rollback(old_url, say=hush, steps=99)
    assert owners(old_url) == {}
    migrate(old_url, say=hush)
    assert check(old_url) == report


async def test_envelopes_succeed_fail_and_are_approved(old_url: str) -> None:
    migrate(old_url, say=hush)
    acme = Tenant(id=uuid4(), name="acme")
    async with postgres_backends(old_url) as backends:
        outbox, approvals = backends.outbox, backends.approvals
        await backends.tenants.save(acme, actor=operator("olga"))

        await put_one(outbox, acme.id)
        assert (await run_one(outbox, Disposition.SUCCESS)).status is Status.SUCCESS

        refused = await put_one(outbox, acme.id)
        assert (await run_one(outbox, Disposition.FAILED, error="no such channel")).status is Status.FAILED
        assert [dead.id for dead in await outbox.list_dead_letters(acme.id, limit=10)] == [refused.id]
        await outbox.requeue(tenant=acme.id, envelopes=[refused.id], limit=10, actor=operator("olga"))

        claimed = await take_one(outbox)
        assert await outbox.settle(WORKER, [asking(claimed)]) == UnsettledEnvelopes()
        [approval] = await approvals.list_open(acme.id)
        await approvals.decide(
            acme.id, refused.id, decision=ApprovalDecision.APPROVED, digest=approval.digest, actor=operator("olga")
        )
        await close(outbox, await take_one(outbox), Disposition.SUCCESS)

        assert await take(outbox) == []
        assert await events(backends.audit_log, acme.id) == [
            "proposed", "success", "proposed", "failed", "requeued", "awaiting_approval", "approved", "success"
        ]  # fmt: skip
