"""A database with objects of other people: every kind of object, in several schemas, with several owners and grants;
and a comparison that shows whether any of them was changed."""

import json
from itertools import cycle, product

from psycopg import sql

from services.database.connect import connect
from services.database.schema.snapshot import parse_snapshot

API = ("anon", "authenticated", "service_role")
OWNERS = ("postgres", "shop_owner", "supabase_admin")
"""The role that migrates, a role of which it is no member, and a superuser."""
SCHEMAS = ("public", "shop", '"Odd Schema"')
NEARLY_OURS = ("tenant", "tenants_old", '"Tenants"', "outbox2", "outbox_archive", "audit_logs", "guardrail", "job_runs")
ELSEWHERE = ("outbox", "tenants", "audit_log", "tool_catalog", "applied_file")
"""Names of our objects, used in a schema of other people."""
VERBS = ("select", "insert", "update", "delete", "truncate", "references", "trigger")

ROLES = """
create role shop_owner nologin;
create role shop_app login password 'w' in role shop_owner;
create role shop_reader nologin bypassrls;
create role bi login noinherit connection limit 3 valid until '2099-01-01';
grant shop_reader to bi with admin option;
grant anon to shop_app;
grant shop_reader to postgres, shop_app;
comment on role shop_owner is 'owns the shop';
alter role bi set statement_timeout = '7s';
grant create, usage on schema public to shop_owner;
grant set on parameter log_min_messages to shop_reader;
"""
DATABASE = """
alter database {database} set search_path = shop, public, extensions;
alter database {database} set app.flavour = 'sweet';
alter role shop_reader in database {database} set work_mem = '7MB';
comment on database {database} is 'the shop';
grant temporary on database {database} to bi;
do $$
begin
  execute format('create extension %I schema extensions', (
    select max(name) from pg_available_extensions where name in ('pgcrypto', 'vector')
  ));
end
$$;
create schema shop authorization shop_owner;
create schema "Odd Schema" authorization postgres;
grant usage, create on schema shop to postgres, supabase_admin;
grant usage on schema shop to anon, authenticated, bi with grant option;
grant all on schema "Odd Schema" to shop_owner, supabase_admin, service_role;
create foreign data wrapper nothing;
create server far foreign data wrapper nothing options (host 'far.example.com');
create user mapping for bi server far options ("user" 'u');
grant usage on foreign server far to authenticated;
grant usage on foreign data wrapper nothing to bi;
create foreign table shop.far (id int) server far;
select lo_from_bytea(90001, 'shop'); grant select on large object 90001 to anon;
create text search dictionary shop.words (template = simple);
create text search configuration shop.words (copy = simple);
create collation shop.plain from "C";
create cast (point as text) with inout as assignment;
grant usage on language plpgsql to bi;
create function shop.on_ddl() returns event_trigger language plpgsql as 'begin end';
create event trigger shop_start on ddl_command_start execute function shop.on_ddl();
create event trigger shop_end on ddl_command_end execute function shop.on_ddl();
create event trigger shop_drop on sql_drop execute function shop.on_ddl();
"""
# Like those of hosted projects made before 2026, and further ones.
DEFAULT_PRIVILEGES = """
alter default privileges for role postgres in schema public grant all on tables to anon, authenticated, service_role;
alter default privileges for role postgres in schema public grant all on sequences to anon, authenticated, service_role;
alter default privileges for role postgres in schema public grant all on functions to anon, authenticated, service_role;
alter default privileges for role postgres in schema public grant select on tables to public;
alter default privileges for role postgres in schema public grant select, insert on tables to bi with grant option;
alter default privileges for role postgres grant select on tables to shop_reader;
alter default privileges for role postgres grant usage on sequences to shop_reader;
alter default privileges for role postgres grant execute on functions to anon, shop_reader;
alter default privileges for role postgres grant usage on types to bi;
alter default privileges for role postgres grant usage on schemas to anon, bi;
alter default privileges for role postgres in schema shop grant all on tables to bi;
alter default privileges for role shop_owner in schema public grant select on tables to anon;
alter default privileges for role supabase_admin in schema public grant all on tables to authenticated;
"""


def statements(database: str) -> list[str]:
    """The statements that create the database, for a superuser."""
    made = [DATABASE.format(database=database)]
    for number, (schema, owner, secured) in enumerate(product(SCHEMAS, OWNERS, (True, False))):
        made.append(_things(schema, owner, f"t{number}", secured=secured))
    for number, (name, owner) in enumerate(zip(NEARLY_OURS, cycle(OWNERS), strict=False)):
        made.append(_table(f"public.{name}", owner, number, secured=bool(number % 2)))
    for number, (name, owner) in enumerate(zip(ELSEWHERE, cycle(OWNERS), strict=False)):
        made.append(_table(f"shop.{name}", owner, number, secured=bool(number % 2)))
    made.append(
        "create publication shop_all for all tables; create publication shop_some for table public.t0, shop.t6;"
        " create publication shop_public for tables in schema public with (publish = 'insert');"
        " create publication supabase_realtime for table public.t0;"
        " alter publication supabase_realtime owner to postgres; alter publication shop_some owner to shop_owner"
    )
    return [*made, DEFAULT_PRIVILEGES]


def _table(table: str, owner: str, number: int, *, secured: bool) -> str:
    """A table with its policies, grants, comments and statistics targets."""
    grantee, other = API[number % 3], API[(number + 1) % 3]
    return f"""
    create table {table} (
      id int generated by default as identity primary key, tenant_id uuid, note text collate "C" default 'x',
      doubled int generated always as (id * 2) stored, constraint positive check (id > 0)
    );
    insert into {table} (note) values ('one'), ('two');
    alter table {table} alter column note set statistics {(0, 57, -1)[number % 3]};
    alter table {table} alter column note set storage external;
    alter table {table} alter column tenant_id set (n_distinct = -0.5);
    create policy "own rows" on {table} for select to authenticated using (tenant_id is not null);
    create policy strict on {table} as restrictive to anon, authenticated using (true) with check (id < 9);
    create policy everybody on {table} for all to public using (true);
    {f"alter table {table} enable row level security;" if secured else ""}
    {f"alter table {table} force row level security;" if number % 4 == 0 else ""}
    comment on table {table} is 'of the shop'; comment on column {table}.note is 'it''s theirs';
    grant {", ".join(VERBS[: 1 + number % len(VERBS)])} on {table} to {grantee};
    grant select (id, note), update (note) on {table} to {other};
    grant all on {table} to bi with grant option; grant select on {table} to public;
    alter table {table} owner to {owner};
    """  # noqa: S608


def _things(schema: str, owner: str, name: str, *, secured: bool) -> str:
    """A table, and one object of every other kind that a schema can contain."""
    number = int(name[1:])
    table, grantee = f"{schema}.{name}", API[number % 3]
    owned = [
        f"view {table}_view", f"materialized view {table}_kept", f"sequence {table}_numbers", f"type {table}_colour",
        f"type {table}_pair", f"domain {table}_word", f"function {table}_f(int)", f"procedure {table}_p()",
        f"function {table}_touch()", f"aggregate {table}_sum(int)", f"statistics {table}_both", f"table {table}_parts",
        f"table {table}_child",
    ]  # fmt: skip
    return f"""
    {_table(table, owner, number, secured=secured)}
    create function {table}_touch() returns trigger language plpgsql as 'begin return new; end';
    create trigger touch before update on {table} for each row execute function {table}_touch();
    alter table {table} {"disable" if number % 2 else "enable always"} trigger touch;
    create rule quiet as on delete to {table} where old.id = 0 do instead nothing;
    create index {name}_note_idx on {table} (lower(note)) where id > 1;
    create statistics {table}_both on id, note from {table};
    create view {table}_view with (security_invoker = {secured}) as select id, note from {table};
    create materialized view {table}_kept as select id from {table};
    create sequence {table}_numbers start 7; select nextval('{table}_numbers');
    create type {table}_colour as enum ('red', 'green');
    create type {table}_pair as (a int, b {table}_colour);
    create domain {table}_word as text check (value <> '');
    create function {table}_f(int) returns int language sql security definer set search_path = '' as 'select $1';
    create procedure {table}_p() language sql as 'select 1';
    create aggregate {table}_sum(int) (sfunc = int4pl, stype = int);
    create table {table}_parts (id int, at date) partition by range (at);
    create table {table}_parts_1 partition of {table}_parts for values from ('2026-01-01') to ('2027-01-01');
    create table {table}_child () inherits ({table});
    alter table {table}_child add constraint parent foreign key (id) references {table} (id) on delete cascade;
    comment on function {table}_f(int) is 'theirs'; comment on policy strict on {table} is 'keep';
    grant select on {table}_view, {table}_kept to {grantee}; grant usage on sequence {table}_numbers to {grantee};
    revoke execute on function {table}_f(int) from public; grant execute on function {table}_f(int) to {grantee}, bi;
    grant usage on type {table}_colour to bi;
    {"; ".join(f"alter {thing} owner to {owner}" for thing in owned)};
    """  # noqa: S608


# ---------------------------------------------------------------------------------------------------------------------
# What is in the catalogs
# ---------------------------------------------------------------------------------------------------------------------

UNSTEADY = {
    "pg_class": {"relpages", "reltuples", "relallvisible", "relallfrozen", "relfrozenxid", "relminmxid"},
    "pg_database": {"datfrozenxid", "datminmxid"},
    "pg_default_acl": {"oid"},
}
"""Columns that change by themselves, or number a row that nothing refers to."""
LEFT_OUT = {"pg_statistic", "pg_statistic_ext_data", "pg_largeobject", "pg_subscription", "pg_replication_origin"}
Catalogs = dict[str, list[str]]


def catalogs(admin_url: str) -> Catalogs:
    """Every row of every system catalog as text; of the rights on schema public only those of other roles."""
    with connect(admin_url) as connection:
        tables = connection.execute(
            "select relname from pg_class where relnamespace = 'pg_catalog'::regnamespace and relkind = 'r'"
        ).fetchall()
        found = {
            table: [
                _steady(table, row)
                for (row,) in connection.execute(
                    sql.SQL("select to_json(t) from {} as t").format(sql.Identifier(table))
                )
            ]
            for (table,) in tables
            if table not in LEFT_OUT
        }
        relations = connection.execute(
            "select relnamespace::regnamespace::text, relname from pg_class where relkind in ('r', 'S', 'm')"
            " and relnamespace::regnamespace::text !~ '^(pg_|information_schema)' order by 1, 2"
        ).fetchall()
        content = sql.SQL("select json_agg(x)::text from (select * from {}) as x")
        found["rows"] = [
            f"{schema}.{name}: {rows}"
            for schema, name in relations
            for (rows,) in connection.execute(content.format(sql.Identifier(schema.strip('"'), name)))
        ]
    return found


def _steady(table: str, row: dict[str, object]) -> str:
    stable = {column: value for column, value in row.items() if column not in UNSTEADY.get(table, ())}
    if table == "pg_namespace" and row["nspname"] == "public":
        rights = row["nspacl"]
        assert isinstance(rights, list)
        stable["nspacl"] = [right for right in rights if not right.startswith("app_")]
    return json.dumps(stable, sort_keys=True)


def touched(before: Catalogs, after: Catalogs) -> list[str]:
    """The rows that were removed or changed."""
    gone = {table: set(rows) - set(after[table]) for table, rows in before.items()}
    default_acl = '"classid": "826"'  # their oids are new where we withheld them
    return [f"{table}: {row}" for table, rows in gone.items() for row in sorted(rows) if default_acl not in row]


def added(before: Catalogs, after: Catalogs) -> list[str]:
    """The added rows, by catalog."""
    return [f"{table}: {row}" for table, rows in after.items() for row in sorted(set(rows) - set(before[table]))]


# ---------------------------------------------------------------------------------------------------------------------
# The output of pg_dump
# ---------------------------------------------------------------------------------------------------------------------

OURS = {"app_private", "autopilot", "drafts", "rca", "tenant_api", "worker_api", "migrations"}


def theirs(dumped: str, ours_in_public: list[str]) -> list[tuple[str, str]]:
    """Every object that is not ours, and every part of one, such as its grants, with its text."""
    ours = {f"public.{name}" for name in ours_in_public}
    return [
        (entry.label, f"{entry.owner}: {entry.text}")
        for entry in parse_snapshot(dumped).entries
        if entry.schema not in OURS
        and not (entry.schema == "-" and entry.name.rpartition(" ")[2] in OURS)
        and not (entry.schema == "public" and (entry.subject in ours or f"public.{_last(entry.name)}" in ours))
        and entry.name != "SCHEMA public"  # its rights include ours: its row in the catalog is compared instead
    ]


def _last(name: str) -> str:
    """`outbox` of `supabase_realtime outbox`, a publication's table."""
    return name.rpartition(" ")[2]
