"""Connect for the odd job (migrations, checks, seeds), with errors that name the remedy and never the password."""

import re
from collections.abc import Callable

import psycopg
from psycopg import conninfo

from services.errors import ControlPlaneError, NotReady, SettingsError, StateConflict

CONNECT_WITHIN = 10
"""Seconds, unless the URL says otherwise."""
Say = Callable[[str], None]
"""Tells the person at the terminal one line."""
DEFAULTS: dict[str, str | int] = {
    "connect_timeout": CONNECT_WITHIN,
    "application_name": "control-plane",
    "keepalives_idle": 15,  # as in services/backends/database/transport/keepalive.py
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
}


def connect(url: str) -> psycopg.Connection:
    """An autocommit connection; wrap what belongs together in `connection.transaction()`.

    Raises SettingsError when the URL cannot be read, NotReady when nobody answers or lets us in.
    """
    ours = {name: value for name, value in DEFAULTS.items() if name not in connection_parts(url)}
    try:
        return psycopg.connect(plain_url(url), **ours, autocommit=True)  # type: ignore[arg-type]
    except psycopg.Error as exc:
        raise translated(exc, url) from None  # the driver's own words may hold the URL


def say_warnings(connection: psycopg.Connection, say: Say) -> None:
    """What the server warns of goes to the person at the terminal; a notice does not."""

    def on_notice(told: psycopg.errors.Diagnostic) -> None:
        if told.severity_nonlocalized == "WARNING":
            say(f"warning: {told.message_primary}")

    connection.add_notice_handler(on_notice)


def plain_url(url: str) -> str:
    """Without a driver: `postgresql+asyncpg://…` is what some tools write, and no driver understands another's."""
    return re.sub(r"^(postgres(?:ql)?)\+\w+://", r"\1://", url)


def connection_parts(url: str) -> dict[str, str | int | None]:
    """The URL as libpq's keywords."""
    try:
        return dict(conninfo.conninfo_to_dict(plain_url(url)))
    except psycopg.ProgrammingError:
        raise SettingsError(
            "DATABASE_URL: not a PostgreSQL URL: write postgresql://user:password@host:5432/database"
        ) from None


def translated(exc: psycopg.Error, url: str, where: str = "") -> ControlPlaneError:
    """The driver's error as ours, in one line; `where` names the file that caused it."""
    diagnosis = exc.diag.message_primary
    if diagnosis is None or exc.sqlstate is None or exc.sqlstate[:2] in {"08", "28", "53", "57"}:
        parts = connection_parts(url)
        place = f"{parts.get('host', 'localhost')}:{parts.get('port', 5432)}/{parts.get('dbname', '')}"
        said = _without_password(_one_line(str(exc)), parts.get("password"))
        return NotReady(f"{where + ': ' if where else ''}database {place}: {said}: check DATABASE_URL and the server")
    hint = f" ({_one_line(exc.diag.message_hint)})" if exc.diag.message_hint else ""
    return StateConflict(where or "database", f"{_one_line(diagnosis)}{hint}")


def _one_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[0] if lines else "no reason given"


def _without_password(text: str, password: str | int | None) -> str:
    return text.replace(str(password), "***") if password else text
