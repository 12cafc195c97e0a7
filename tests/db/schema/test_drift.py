"""The schema check finds each difference between the database and the files in `db/`, and names it."""

import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict

from services.database.connect import connect
from services.database.embedded import Cluster
from services.database.schema import checks
from services.database.schema.checks import check
from services.database.schema.differences import DROP_REMEDY, RESTORE_FUNCTION, RESTORE_REMEDY
from services.database.schema.migrate import migrate
from services.database.schema.pg_dump import pg_dump
from services.database.sql_files import DB_DIR, read_sql_files
from services.errors import SettingsError, StateConflict
from tests.clusters import hush
from tests.db.schema.test_ownership import owners
from tests.db.sql import as_superuser, execute


@pytest.fixture
def stranger(blank_url: str) -> Iterator[str]:
    """A role whose tables the migrating role may not read."""
    execute(
        blank_url, "create role test_stranger login password 'w'; grant create, usage on schema public to test_stranger"
    )
    yield "test_stranger"
    execute(blank_url, "grant test_stranger to postgres; drop owned by test_stranger cascade; drop role test_stranger")


@pytest.fixture(scope="module")
def migrated(module_database_url: str) -> checks.CheckResult:
    """What the check says about a database as the migrations leave it."""
    return check(module_database_url)


# ---------------------------------------------------------------------------------------------------------------------
# db/schema.sql
# ---------------------------------------------------------------------------------------------------------------------


# ---------------------------------------------------------------------------------------------------------------------
# The live database
# ---------------------------------------------------------------------------------------------------------------------


# A manual change, the text that names it, and the remedy.
CHANGES = [
    (
        "alter table app_private.rate_buckets drop column filled_at",
        "table app_private.rate_buckets: column filled_at is missing in the database",
        RESTORE_REMEDY,
    ),
    (
        "alter table public.outbox add column extra int, alter column lane type int",
        "table public.outbox: column extra is only in the database, column lane differs",
        RESTORE_REMEDY,
    ),
    (
        "alter table public.outbox drop constraint outbox_risk_check",
        "table public.outbox: constraint outbox_risk_check is missing in the database",
        RESTORE_REMEDY,
    ),
    (
        "alter table public.outbox drop constraint outbox_tenant_id_fkey",
        "foreign key outbox_tenant_id_fkey on public.outbox: is in db/schema.sql, not in the database",
        RESTORE_REMEDY,
    ),
    (
        "drop policy outbox_select on public.outbox",
        "policy outbox_select on public.outbox: is in db/schema.sql, not in the database",
        RESTORE_REMEDY,
    ),
    (
        "alter policy outbox_select on public.outbox using (true)",
        "policy outbox_select on public.outbox: differs",
        RESTORE_REMEDY,
    ),
    (
        "create policy wide on public.outbox for select to anon using (true)",
        "policy wide on public.outbox: is in the database, not in db/schema.sql",
        DROP_REMEDY,
    ),
    (
        "alter table public.outbox disable row level security",
        "row-level security of public.outbox: is in db/schema.sql, not in the database",
        RESTORE_REMEDY,
    ),
    (
        "alter table public.outbox force row level security",
        "table public.outbox: `ALTER TABLE ONLY public.outbox FORCE ROW LEVEL SECURITY;` is only in the database",
        RESTORE_REMEDY,
    ),
    (
        "alter table public.audit_log disable trigger audit_log_append_only",
        "trigger audit_log_append_only on public.audit_log: differs",
        RESTORE_REMEDY,
    ),
    (
        "drop index public.outbox_tenant_created_idx",
        "index public.outbox_tenant_created_idx: is in db/schema.sql, not in the database",
        RESTORE_REMEDY,
    ),
    (
        "drop table public.connected_accounts",
        "table public.connected_accounts: is in db/schema.sql, not in the database",
        RESTORE_REMEDY,
    ),
    (
        "create table app_private.more (id int primary key); comment on table app_private.more is 'mine'",
        "table app_private.more: is in the database, not in db/schema.sql",
        DROP_REMEDY,
    ),
    (
        (
            "create function worker_api.evil() returns int language sql as 'select 1';"
            " grant execute on function worker_api.evil() to anon"
        ),
        "function worker_api.evil(): is in the database, not in db/schema.sql",
        DROP_REMEDY,
    ),
    (
        "create or replace function app_private.touch_updated_at() returns trigger language plpgsql as 'begin end'",
        "function app_private.touch_updated_at(): differs",
        RESTORE_FUNCTION,
    ),
    (
        "alter function app_private.touch_updated_at() owner to postgres",
        "function app_private.touch_updated_at(): is owned by postgres instead of app_owner",
        RESTORE_REMEDY,
    ),
    (
        "grant select on public.outbox to anon",
        "grants on table public.outbox: `GRANT SELECT ON TABLE public.outbox TO anon;` is only in the database",
        RESTORE_REMEDY,
    ),
    (
        "revoke usage on schema public from app_ro",
        "grants on schema public: `GRANT USAGE ON SCHEMA public TO app_ro;` is missing in the database",
        RESTORE_REMEDY,
    ),
    (
        "comment on column app_private.lanes.token is 'something else'",
        "comment on column app_private.lanes.token: differs",
        RESTORE_REMEDY,
    ),
]


@pytest.mark.parametrize(("by_hand", "what", "remedy"), CHANGES, ids=[what for _, what, _ in CHANGES])
def test_a_manual_change_is_reported_in_one_line_that_names_the_object(
    database_url: str, migrated: checks.CheckResult, by_hand: str, what: str, remedy: str
) -> None:
    execute(database_url, by_hand)
    changed = check(database_url)
    assert [line for line in changed.problems if line not in migrated.problems] == [f"{what}: {remedy}"]
    assert changed.fingerprint != migrated.fingerprint


def test_for_a_missing_schema_each_object_is_named_but_no_grant(database_url: str) -> None:
    execute(database_url, "drop schema rca cascade")
    problems = check(database_url).problems
    assert f"schema rca: is in db/schema.sql, not in the database: {RESTORE_REMEDY}" in problems
    assert [line for line in problems if line.startswith("grants ")] == []


def test_objects_of_others_in_public_are_no_difference_and_keep_their_owner(blank_url: str, stranger: str) -> None:
    with connect(blank_url) as connection:
        connection.execute(
            """
            create table public.mine (id int primary key, note text);
            create view public.looking as select id from public.mine;
            create sequence public.counting;
            create type public.colour as enum ('red');
            create function public.helping() returns int language sql as 'select 1';
            comment on function public.helping() is 'mine';
            create publication told for table public.mine
            """
        )
    other = f"postgresql://{stranger}:w@127.0.0.1:{conninfo_to_dict(blank_url)['port']}/{blank_url.rpartition('/')[2]}"
    execute(other, 'create table public."Not yours, I say" (id int); create table public.secret (id int)')
    before = owners(blank_url)

    migrate(blank_url, say=hush)
    execute(blank_url, "alter publication told add table public.outbox, app_private.lanes")
    execute(blank_url, "grant usage on schema public to test_stranger")

    with connect(other) as busy, busy.transaction():
        busy.execute("lock table public.secret")
        assert check(blank_url).problems == []
    assert {name: owner for name, owner in owners(blank_url).items() if name in before} == before


def test_a_grant_to_a_role_that_does_not_exist_is_no_difference(database_url: str, tmp_path: Path) -> None:
    db_dir = tmp_path / "db"
    shutil.copytree(DB_DIR, db_dir)
    grants = "GRANT USAGE ON SCHEMA worker_api TO app_ro;"
    text = (db_dir / "schema.sql").read_text(encoding="utf-8")
    assert grants in text
    elsewhere = text.replace(grants, f"{grants}\nGRANT USAGE ON SCHEMA worker_api TO only_elsewhere;")
    (db_dir / "schema.sql").write_text(elsewhere, encoding="utf-8")
    assert check(database_url, db_dir=db_dir).problems == check(database_url).problems


def test_default_grants_of_older_supabase_projects_are_no_difference(blank_url: str) -> None:
    execute(
        blank_url,
        "alter default privileges in schema public grant all on tables to anon, authenticated, service_role;"
        " alter default privileges in schema public grant all on functions to anon, authenticated, service_role",
    )
    migrate(blank_url, say=hush)
    assert check(blank_url).problems == []


def test_a_database_with_unapplied_migrations_is_not_compared(blank_url: str) -> None:
    report = check(blank_url)
    assert report.not_compared == "the database was not compared with db/schema.sql: some files are not applied"
    assert report.fingerprint is None
    assert len(report.problems) == len(read_sql_files().migrations) + len(read_sql_files().functions)


def test_without_the_wheel_only_the_applied_files_are_compared(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none_here() -> Path:
        raise SettingsError("none for this platform")

    monkeypatch.setattr(checks, "installed_programs", none_here)
    report = check(database_url)
    assert report == checks.CheckResult(
        [], None, "the database was not compared with db/schema.sql: pg_dump is missing: none for this platform"
    )


def test_a_server_newer_than_the_wheel_is_not_compared(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "POSTGRES_MAJOR", "14")
    report = check(database_url)
    assert report.problems == []
    assert report.not_compared == (
        "the database was not compared with db/schema.sql: the server is newer than PostgreSQL 14"
    )


def test_the_error_for_a_role_without_read_rights_is_one_line(database_url: str) -> None:
    execute(
        database_url,
        "create role test_reader login password 'w'; grant usage on schema migrations to test_reader;"
        " grant select on migrations.applied_file to test_reader;"
        " create policy test_reader on migrations.applied_file for select to test_reader using (true)",
    )
    parts = conninfo_to_dict(database_url)
    try:
        with pytest.raises(StateConflict) as refused:
            check(f"postgresql://test_reader:w@127.0.0.1:{parts['port']}/{parts['dbname']}")
    finally:
        execute(database_url, "grant test_reader to postgres; drop owned by test_reader; drop role test_reader")
    line = str(refused.value)
    assert line.startswith("the database could not be compared with db/schema.sql: permission denied for ")
    assert line.endswith(": connect as the role that migrated")
    assert "\n" not in line


def test_the_password_is_neither_on_the_command_line_nor_in_an_error(tmp_path: Path) -> None:
    program = tmp_path / "pg_dump"
    program.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/said\necho "$PGPASSWORD" >> {tmp_path}/said\nexit 1\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    with pytest.raises(StateConflict) as failed:
        pg_dump("postgresql://me:hush-hush@db.example:5432/things?sslpassword=hush-too", tmp_path, exclude=[])
    arguments, password = (tmp_path / "said").read_text().splitlines()
    assert "host=db.example" in arguments
    assert "hush" not in arguments
    assert password == "hush-hush"  # noqa: S105
    assert "hush" not in str(failed.value)


@pytest.mark.parametrize(
    ("by_hand", "undone", "line"),
    [
        (
            "grant app_owner to authenticated", "revoke app_owner from authenticated",
            "role authenticated: is a member of app_owner: run: revoke app_owner from authenticated",
        ),
        (
            "grant app_rw to authenticator", "revoke app_rw from authenticator",
            "role authenticator: is a member of app_rw: run: revoke app_rw from authenticator",
        ),
        (
            "alter role app_ro login", "alter role app_ro nologin",
            "role app_ro: may log in: run: alter role app_ro nologin",
        ),
        (
            "alter role outbox_worker bypassrls", "alter role outbox_worker nobypassrls",
            "role outbox_worker: may bypass row-level security: run: alter role outbox_worker nobypassrls",
        ),
        (
            "grant usage on schema migrations to anon", "revoke usage on schema migrations from anon",
            "schema migrations: anon has usage on it: run: revoke all on schema migrations from anon",
        ),
        (
            "create table public.child () inherits (public.objectives)", "drop table public.child",
            "table child: inherits from objectives, so queries of objectives return its rows too: drop table child",
        ),
    ],
)  # fmt: skip
def test_a_role_with_more_rights_than_documented_is_named(
    by_hand: str, undone: str, line: str, database_url: str, cluster: Cluster
) -> None:
    superuser = as_superuser(cluster, database_url)  # the migrating role may not do all of these
    with connect(superuser) as connection:
        connection.execute(by_hand.encode())
        try:
            problems = check(database_url).problems
        finally:
            connection.execute(undone.encode())
    assert problems == [line]
    assert check(database_url).problems == []
