"""Connect for migrations, schema checks and seeds. Error messages name the remedy and never contain the password."""

import re
from collections.abc import Callable

import psycopg
from psycopg import conninfo

from services.database.sql_files import SqlFile
from services.errors import ControlPlaneError, NotReady, SettingsError, StateConflict

CONNECT_WITHIN = 10
"""The longest wait for a connection, in seconds. The URL may set another limit."""
Say = Callable[[str], None]
"""Shows one line to the person at the terminal."""
CONNECTION_DEFAULTS: dict[str, str | int] = {
    "connect_timeout": CONNECT_WITHIN,
    "application_name": "control-plane",
    "keepalives_idle": 15,  # the same values as in services/backends/database/transport/keepalive.py
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
}


def connect(url: str) -> psycopg.Connection:
    """An autocommit connection. Use `connection.transaction()` for statements that belong together.

    Raises SettingsError when the URL is not valid, and NotReady when the server does not answer or refuses the login.
    """
    defaults = {name: value for name, value in CONNECTION_DEFAULTS.items() if name not in connection_parts(url)}
    try:
        connection = psycopg.connect(plain_url(url), **defaults, autocommit=True)  # type: ignore[arg-type]
        connection.execute("set datestyle = 'ISO'")  # the only style in which the driver reads dates
    except psycopg.Error as exc:
        raise translate_error(exc, url) from None  # the text of the driver's error may contain the URL
    return connection


def forward_warnings(connection: psycopg.Connection, say: Say) -> None:
    """Show the warnings that the server sends on this connection. Notices of lower severity are not shown."""

    def on_notice(notice: psycopg.errors.Diagnostic) -> None:
        if notice.severity_nonlocalized == "WARNING":
            say(f"warning: {notice.message_primary}")

    connection.add_notice_handler(on_notice)


def plain_url(url: str) -> str:
    """The URL without a driver name in its scheme: `postgresql+asyncpg://…` → `postgresql://…`."""
    return re.sub(r"^(postgres(?:ql)?)\+\w+://", r"\1://", url)


def connection_parts(url: str) -> dict[str, str | int | None]:
    """The parts of the URL by the keywords of libpq, such as `host`. Raises SettingsError when it is not valid."""
    try:
        return dict(conninfo.conninfo_to_dict(plain_url(url)))
    except psycopg.ProgrammingError:
        raise SettingsError(
            "DATABASE_URL: not a PostgreSQL URL: use the form postgresql://user:password@host:5432/database"
        ) from None


def translate_error(exc: psycopg.Error, url: str, where: str = "") -> ControlPlaneError:
    """The exception for an error of the driver, in one line. `where` names the failed step and starts the line."""
    message = exc.diag.message_primary
    prefix = f"{where}: " if where else ""
    if message is None or exc.sqlstate is None or exc.sqlstate[:2] in {"08", "28", "53", "57"}:
        parts = connection_parts(url)
        address = f"{parts.get('host', 'localhost')}:{parts.get('port', 5432)}/{parts.get('dbname', '')}"
        problem = _without_password(_first_line(str(exc)), parts.get("password"))
        return NotReady(f"{prefix}database {address}: {problem}: check DATABASE_URL and the server")
    hint = f" ({_first_line(exc.diag.message_hint)})" if exc.diag.message_hint else ""
    return StateConflict(where or "database", f"{_first_line(message)}{hint}")


def error_in_file(exc: psycopg.Error, url: str, file: SqlFile) -> ControlPlaneError:
    """The exception for an error in an SQL file, with the file's name, and the line if the server reports it."""
    position = exc.diag.statement_position
    line = f":{file.sql.count(chr(10), 0, int(position) - 1) + 1}" if position else ""
    return translate_error(exc, url, f"db/{file.name}{line}")


def _first_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[0] if lines else "no reason given"


def _without_password(text: str, password: str | int | None) -> str:
    return text.replace(str(password), "***") if password else text
