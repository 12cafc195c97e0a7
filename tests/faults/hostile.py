"""Values with which a tenant or a program could harm a reader, for every column that it may write."""

from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
from psycopg import sql

DEEP = "[" * 1500 + "]" * 1500
DOCUMENTS = (
    "5", "[]", '"x"', "null", "true", "{}", DEEP, f'{{"x": {DEEP}}}', f'{{"allowed": {DEEP}}}', '{"x": 1e5000}',
    '{"allowed": [1e5000]}', '{"limit": -1e5000}', '{"x": 1e-5000}', '{"allowed": [null, 5, ""]}', '{"": {"": []}}',
    '{"slack.minute": {"limit": 1e400, "per_seconds": 0.5}}', '{"start": 22, "end": "06:00\\n"}', '{"windows": [[]]}',
    '{"windows": [{"start": 0, "end": 24}]}', '{"holidays": ["2026-02-30"]}', '{"time_zone": "Mars/Base"}',
    '{"x": "\\u0000"}', '{"x": "\\ud800"}', '{"evidence": [{"id": 5}], "score": "high"}', '{"composio_id": {}}',
    '{"x": "' + "y" * 70_000 + '"}', '{"x": "' + "y" * 2_000_000 + '"}', '{"category": 5, "arguments": []}',
)  # fmt: skip
MOMENTS = ("infinity", "-infinity", "4000-01-01 00:00:00 BC", "20000-01-01 00:00:00+00", "9999-12-31 23:59:59+00", "x")
VALUES = {
    "jsonb": DOCUMENTS,
    "text": ("", " ", "x" * 2_000_000, "é\u2028\x01\ufffe'; --"),
    "text[]": ("{}", "{NULL}", '{""}', "{{a,b},{c,d}}", "[5:6]={a,b}", "{" + "x" * 70_000 + "}", "{a,a}", "x"),
    "timestamp with time zone": MOMENTS,
    "date": MOMENTS,
    "numeric": ("NaN", "Infinity", "-Infinity", "0." + "1" * 9000, "-1", "1e400", "x"),
    "double precision": ("NaN", "Infinity", "-Infinity", "-1", "1e400"),
    "bigint": ("-9223372036854775808", "9223372036854775807", "0", "9223372036854775808"),
    "integer": ("-2147483648", "2147483647", "0", "2147483648"),
    "smallint": ("-32768", "32767", "0", "32768"),
    "boolean": ("t", "f", "x"),
    "uuid": ("00000000-0000-0000-0000-000000000000", "x"),
}
"""The values by type of the column; documents as JSON text."""
WHOSE = {"id", "tenant_id", "organization_id"}
"""Columns that identify a row; they are not changed."""


@dataclass(frozen=True)
class Case:
    """One value for one column, as one role."""

    role: str
    table: str
    column: str
    kind: str
    value: str

    @property
    def tenant(self) -> str:
        """The column with the tenant of a row."""
        return "id" if self.table == "tenants" else "tenant_id"

    @property
    def path(self) -> str:
        """The filter for the same rows, for PostgREST."""
        one = "tool_slug=eq.SLACK__chat.post&" if self.table == "tool_catalog" else ""
        return f"/{self.table}?{one}{self.tenant}=eq."

    def statement(self) -> sql.Composed:
        """Write it into the rows of the tenant that the second parameter names."""
        return sql.SQL("update {} set {} = {} where {} = %s {}").format(
            sql.Identifier("public", self.table), sql.Identifier(self.column),
            sql.SQL(f"%s::{self.kind}"), sql.Identifier(self.tenant),
            sql.SQL("and tool_slug = 'SLACK__chat.post'" if self.table == "tool_catalog" else ""),
        )  # fmt: skip


CAN_WRITE = """
select c.relname, a.attname, a.atttypid::regtype::text
from pg_class as c join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and a.attgenerated = ''
  and (%(role)s = 'postgres' or has_column_privilege(%(role)s, c.oid, a.attnum, 'update'))
  and (c.relname = 'tenants' or exists (
    select from pg_attribute as t where t.attrelid = c.oid and t.attname = 'tenant_id'
  ))
order by 1, 2
"""


def cases(connection: psycopg.Connection, role: str, *tables: str) -> Iterator[Case]:
    """Every hostile value for every column that the role may write, from the system catalog; only for these tables, if
    given."""
    for table, column, kind in connection.execute(CAN_WRITE, {"role": role}).fetchall():
        if column not in WHOSE and (not tables or table in tables):
            assert kind in VALUES, f"tests/faults/hostile.py has no values of type {kind}: add some"
            for value in VALUES[kind]:
                yield Case(role, table, column, kind, value)
