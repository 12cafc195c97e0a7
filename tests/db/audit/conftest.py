"""A database in which nothing but the trigger stands in the way of tampering."""

import pytest

from services.database.connect import connect

LOOSEN = """
set role app_owner;
alter table public.audit_log drop constraint audit_log_pkey;
alter table public.audit_log
  alter seq drop not null, alter actor_type drop not null, alter actor_id drop not null, alter category drop not null,
  alter payload drop not null, alter created_at drop not null, alter previous_hash drop not null,
  alter hash drop not null
"""


@pytest.fixture(scope="module")
def loose_url(module_database_url: str) -> str:
    """A database whose owner has taken away what stood in the way of tampering, but for the trigger."""
    with connect(module_database_url) as connection:
        connection.execute(LOOSEN.encode())
    return module_database_url
