"""What tenants can and cannot do when they come straight to the database, told from two tenants' side."""

import json
from collections.abc import Iterator
from uuid import UUID

import psycopg
import pytest
from psycopg import sql

from services.database.connect import connect
from services.database.migrate import seed

ACME = UUID("11111111-1111-4111-8111-111111111111")
BOREALIS = UUID("22222222-2222-4222-8222-222222222222")
TENANT_TABLES = (
    "objectives",
    "guardrails",
    "connected_accounts",
    "tool_catalog",
    "outbox",
    "outbox_dlq",
    "approvals",
    "audit_log",
)


@pytest.fixture(scope="module")
def seeded_url(module_database_url: str) -> str:
    """A database with the two demo tenants."""
    seed(module_database_url, say=lambda _: None)
    return module_database_url


@pytest.fixture
def connection(seeded_url: str) -> Iterator[psycopg.Connection]:
    """One transaction, rolled back."""
    with connect(seeded_url) as opened, opened.transaction(force_rollback=True):
        yield opened


def become(connection: psycopg.Connection, role: str, claims: object) -> None:
    """Be this role with these JWT claims, as PostgREST would have it."""
    connection.execute("select set_config('request.jwt.claims', %s, true)", [json.dumps(claims)])
    connection.execute(sql.SQL("set local role {}").format(sql.Identifier(role)))


def tenants_seen(connection: psycopg.Connection, table: str) -> set[UUID]:
    """Whose rows of a table can be read."""
    rows = connection.execute(sql.SQL("select distinct tenant_id from public.{}").format(sql.Identifier(table)))
    return {row[0] for row in rows}


@pytest.mark.parametrize("table", TENANT_TABLES)
def test_a_tenant_reads_its_own_rows_and_nobody_elses(connection: psycopg.Connection, table: str) -> None:
    there = tenants_seen(connection, table)
    become(connection, "authenticated", {"tenant_id": str(ACME), "sub": "user-1"})
    assert there
    assert tenants_seen(connection, table) == there & {ACME}


@pytest.mark.parametrize(
    "claims",
    [{}, {"tenant_id": ""}, {"tenant_id": None}, {"tenant_id": "acme"}, {"tenant_id": f"{ACME}' or true --"},
     {"user_metadata": {"tenant_id": str(ACME)}}, {"tenant_id": str(ACME).replace("1", "9")}],
)  # fmt: skip
@pytest.mark.parametrize("table", TENANT_TABLES)
def test_a_claim_that_names_no_tenant_reads_nothing(
    connection: psycopg.Connection, table: str, claims: dict[str, object]
) -> None:
    become(connection, "authenticated", claims)
    assert tenants_seen(connection, table) == set()


@pytest.mark.parametrize("table", ["tenants", *TENANT_TABLES])
def test_the_anonymous_read_nothing_at_all(connection: psycopg.Connection, table: str) -> None:
    become(connection, "anon", {"tenant_id": str(ACME)})
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(sql.SQL("select from public.{}").format(sql.Identifier(table)))


@pytest.mark.parametrize(
    "statement",
    [
        "insert into public.outbox (tenant_id, tool_slug, external_id) values (%(acme)s, 'X__y', 'mine')",
        "update public.outbox set status = 'success' where tenant_id = %(acme)s",
        "delete from public.outbox_dlq where tenant_id = %(acme)s",
        "delete from public.audit_log where tenant_id = %(acme)s",
        "update public.approvals set decision = 'approved' where tenant_id = %(acme)s",
        "update public.tenants set plan = 'free' where id = %(acme)s",
        "update public.guardrails set tenant_id = %(borealis)s",
        "select worker_api.queue_status()",
        "select app_private.append_audit(null, now())",
        "select * from app_private.lanes",
        "update public.tool_catalog set config = '{}' where tenant_id = %(acme)s",
        "truncate public.audit_log",
    ],
)
def test_a_tenant_changes_no_state_past_the_functions(connection: psycopg.Connection, statement: str) -> None:
    become(connection, "authenticated", {"tenant_id": str(ACME)})
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement, {"acme": ACME, "borealis": BOREALIS})


def test_a_tenant_changes_its_own_guardrails_and_leaves_an_audit_row(connection: psycopg.Connection) -> None:
    become(connection, "authenticated", {"tenant_id": str(ACME), "sub": "user-1"})
    changed = connection.execute("update public.guardrails set trust_threshold = 0.9 returning tenant_id").fetchall()
    told = connection.execute(
        "select actor_type, actor_id, category, payload -> 'changed' from public.audit_log order by seq desc limit 1"
    ).fetchone()
    assert (changed, told) == ([(ACME,)], ("user", "user-1", "guardrails.update", {"trust_threshold": 0.9}))


def test_a_tenant_cannot_give_itself_an_account_of_another(connection: psycopg.Connection) -> None:
    become(connection, "authenticated", {"tenant_id": str(ACME)})
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
        connection.execute(
            "insert into public.connected_accounts (tenant_id, provider) values (%s, 'slack')", [BOREALIS]
        )


def test_quiet_hours_in_a_made_up_zone_are_refused_whoever_writes_them(connection: psycopg.Connection) -> None:
    become(connection, "authenticated", {"tenant_id": str(ACME)})
    with pytest.raises(psycopg.Error, match=r"quiet_hours\.time_zone: .*Mars/Base"):
        connection.execute("""update public.guardrails set quiet_hours = '{"time_zone": "Mars/Base"}'""")


def test_the_audit_log_takes_no_change_even_from_its_owner(connection: psycopg.Connection) -> None:
    for statement in ("update public.audit_log set actor_id = 'x'", "delete from public.audit_log"):
        with pytest.raises(psycopg.Error, match="never changed or deleted"), connection.transaction():
            connection.execute(statement)


def test_the_worker_role_calls_its_functions_and_touches_no_table(connection: psycopg.Connection) -> None:
    connection.execute("grant outbox_worker to postgres")
    become(connection, "outbox_worker", {})
    connection.execute("select * from worker_api.claim('w', gen_random_uuid(), 1, '1 minute')")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("select from public.outbox")


def test_a_tenant_names_itself_in_the_audit_log_whatever_it_sets(connection: psycopg.Connection) -> None:
    become(connection, "authenticated", {"tenant_id": str(ACME), "sub": "user-1"})
    connection.execute("select set_config('app.actor_type', 'operator', true), set_config('app.actor_id', 'ceo', true)")
    connection.execute("update public.guardrails set trust_threshold = 0.8")
    told = connection.execute("select actor_type, actor_id from public.audit_log order by seq desc limit 1").fetchone()
    assert told == ("user", "user-1")


@pytest.mark.parametrize("role", ["anon", "authenticated", "outbox_worker"])
def test_no_private_function_can_be_called_from_outside(connection: psycopg.Connection, role: str) -> None:
    callable_ones = connection.execute(
        """select p.oid::regprocedure::text from pg_proc as p
           where p.pronamespace = 'app_private'::regnamespace and has_function_privilege(%s, p.oid, 'execute')""",
        [role],
    ).fetchall()
    helper = [("app_private.current_tenant_id_uuid()",)]  # the policies call it in the tenant's name
    assert callable_ones == (helper if role == "authenticated" else [])


def test_the_worker_role_can_neither_propose_nor_write_the_audit_log(connection: psycopg.Connection) -> None:
    for call in ("enqueue('[]', 'agent', 'me')", "append_audit('[]')"):
        allowed = connection.execute(
            "select has_function_privilege('outbox_worker', p.oid, 'execute') from pg_proc as p"
            " where p.pronamespace = 'worker_api'::regnamespace and p.proname = %s",
            [call.partition("(")[0]],
        ).fetchall()
        assert allowed == [(False,)]


def test_a_definer_function_uses_no_type_of_the_callers_making(connection: psycopg.Connection) -> None:
    unsafe = connection.execute(
        """select p.oid::regprocedure::text from pg_proc as p
           where p.prosecdef and p.pronamespace in ('app_private'::regnamespace, 'worker_api'::regnamespace)
             and not p.proconfig @> '{"search_path=pg_catalog, pg_temp"}'"""
    ).fetchall()
    assert unsafe == []


@pytest.mark.parametrize("column", ["quiet_hours", "scopes", "rate_limits"])
def test_a_tenant_cannot_fill_its_guardrails_with_megabytes(connection: psycopg.Connection, column: str) -> None:
    become(connection, "authenticated", {"tenant_id": str(ACME)})
    with pytest.raises(psycopg.errors.CheckViolation):
        connection.execute(
            sql.SQL("update public.guardrails set {} = jsonb_build_object('x', repeat('y', 70000))").format(
                sql.Identifier(column)
            )
        )


def test_every_table_has_row_level_security(connection: psycopg.Connection) -> None:
    bare = connection.execute(
        """select relnamespace::regnamespace || '.' || relname from pg_class
           where relkind in ('r', 'p') and not relrowsecurity
             and relnamespace in ('public'::regnamespace, 'app_private'::regnamespace)"""
    ).fetchall()
    assert bare == []
