"""No role changes or deletes an audit row by SQL; only functions append rows."""

import psycopg
import pytest
from psycopg import sql

from services.database.connect import connect
from services.database.embedded import Cluster
from tests.db.sql import as_superuser

CHANGES = ("update public.audit_log set category = 'x'", "delete from public.audit_log", "truncate public.audit_log")
INSERTS = ("insert into public.audit_log default values",)
CALLERS = ("anon", "authenticated", "service_role", "outbox_worker", "workflow_rw", "app_ro", "app_rw")
OWNERS = ("app_owner", "postgres", "supabase_admin")
"""They can remove the trigger, or insert a row without the functions. A verification finds that."""


@pytest.mark.parametrize(
    ("role", "statement", "code"),
    [(role, statement, "42501") for role in CALLERS for statement in (*CHANGES, *INSERTS)]
    + [(role, statement, "PT409") for role in OWNERS for statement in CHANGES],
)
def test_no_role_can_change_delete_or_insert_audit_rows_by_sql(
    role: str, statement: str, code: str, cluster: Cluster, loose_url: str
) -> None:
    with connect(as_superuser(cluster, loose_url)) as connection:
        connection.execute(sql.SQL("set role {}").format(sql.Identifier(role)))
        with pytest.raises(psycopg.Error) as refused:
            connection.execute(statement.encode())
    assert refused.value.sqlstate == code
