"""What the schema of an application is expected to have."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from uuid import UUID

import psycopg

from services.database.connect import connect

ACME = UUID("11111111-1111-4111-8111-111111111111")
BOREALIS = UUID("22222222-2222-4222-8222-222222222222")
NO_TENANT = (None, "", "acme", f"{ACME}' or true --", f" {ACME}", f"{{{ACME}}}", str(ACME).replace("1", "9"))
"""Values of a claim or a session setting that name no tenant."""
ALL_VERBS = frozenset({"select", "insert", "update", "delete"})
RIGHTS = {
    "authenticated": frozenset({"select"}),
    "app_ro": frozenset({"select"}),
    "app_rw": ALL_VERBS,
    "service_role": ALL_VERBS,
}
"""What each role may do with all tables of all applications. Other roles may do nothing."""


@dataclass(frozen=True, kw_only=True)
class Application:
    """A schema, and rows for it."""

    schema: str
    tenant_column: str = "tenant_id"
    tables: Mapping[str, str]
    """The columns of each table in their order, as `name type, name type?`. `?` says that it may be null."""
    views: Sequence[str] = ()
    indexes: Mapping[str, str]
    """The columns of some indexes, by the name of the index."""
    references: Mapping[str, str]
    """The target of each reference, except those to tenants, and what happens when the target is deleted, unless that
    is refused."""
    other_rights: Mapping[str, Mapping[str, AbstractSet[str]]] = field(default_factory=dict)
    """Verbs on tables and views by role, beside `RIGHTS`."""
    rows: str
    """SQL that adds one row to each table for the tenant `%(tenant)s`. The ids are the same for every tenant."""
    refused_updates: Sequence[tuple[str, str]]
    """Updates that write an invalid value, and the check constraint that refuses each."""

    def rights(self, role: str) -> dict[str, AbstractSet[str]]:
        """The verbs of a role on each table and view."""
        common = dict.fromkeys(self.tables, RIGHTS[role]) if role in RIGHTS else {}
        return {**common, **self.other_rights.get(role, {})}

    def owned_by(self, *tenants: UUID) -> dict[str, set[UUID]]:
        """These tenants for each table."""
        return {table: set(tenants) for table in self.tables}

    def fill(self, url: str) -> None:
        """Add the rows of Acme and Borealis."""
        with connect(url) as connection, psycopg.ClientCursor(connection) as cursor:
            for tenant, name in ((ACME, "Acme"), (BOREALIS, "Borealis")):
                cursor.execute(
                    "insert into public.tenants (id, name) values (%s, %s) on conflict (id) do nothing", [tenant, name]
                )
                cursor.execute(self.rows.encode(), {"tenant": tenant})
