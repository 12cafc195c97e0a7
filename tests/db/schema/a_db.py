"""A small `db/` folder with migrations and functions, for tests that migrate with it."""

import os
import subprocess
from pathlib import Path

from services.database.connect import connect
from services.database.embedded.programs import installed_programs
from services.database.schema.checks import check

FILES = {
    "migrations/001_init.sql": """
        create schema app_private;
        create schema worker_api;
        do $$ begin
          create role app_owner nologin;
          comment on role app_owner is 'Agent Control Plane: owns tables and functions';
        exception when duplicate_object then null; end $$;
        do $$ begin execute format('grant app_owner to %I', current_user); end $$;
        grant usage, create on schema app_private, worker_api to app_owner;
        create table public.tenants (id int primary key, name text not null default 'a;b');
        alter table public.tenants enable row level security;
        do $$ begin perform 1; end $$;
        """,
    "rollback/001_init.sql": "drop schema worker_api, app_private cascade; drop table public.tenants;",
    "migrations/002_notes.sql": "alter table public.tenants add note text; -- 100% safe; really",
    "rollback/002_notes.sql": "alter table public.tenants drop note;",
    "functions/app_private/zero.sql": """
        create or replace function app_private.zero() returns int language sql as 'select 0';
        """,
    "functions/worker_api/count_tenants.sql": """
        create or replace function worker_api.count_tenants(extra int default app_private.zero())
        returns bigint language sql begin atomic; select count(*) + extra from public.tenants; end;
        """,
    "seeds/demo.sql": "insert into public.tenants (id) values (1), (2) on conflict do nothing;",
}


def write(db_dir: Path, name: str, text: str) -> None:
    (db_dir / name).parent.mkdir(parents=True, exist_ok=True)
    (db_dir / name).write_text(text)


def catalog(url: str) -> str:
    """The whole schema as SQL, without the record of applied files."""
    dumped = subprocess.run(
        [installed_programs() / "pg_dump", "--schema-only", "--restrict-key=x", "--dbname", url],
        capture_output=True, text=True, check=True, env={**os.environ, "PGOPTIONS": ""},
    )  # fmt: skip
    return dumped.stdout


def problems(url: str, db_dir: Path) -> list[str]:
    return check(url, db_dir=db_dir).problems


def value(url: str, query: bytes) -> object:
    with connect(url) as connection:
        row = connection.execute(query).fetchone()
    return row[0] if row else None
