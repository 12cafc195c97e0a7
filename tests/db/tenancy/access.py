"""Find out by trial which rows a caller can access: each verb, as each kind of caller, on one row of each of two
tenants.

`tables.prepare` makes sure that only access control can refuse a statement: either the right was not granted, or
row-level security refuses the row. No statement has a WHERE clause, because then the policies for reading would apply
too, and hide what the policies for writing allow.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from psycopg import sql

from tests.db.roles import act_as
from tests.db.tenancy.tables import A, B, Table, insert, samples

STRANGER = "cccccccc-0000-4000-8000-000000000000"
VERBS = ("read", "insert", "update", "move", "delete")
"""`move` gives rows to another tenant."""


@dataclass(frozen=True)
class Caller:
    """A caller of the database. A column of the page describes one or several callers."""

    column: str
    role: str
    own: str | None = None
    """Their tenant."""
    claimed_tenant: str | None = None
    organization: str = ""

    tenant_role: str = "owner"

    @property
    def claims(self) -> dict[str, str]:
        """The claims of the JWT."""
        if not self.claimed_tenant:
            return {}
        return {"tenant_id": self.claimed_tenant, "sub": "somebody", "tenant_role": self.tenant_role}


# Each caller also has claims or a setting of other roles, with the id of another tenant. They must have no effect.
CALLERS = (
    Caller("anon", "anon", claimed_tenant=A, organization=A),
    Caller("owner", "authenticated", own=A, claimed_tenant=A, organization=B),
    Caller("owner", "authenticated", own=B, claimed_tenant=B, organization=A),
    Caller("member", "authenticated", own=A, claimed_tenant=A, organization=B, tenant_role="member"),
    Caller("member", "authenticated", own=B, claimed_tenant=B, organization=A, tenant_role="reviewer"),
    Caller("member", "authenticated", own=B, claimed_tenant=B, organization=A, tenant_role="Owner"),
    Caller("agent", "authenticated", own=A, claimed_tenant=A, organization=B, tenant_role="agent"),
    Caller("agent", "authenticated", own=B, claimed_tenant=B, organization=A, tenant_role="agent"),
    Caller("no tenant", "authenticated", organization=A),
    Caller("no tenant", "authenticated", claimed_tenant="acme", organization=A),
    Caller("no tenant", "authenticated", claimed_tenant=STRANGER, organization=A),
    Caller("service_role", "service_role"),
    Caller("outbox_worker", "outbox_worker", claimed_tenant=A, organization=A),
    Caller("workflow_rw", "workflow_rw", own=A, claimed_tenant=B, organization=A),
    Caller("workflow_rw", "workflow_rw", own=B, claimed_tenant=A, organization=B),
    Caller("workflow_rw unset", "workflow_rw", claimed_tenant=A),
    Caller("workflow_rw unset", "workflow_rw", claimed_tenant=A, organization="acme"),
    Caller("app_rw", "app_rw"),
    Caller("app_ro", "app_ro"),
)
COLUMNS = tuple(dict.fromkeys(caller.column for caller in CALLERS))


HELPERS = sql.SQL(
    "app_private.current_tenant_id_uuid(), app_private.current_tenant_role(), app_private.current_organization_id()"
)
"""Functions that policies call with the rights of the caller."""


@contextmanager
def granted(connection: psycopg.Connection, tables: Iterable[Table], roles: Iterable[str]) -> Iterator[None]:
    """Grant these roles every right on these tables for the block, so that only row-level security protects the
    rows."""
    tables, to = list(tables), sql.SQL(", ").join(map(sql.Identifier, roles))
    on = sql.SQL(", ").join(table.id for table in tables)
    schemas = sql.SQL(", ").join(map(sql.Identifier, sorted({table.schema for table in tables})))
    with connection.transaction(force_rollback=True):
        connection.execute(sql.SQL("grant usage on schema {} to {}").format(schemas, to))
        connection.execute(sql.SQL("grant select, insert, update, delete on {} to {}").format(on, to))
        connection.execute(sql.SQL("grant execute on function {} to {}").format(HELPERS, to))
        yield


@dataclass(frozen=True)
class Reach:
    """The result of a statement for which the caller has the right."""

    tenants: frozenset[str]
    """The tenants whose rows it accessed."""
    columns: tuple[str, ...] = ()
    """The columns to which the right is limited; empty for all."""


def reach(connection: psycopg.Connection, caller: Caller, table: Table, verb: str) -> Reach | None:
    """The rows that the caller can access; None if the right was not granted."""
    if verb == "move" and table.tenant is None:
        return None
    found = _try(connection, caller, table, verb, table.payload)
    if found is None and verb == "update" and _has_right_to_some_column(connection, caller, table):
        allowed = [column for column in table.payload if _try(connection, caller, table, verb, [column]) is not None]
        if allowed and (limited := _try(connection, caller, table, verb, allowed)):
            return Reach(limited.tenants, tuple(allowed))
    return found


def _try(
    connection: psycopg.Connection, caller: Caller, table: Table, verb: str, columns: Sequence[str]
) -> Reach | None:
    with connection.transaction(force_rollback=True):
        act_as_caller(connection, caller)
        try:
            return Reach(frozenset(_TRIES[verb](connection, caller, table, columns)))
        except psycopg.errors.InsufficientPrivilege as refused:
            return Reach(frozenset()) if _by_row_security(refused) else None


def act_as_caller(connection: psycopg.Connection, caller: Caller) -> None:
    """Take the role, the claims and the organization of the caller until the transaction ends."""
    act_as(connection, caller.role, caller.claims, caller.organization)


def _by_row_security(refused: psycopg.Error) -> bool:
    return "row-level security" in str(refused.diag.message_primary)


def _has_right_to_some_column(connection: psycopg.Connection, caller: Caller, table: Table) -> bool:
    rows = connection.execute("select has_any_column_privilege(%s, %s, 'update')", [caller.role, str(table)])
    return rows.fetchall() == [(True,)]


# -- one statement of each verb, as the caller: whose rows it accessed ------------------------------------------------


def _read(connection: psycopg.Connection, _: Caller, table: Table, __: Sequence[str]) -> list[str]:
    rows = connection.execute(sql.SQL("select {}, t.* from {} as t").format(table.whose, table.id))
    return [row[0] for row in rows]


def _inserted(connection: psycopg.Connection, _: Caller, table: Table, __: Sequence[str]) -> list[str]:
    reached = []
    for tenant in (A, B):
        try:
            with connection.transaction(force_rollback=True):
                connection.execute(insert(table, tenant))
                reached.append(tenant)
        except psycopg.errors.InsufficientPrivilege as refused:
            if not _by_row_security(refused):
                raise
    return reached


def _updated(connection: psycopg.Connection, _: Caller, table: Table, columns: Sequence[str]) -> list[str]:
    changed = {column: samples(table.writable[column])[1] for column in columns}
    return _changed(connection, table, changed)


def _moved(connection: psycopg.Connection, caller: Caller, table: Table, _: Sequence[str]) -> list[str]:
    assert table.tenant is not None
    to = A if caller.own == B else B
    with_it = _changed(connection, table, {table.tenant: sql.Literal(to)})
    return with_it if len(with_it) > 1 else []  # in addition to the existing row


def _deleted(connection: psycopg.Connection, _: Caller, table: Table, __: Sequence[str]) -> Iterable[str]:
    connection.execute(sql.SQL("delete from {}").format(table.id))
    _be_oneself(connection)
    left = connection.execute(sql.SQL("select {} from {}").format(table.whose, table.id)).fetchall()
    return table.owners - {tenant for (tenant,) in left}


_TRIES = {"read": _read, "insert": _inserted, "update": _updated, "move": _moved, "delete": _deleted}


def _changed(connection: psycopg.Connection, table: Table, values: Mapping[str, sql.Composable]) -> list[str]:
    """Write these values to every accessible row. Returns the tenants of the changed rows."""
    pairs = [sql.SQL("{} = {}").format(sql.Identifier(column), value) for column, value in values.items()]
    connection.execute(sql.SQL("update {} set {}").format(table.id, sql.SQL(", ").join(pairs)))
    _be_oneself(connection)
    rows = connection.execute(sql.SQL("select {} from {} where {}").format(table.whose, table.id, pairs[0]))
    return [tenant for (tenant,) in rows.fetchall()]


def _be_oneself(connection: psycopg.Connection) -> None:
    connection.execute("set local role none")
