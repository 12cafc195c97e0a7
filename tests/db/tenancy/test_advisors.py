"""Supabase's own database linter finds nothing in a database that was migrated, seeded and used."""

import asyncio
import json
import os
import subprocess
from collections.abc import Callable
from datetime import timedelta
from itertools import product
from pathlib import Path
from uuid import UUID

import pytest
from psycopg import sql

from services.backends.open import postgres_backends
from services.database.connect import connect
from services.database.rest.postgrest import INSTALLED, SCHEMAS
from services.database.schema.migrate import seed
from services.envelope import Actor, ActorType
from services.outbox import Disposition, Settlement
from tests.clusters import hush
from tests.contract.builders import a_proposal
from tests.db.roles import act_as
from tests.db.tenancy.tables import find_tables

CLI = INSTALLED / ".bin" / "supabase"
SEEDED = ("11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222")

Advisors = Callable[[], tuple[int, set[tuple[str, str]]]]
"""Runs the linter. Returns its exit code, and its findings by object."""


@pytest.fixture
def advisors(database_url: str, tmp_path: Path) -> Advisors:
    if not CLI.exists():
        assert os.environ.get("REQUIRE_REAL") != "1", "REQUIRE_REAL=1, but the Supabase CLI is not installed"
        pytest.skip("the Supabase CLI is not installed: make npm")
    config = tmp_path / "supabase" / "config.toml"
    config.parent.mkdir()
    config.write_text(f"[api]\nschemas = {json.dumps(SCHEMAS)}\n")  # otherwise it checks only `public`

    def run() -> tuple[int, set[tuple[str, str]]]:
        words = ["db", "advisors", f"--remote={database_url}", "--level", "warn", "--fail-on", "warn"]
        alone = {"HOME": str(tmp_path), "DO_NOT_TRACK": "1", "SUPABASE_NO_UPDATE_NOTIFIER": "1"}
        ran = subprocess.run(
            [CLI, *words, "--output-format", "json"],
            cwd=tmp_path, env={"PATH": os.environ["PATH"], **alone}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        findings = json.loads(ran.stdout).get("results")
        assert findings is not None, ran.stdout
        return ran.returncode, {
            (each["name"], f"{each['metadata']['schema']}.{each['metadata']['name']}") for each in findings
        }

    return run


def test_the_linter_reports_nothing_for_a_database_in_use(database_url: str, advisors: Advisors) -> None:
    seed(database_url, say=hush)
    asyncio.run(work(database_url))
    read_everything(database_url)
    assert advisors() == (0, set())


def test_the_linter_reports_bad_objects_in_every_exposed_schema(database_url: str, advisors: Advisors) -> None:
    with connect(database_url) as connection:
        for schema in SCHEMAS:
            for statement in BAD:
                connection.execute(sql.SQL(statement).format(sql.Identifier(schema)))
    code, findings = advisors()
    bad = {("rls_disabled_in_public", "bare"), ("security_definer_view", "leak")}
    assert code == 1
    assert findings >= {(lint, f"{schema}.{name}") for (lint, name), schema in product(bad, SCHEMAS)}
    assert findings >= {("function_search_path_mutable", f"{schema}.loose") for schema in SCHEMAS}


BAD = (
    "create table {}.bare (id integer primary key)",
    "create view {0}.leak as select * from {0}.bare",
    "grant select on {0}.bare, {0}.leak to authenticated",
    "create function {}.loose() returns integer language sql as 'select 1'",
)


async def work(url: str) -> None:
    """An envelope is proposed, claimed and settled."""
    async with postgres_backends(url) as backends:
        await backends.outbox.enqueue([a_proposal(UUID(SEEDED[0]))], actor=Actor(type=ActorType.AGENT, id="a"))
        [claimed] = await backends.outbox.claim("w", limit=1, lease_for=timedelta(minutes=1))
        ending = Settlement(lease=claimed.lease, envelope_id=claimed.envelope.id, to=Disposition.SUCCESS, result={})
        assert not await backends.outbox.settle("w", [ending])


def read_everything(url: str) -> None:
    """Each tenant reads every table that it may."""
    with connect(url) as connection:
        for table, tenant in product(find_tables(connection), SEEDED):
            if table.schema in SCHEMAS:
                with connection.transaction():
                    act_as(connection, "authenticated", {"tenant_id": tenant})
                    connection.execute(sql.SQL("select * from {}").format(table.id))
