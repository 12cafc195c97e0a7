"""A database with rows of two tenants in the tables of every application."""

from collections.abc import Iterator

import psycopg
import pytest

from tests.db.applications.application import Application
from tests.db.applications.autopilot import AUTOPILOT
from tests.db.applications.drafts import DRAFTS
from tests.db.applications.rca import RCA
from tests.db.roles import every_role_allowed, rolled_back

APPLICATIONS = (AUTOPILOT, DRAFTS, RCA)


@pytest.fixture(scope="module")
def filled_url(module_database_url: str) -> str:
    """A database in which two tenants use the same ids and keys in every table."""
    for application in APPLICATIONS:
        application.fill(module_database_url)
    return module_database_url


@pytest.fixture(params=APPLICATIONS, ids=lambda application: application.schema)
def application(request: pytest.FixtureRequest) -> Application:
    """Each application in turn. A module about one application redefines this fixture."""
    found: Application = request.param
    return found


@pytest.fixture
def connection(filled_url: str, application: Application) -> Iterator[psycopg.Connection]:
    """A transaction in the schema of the application. It may act as every role, and is rolled back."""
    with rolled_back(filled_url) as opened, every_role_allowed(opened):
        opened.execute(f"set local search_path = {application.schema}, public".encode())
        yield opened
