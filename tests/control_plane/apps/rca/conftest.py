"""A tenant whose systems have metadata, over a database that the tests of a module share."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from control_plane.apps.rca.import_metadata import import_metadata
from control_plane.apps.rca.store import functions_of
from control_plane.apps.rca.values import ImportReport
from services.backends import Access
from services.backends.functions import Functions
from services.backends.open import postgres_access
from services.envelope import Door
from services.tenants import Tenant
from tests.builders import operator

OLGA = operator("olga")
SETS = Path(__file__).parent / "sets"
ROWS = "select {0} from rca.{1} where tenant_id = %s and set_name = %s order by {0}"


@dataclass(frozen=True)
class Analyst:
    """A tenant of a database that other tests use too."""

    access: Access
    url: str
    tenant: UUID

    @property
    def functions(self) -> Functions:
        return functions_of(self.access.operator)

    def as_user(self, tenant_role: str = "owner") -> Functions:
        """The functions as a user of the tenant has them."""
        claims: Mapping[str, Any] = {
            "tenant_id": str(self.tenant), "sub": "rita", "role": "authenticated", "tenant_role": tenant_role,
        }  # fmt: skip
        return functions_of(self.access.as_tenant(self.tenant, claims, Door.API, None))

    async def add(self, folder: Path, name: str = "loans", **options: Any) -> ImportReport:
        """Import a folder."""
        return await import_metadata(self.access.operator, self.tenant, name, folder, actor=OLGA, **options)

    def run(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows of the database, or a change behind the application's back."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            cursor = connection.execute(query.encode(), values or None)
            return cursor.fetchall() if cursor.description else []

    def rows(self, columns: str, table: str, name: str = "loans") -> list[tuple[Any, ...]]:
        """Columns of the rows of a set, in the order of these columns."""
        return self.run(ROWS.format(columns, table), self.tenant, name)

    def audit(self) -> list[dict[str, Any]]:
        """The payloads of the audit rows about metadata, the oldest first."""
        return [
            payload
            for (payload,) in self.run(
                "select payload from audit_log where tenant_id = %s and category = 'metadata.imported' order by seq",
                self.tenant,
            )
        ]


@asynccontextmanager
async def open_analyst(url: str) -> AsyncIterator[Analyst]:
    """A new tenant."""
    async with postgres_access(url, pool_size=2) as access:
        tenant = uuid4()
        await access.operator.tenants.save(Tenant(id=tenant, name="Acme"), actor=OLGA)
        yield Analyst(access, url, tenant)


@pytest.fixture
async def analyst(module_database_url: str) -> AsyncIterator[Analyst]:
    async with open_analyst(module_database_url) as opened:
        yield opened


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder."""
    made = tmp_path / "metadata"
    made.mkdir()
    return made


def files_in(folder: Path) -> dict[str, bytes]:
    """The content of each file."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}
