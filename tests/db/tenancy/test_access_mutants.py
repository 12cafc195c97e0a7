"""The access tests can fail: after each of these changes `test_access_matrix.py` or `test_roles_page.py` would fail.

The changes drop or widen a policy, disable row-level security, grant a right, or replace a helper function. Each is
made alone and undone.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product

import pytest
from psycopg import sql

from tests.db.roles import ROLES
from tests.db.tenancy.access import CALLERS, VERBS, reach
from tests.db.tenancy.rights import rights
from tests.db.tenancy.roles_page import LETTERS, WORDS, documented_rights
from tests.db.tenancy.stage import UNDER_POLICIES, Stage, breaches
from tests.db.tenancy.tables import A, Table


@dataclass(frozen=True)
class Policy:
    """A row of pg_policies."""

    table: Table
    name: str
    roles: tuple[str, ...]
    command: str
    using: str | None
    check: str | None
    """The condition for new rows; that for reading if there is no other."""

    @property
    def verbs(self) -> tuple[str, ...]:
        verbs = {"SELECT": ("read",), "INSERT": ("insert",), "UPDATE": ("update", "move"), "DELETE": ("delete",)}
        return verbs.get(self.command, VERBS)

    @property
    def id(self) -> sql.Composed:
        return sql.SQL("policy {} on {}").format(sql.Identifier(self.name), self.table.id)


@dataclass(frozen=True)
class Mutant:
    """One change, and the tables and callers that it affects."""

    change: sql.Composed
    table: Table
    roles: Iterable[str] = ROLES
    verbs: Iterable[str] = VERBS


@pytest.fixture(scope="module")
def policies(stage: Stage) -> list[Policy]:
    tables = {str(table): table for table in stage.tables}
    rows = stage.connection.execute(
        """select schemaname || '.' || tablename, policyname, roles::text[], cmd, qual,
             case when cmd in ('ALL', 'INSERT', 'UPDATE') then coalesce(with_check, qual) end
           from pg_policies order by 1, 2"""
    )
    found = [Policy(tables[name], *rest) for name, *rest in rows.fetchall()]
    assert found
    return found


def test_dropping_any_policy_is_noticed(stage: Stage, policies: list[Policy]) -> None:
    assert list(survivors(stage, (mutant(p, "drop {}") for p in policies))) == []


def test_removing_the_read_condition_of_any_policy_is_noticed(stage: Stage, policies: list[Policy]) -> None:
    narrow = [policy for policy in policies if policy.using not in {None, "true"}]
    assert narrow
    assert list(survivors(stage, (mutant(p, "alter {} using (true)") for p in narrow))) == []


def test_removing_the_write_condition_of_any_policy_is_noticed(stage: Stage, policies: list[Policy]) -> None:
    narrow = [policy for policy in policies if policy.check not in {None, "true"}]
    assert narrow
    assert list(survivors(stage, (mutant(p, "alter {} with check (true)") for p in narrow))) == []


def test_applying_any_policy_to_public_is_noticed(stage: Stage, policies: list[Policy]) -> None:
    change = sql.SQL("alter {} to public")
    assert list(survivors(stage, (Mutant(change.format(p.id), p.table, verbs=p.verbs) for p in policies))) == []


def test_disabling_row_level_security_is_noticed(stage: Stage) -> None:
    off = sql.SQL("alter table {} disable row level security")
    mutants = [Mutant(off.format(table.id), table) for table in stage.tables if not table.is_view]
    assert list(survivors(stage, mutants)) == []


def test_a_view_with_the_rights_of_its_owner_is_noticed(stage: Stage) -> None:
    off = sql.SQL("alter view {} set (security_invoker = off)")
    mutants = [Mutant(off.format(table.id), table) for table in stage.tables if table.is_view]
    assert mutants
    assert list(survivors(stage, mutants)) == []


def test_granting_any_right_is_noticed(stage: Stage) -> None:
    mutants = [
        Mutant(
            sql.SQL("grant {} on {} to {}").format(sql.SQL(word), table.id, sql.Identifier(role)),
            table,
            [role],
            [verb],
        )
        for table, role, (verb, letter) in product(stage.tables, ROLES, LETTERS.items())
        if (role, word := WORDS[letter], str(table)) not in documented_rights(table)
    ]
    assert len(mutants) > len(stage.tables)
    assert list(survivors(stage, mutants)) == []


@pytest.mark.parametrize(
    ("helper", "table", "body"),
    [
        ("current_tenant_id_uuid", "public.outbox", f"'{A}'::uuid"),
        ("current_tenant_id_uuid", "public.outbox", "nullif(current_setting('app.current_organization_id'), '')::uuid"),
        ("current_organization_id", "autopilot.tickets", f"'{A}'::uuid"),
        (
            "current_organization_id",
            "autopilot.tickets",
            "(current_setting('request.jwt.claims')::jsonb ->> 'tenant_id')::uuid",
        ),
    ],
)
def test_a_helper_function_that_returns_another_tenant_is_noticed(
    stage: Stage, helper: str, table: str, body: str
) -> None:
    create = "create or replace function app_private.{} () returns uuid language sql stable as {}"
    change = sql.SQL(create).format(sql.Identifier(helper), sql.Literal(f"select {body}"))
    [where] = [each for each in stage.tables if str(each) == table]
    assert list(survivors(stage, [Mutant(change, where)])) == []


def test_a_harmless_change_is_not_noticed(stage: Stage) -> None:
    change = sql.SQL("comment on table {} is 'as before'")
    mutants = [Mutant(change.format(table.id), table) for table in stage.tables if table.schema == "public"]
    assert len(list(survivors(stage, mutants))) == len(mutants) > 0


def mutant(policy: Policy, change: str) -> Mutant:
    """The policy, changed."""
    return Mutant(sql.SQL(change).format(policy.id), policy.table, policy.roles, policy.verbs)


def survivors(stage: Stage, mutants: Iterable[Mutant]) -> Iterator[str]:
    """The changes after which every test would still pass."""
    for each in mutants:
        with stage.connection.transaction(force_rollback=True):
            stage.connection.execute(each.change)
            if not noticed(stage, each):
                yield each.change.as_string(stage.connection)


def noticed(stage: Stage, changed: Mutant) -> bool:
    callers = [caller for caller in CALLERS if caller.role in changed.roles]
    return (
        any(
            reach(stage.connection, caller, changed.table, verb) != stage.found[changed.table, caller][verb]
            for caller, verb in product(callers, changed.verbs)
        )
        or rights(stage.connection, "table", str(changed.table)) != documented_rights(changed.table)
        or any(
            breaches(stage, [changed.table], [each for each in callers if each in UNDER_POLICIES], list(changed.verbs))
        )
    )
