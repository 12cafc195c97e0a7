"""Transactions in which a test acts as a role of the database."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql

from services.database.connect import connect

SUPABASE_ROLES = ("anon", "authenticated", "service_role")
OUR_ROLES = ("outbox_worker", "workflow_rw", "app_rw", "app_ro")
ROLES = (*SUPABASE_ROLES, *OUR_ROLES)


@contextmanager
def rolled_back(url: str) -> Iterator[psycopg.Connection]:
    """A connection with an open transaction, which is rolled back at the end."""
    with connect(url) as connection, connection.transaction(force_rollback=True):
        yield connection


@contextmanager
def every_role_allowed(connection: psycopg.Connection) -> Iterator[None]:
    """A transaction in which the connection may act as every role. It is rolled back at the end."""
    with connection.transaction(force_rollback=True):
        roles = sql.SQL(", ").join(map(sql.Identifier, OUR_ROLES))  # postgres has Supabase's roles from the start
        connection.execute(sql.SQL("grant {} to postgres").format(roles))
        yield


def act_as(connection: psycopg.Connection, role: str, claims: object = None, organization: str | None = None) -> None:
    """Act as this role until the transaction ends, with these JWT claims and this organization of the session."""
    settings = {"request.jwt.claims": json.dumps({} if claims is None else claims), "role": role}
    if organization is not None:
        settings["app.current_organization_id"] = organization
    calls = ", ".join(["set_config(%s, %s, true)"] * len(settings))
    connection.execute(f"select {calls}".encode(), [text for pair in settings.items() for text in pair])
