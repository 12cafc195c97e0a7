"""PgBouncer, a real pooler, in front of the server of the tests."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from services.database.connect import connection_parts

PROGRAM = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


@contextmanager
def pgbouncer(url: str, folder: Path, **settings: object) -> Iterator[str]:
    """Yields the URL of the same database through PgBouncer.

    Skips the test if it is not installed, unless REQUIRE_REAL=1.
    """
    if PROGRAM is None:
        if os.environ.get("REQUIRE_REAL"):
            pytest.fail("pgbouncer is not installed")
        pytest.skip("pgbouncer is not installed")
    parts = connection_parts(url)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = {"listen_addr": "127.0.0.1", "listen_port": port, "unix_socket_dir": "", "auth_type": "any", **settings}
    config = folder / "pgbouncer.ini"
    database = " ".join(f"{name}={parts[name]}" for name in ("host", "port", "dbname", "user", "password"))
    config.write_text("\n".join([
        "[databases]", f"{parts['dbname']} = {database}",
        "[pgbouncer]", *(f"{name} = {value}" for name, value in options.items()),
    ]))  # fmt: skip
    as_nobody = ["-u", "nobody"] if os.geteuid() == 0 else []  # it refuses to run as root
    process = subprocess.Popen([PROGRAM, *as_nobody, str(config)], stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr is not None
        for line in process.stderr:
            if "process up" in line:
                break
        yield f"postgresql://somebody@127.0.0.1:{port}/{parts['dbname']}"
    finally:
        process.kill()
        process.communicate()
