"""A pooler in transaction mode is recognized by its behaviour, not by its port, and refused. One in session mode is
accepted."""

from pathlib import Path
from typing import Any

import pytest

from services.backends.choice import PostgresDatabase
from services.backends.open import open_backends
from services.database.connect import connect
from services.database.schema.checks import check
from services.database.schema.migrate import migrate, require_migrated
from services.database.sessions import require_session
from services.errors import ControlPlaneError, SettingsError
from tests.clusters import hush
from tests.db.connections.pgbouncer import pgbouncer
from tests.worker.test_outbox_cli import Ended, run

REMEDY = (
    ": is a pooler in transaction mode, which keeps no session between transactions:"
    " use its session mode (Supabase: port 5432), or connect to the server directly"
)
POOLS = [
    {},
    {"default_pool_size": 1},
    {"default_pool_size": 2},
    {"min_pool_size": 5},
    {"server_round_robin": 1},
    {"server_round_robin": 1, "min_pool_size": 3},
]


@pytest.mark.parametrize("pool", POOLS, ids=str)
def test_a_pooler_in_transaction_mode_is_refused(database_url: str, tmp_path: Path, pool: dict[str, Any]) -> None:
    with pgbouncer(database_url, tmp_path, pool_mode="transaction", **pool) as url:
        for _ in range(5):
            with pytest.raises(SettingsError) as refusal, connect(url) as connection:
                require_session(connection)
            assert str(refusal.value) == f"DATABASE_URL{REMEDY}"


def test_a_pooler_in_statement_mode_is_refused_in_one_line(database_url: str, tmp_path: Path) -> None:
    with pgbouncer(database_url, tmp_path, pool_mode="statement") as url:
        with pytest.raises(ControlPlaneError, match="DATABASE_URL") as refusal, connect(url) as connection:
            require_session(connection)
        assert "\n" not in str(refusal.value)


def test_a_pooler_in_session_mode_is_accepted(database_url: str, tmp_path: Path) -> None:
    require_migrated(database_url)
    with pgbouncer(database_url, tmp_path, pool_mode="session") as url:
        require_migrated(url)
        assert migrate(url, say=hush) == []


def test_a_migration_through_a_transaction_pooler_is_refused_before_any_change(blank_url: str, tmp_path: Path) -> None:
    with (
        pgbouncer(blank_url, tmp_path, pool_mode="transaction") as url,
        pytest.raises(SettingsError, match="DATABASE_URL: is a pooler in transaction mode"),
    ):
        migrate(url, say=hush)
    with connect(blank_url) as connection:
        assert connection.execute("select to_regnamespace('migrations')").fetchone() == (None,)


async def test_a_worker_and_a_check_through_a_transaction_pooler_are_refused_in_one_line(
    database_url: str, tmp_path: Path
) -> None:
    with pgbouncer(database_url, tmp_path, pool_mode="transaction") as url:
        with pytest.raises(SettingsError, match="DATABASE_URL: is a pooler in transaction mode"):
            check(url)
        ended = await run("start", "--once", DATABASE_URL=url, ACP_HEALTH_PORT=0)
    assert ended == Ended(1, "", f"error: DATABASE_URL{REMEDY}\n")


async def test_a_replica_behind_a_transaction_pooler_is_refused_by_the_name_of_its_setting(
    database_url: str, tmp_path: Path
) -> None:
    with (
        pgbouncer(database_url, tmp_path, pool_mode="transaction") as url,
        pytest.raises(SettingsError, match="DATABASE_URL_RO: is a pooler in transaction mode"),
    ):
        async with open_backends(PostgresDatabase(database_url, read_only_url=url)):
            pass
