"""What tenants can do in the database directly. For the rows that they can access see `test_access_matrix.py`."""

import json
from collections.abc import Iterator
from uuid import UUID

import psycopg
import pytest
from psycopg import sql

from services.database.schema.migrate import seed
from services.database.schema.snapshot import SCHEMAS
from services.tools.registry import ACCOUNT_KEY
from tests.clusters import hush
from tests.db.roles import act_as, rolled_back

ACME = UUID("11111111-1111-4111-8111-111111111111")


@pytest.fixture(scope="module")
def seeded_url(module_database_url: str) -> str:
    """A database with the two demo tenants."""
    seed(module_database_url, say=hush)
    return module_database_url


@pytest.fixture
def connection(seeded_url: str) -> Iterator[psycopg.Connection]:
    with rolled_back(seeded_url) as opened:
        yield opened


@pytest.mark.parametrize(
    "claims",
    [{}, {"tenant_id": ""}, {"tenant_id": None}, {"tenant_id": "acme"}, {"tenant_id": f"{ACME}' or true --"},
     {"tenant_id": f" {ACME}"}, {"tenant_id": [str(ACME)]}, {"tenant_id": str(ACME).replace("1", "9")},
     {"user_metadata": {"tenant_id": str(ACME)}}, {"app_metadata": {"tenant_id": str(ACME)}}, [], "text"],
    ids=json.dumps,
)  # fmt: skip
def test_a_claim_that_names_no_tenant_reads_nothing(connection: psycopg.Connection, claims: object) -> None:
    act_as(connection, "authenticated", claims)
    assert connection.execute("select tenant_id from public.outbox").fetchall() == []


def test_a_claim_in_capital_letters_names_the_same_tenant(connection: psycopg.Connection) -> None:
    act_as(connection, "postgres", {"tenant_id": "AAAAAAAA-0000-4000-8000-00000000000A"})
    connection.execute("set constraints all immediate")  # as at commit
    tenant = connection.execute("select app_private.current_tenant_id_uuid()").fetchone()
    assert tenant == (UUID("aaaaaaaa-0000-4000-8000-00000000000a"),)


def test_a_tenant_cannot_set_which_login_an_account_uses(connection: psycopg.Connection) -> None:
    """Calls would use that login, which could be another tenant's."""
    connection.execute(
        "insert into public.connected_accounts (tenant_id, provider, metadata) values (%s, 'gmail', %s)",
        [ACME, f'{{"{ACCOUNT_KEY}": "ca_ours"}}'],
    )
    act_as(connection, "authenticated", {"tenant_id": str(ACME), "sub": "user-1", "tenant_role": "owner"})
    for statement in (
        """insert into public.connected_accounts (tenant_id, provider, metadata)
        values (%s, 'x', '{"composio_id": "ca_2"}')""",
        """update public.connected_accounts set metadata = '{"composio_id": "ca_2"}' where tenant_id = %s""",
        "update public.connected_accounts set metadata = '{}' where provider = 'gmail' and tenant_id = %s",
    ):
        with pytest.raises(psycopg.Error, match="only the operator can set which login"), connection.transaction():
            connection.execute(statement, [ACME])
    changed = connection.execute(
        """update public.connected_accounts
        set metadata = metadata || '{"team": "T1"}', scanned_at = now(), problem = 'x'
        where provider = 'gmail' returning metadata, scanned_at, problem"""
    ).fetchall()
    assert changed == [({"composio_id": "ca_ours", "team": "T1"}, None, None)]


def test_an_account_with_an_older_secret_can_be_read_and_updated(connection: psycopg.Connection) -> None:
    connection.execute("alter table public.connected_accounts disable trigger connected_accounts_guarded")
    connection.execute(
        "insert into public.connected_accounts (tenant_id, provider, metadata) values (%s, 'gmail', %s)",
        [ACME, '{"token": "s"}'],
    )
    connection.execute("alter table public.connected_accounts enable trigger connected_accounts_guarded")
    assert (
        connection.execute("update public.connected_accounts set scanned_at = now() where provider = 'gmail'").rowcount
        == 1
    )
    with pytest.raises(psycopg.Error, match="metadata: must not hold secrets of a login"), connection.transaction():
        connection.execute(
            """update public.connected_accounts set metadata = metadata || '{"team": "T1"}' where provider = 'gmail'"""
        )


@pytest.mark.parametrize("field", ["linked_at", "expires_at"])
@pytest.mark.parametrize("moment", ["infinity", "-infinity", "20000-01-01", "0044-03-15 BC"])
def test_a_tenant_cannot_write_a_time_out_of_range(connection: psycopg.Connection, field: str, moment: str) -> None:
    act_as(connection, "authenticated", {"tenant_id": str(ACME), "sub": "user-1", "tenant_role": "owner"})
    with pytest.raises(psycopg.Error, match=f"{field}: must lie between"), connection.transaction():
        connection.execute(
            sql.SQL("insert into public.connected_accounts (tenant_id, provider, {}) values (%s, 'x', %s)").format(
                sql.Identifier(field)
            ),
            [ACME, moment],
        )


def test_each_change_of_an_account_by_a_tenant_is_audited(connection: psycopg.Connection) -> None:
    act_as(connection, "authenticated", {"tenant_id": str(ACME), "sub": "user-1", "tenant_role": "owner"})
    connection.execute("insert into public.connected_accounts (tenant_id, provider) values (%s, 'slack')", [ACME])
    connection.execute("update public.connected_accounts set status = 'connected' where provider = 'slack'")
    connection.execute("delete from public.connected_accounts where provider = 'slack'")
    connection.execute("set constraints all immediate")  # as at commit
    audit_rows = connection.execute(
        "select actor_id, category from public.audit_log where category like 'connected_accounts.%%'"
        " order by seq desc limit 3"
    ).fetchall()
    assert audit_rows == [("user-1", f"connected_accounts.{verb}") for verb in ("delete", "update", "insert")]


def test_a_tenants_change_of_its_guardrails_is_audited(connection: psycopg.Connection) -> None:
    act_as(connection, "authenticated", {"tenant_id": str(ACME), "sub": "user-1", "tenant_role": "owner"})
    changed = connection.execute("update public.guardrails set trust_threshold = 0.9 returning tenant_id").fetchall()
    connection.execute("set constraints all immediate")  # as at commit
    audit_row = connection.execute(
        "select actor_type, actor_id, category, payload -> 'changed' from public.audit_log order by seq desc limit 1"
    ).fetchone()
    assert (changed, audit_row) == ([(ACME,)], ("user", "user-1", "guardrails.update", {"trust_threshold": 0.9}))


def test_a_tenants_change_of_its_guardrails_is_a_version_that_only_it_sees(connection: psycopg.Connection) -> None:
    act_as(connection, "authenticated", {"tenant_id": str(ACME), "sub": "user-1", "tenant_role": "owner"})
    connection.execute("update public.guardrails set trust_threshold = 0.9, updated_at = now() - interval '1 day'")
    rows = connection.execute(
        "select tenant_id, document -> 'trust_threshold', actor_type, actor_id, created_at = now()"
        " from public.guardrail_versions order by version desc limit 1"
    ).fetchall()
    seen = connection.execute("select distinct tenant_id from public.guardrail_versions").fetchall()
    assert (rows, seen) == ([(ACME, 0.9, "user", "user-1", True)], [(ACME,)])


def test_quiet_hours_in_an_unknown_time_zone_are_refused(connection: psycopg.Connection) -> None:
    act_as(connection, "authenticated", {"tenant_id": str(ACME), "tenant_role": "owner"})
    with pytest.raises(psycopg.Error, match=r"quiet_hours\.time_zone: .*Mars/Base"):
        connection.execute("""update public.guardrails set quiet_hours = '{"time_zone": "Mars/Base"}'""")


def test_the_owner_of_the_audit_log_cannot_change_it(connection: psycopg.Connection) -> None:
    for statement in ("update public.audit_log set actor_id = 'x'", "delete from public.audit_log"):
        with pytest.raises(psycopg.Error, match="never changed or deleted"), connection.transaction():
            connection.execute(statement)


def test_a_tenant_cannot_set_another_actor_for_the_audit_log(connection: psycopg.Connection) -> None:
    act_as(connection, "authenticated", {"tenant_id": str(ACME), "sub": "user-1", "tenant_role": "owner"})
    connection.execute("select set_config('app.actor_type', 'operator', true), set_config('app.actor_id', 'ceo', true)")
    connection.execute("update public.guardrails set trust_threshold = 0.8")
    connection.execute("set constraints all immediate")  # as at commit
    audit_row = connection.execute(
        "select actor_type, actor_id from public.audit_log order by seq desc limit 1"
    ).fetchone()
    assert audit_row == ("user", "user-1")


def test_every_security_definer_function_has_a_safe_search_path(connection: psycopg.Connection) -> None:
    unsafe = connection.execute(
        """select p.oid::regprocedure::text from pg_proc as p
           where p.prosecdef and p.pronamespace::regnamespace::text = any(%s)
             and not p.proconfig @> '{"search_path=pg_catalog, pg_temp"}'""",
        [list(SCHEMAS)],
    ).fetchall()
    assert unsafe == []


@pytest.mark.parametrize("column", ["quiet_hours", "scopes", "rate_limits"])
def test_a_tenant_cannot_write_guardrails_of_megabytes(connection: psycopg.Connection, column: str) -> None:
    act_as(connection, "authenticated", {"tenant_id": str(ACME), "tenant_role": "owner"})
    with pytest.raises(psycopg.Error, match=f"{column}: is .* bytes as JSON; at most 65536 fit"):
        connection.execute(
            sql.SQL("update public.guardrails set {} = jsonb_build_object('x', repeat('y', 70000))").format(
                sql.Identifier(column)
            )
        )
