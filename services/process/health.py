"""Whether a process is well, and the port that says so: /healthz and /metrics.

Served from a thread of its own: a loop that stalls cannot answer for itself.
"""

import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

from prometheus_client import CollectorRegistry, make_wsgi_app
from prometheus_client.exposition import ThreadingWSGIServer

from services.errors import SettingsError


@dataclass(slots=True)
class Health:
    """The loop says what it sees; /healthz judges by how long ago."""

    stalled_after: float
    """Seconds without a turn of the loop."""
    monotonic: Callable[[], float] = time.monotonic
    turned_at: float = field(init=False)
    away: str | None = None
    """Why the database is away; None while it answers."""
    stopping: bool = False

    def __post_init__(self) -> None:
        self.turned_at = self.monotonic()

    def turn(self) -> None:
        """The loop went round."""
        self.turned_at = self.monotonic()

    def problems(self) -> list[str]:
        """What is wrong; empty when the worker is well."""
        silent = self.monotonic() - self.turned_at
        found = []
        if silent > self.stalled_after:
            found.append(f"the loop has not turned for {silent:.0f} s")
        if self.away is not None:
            found.append(self.away)
        if self.stopping:
            found.append("stopping")
        return found


@contextmanager
def serve_health(health: Health, registry: CollectorRegistry, port: int) -> Iterator[int]:
    """Serve both pages on all interfaces while the context lasts; yields the port (0 picked a free one).

    Raises SettingsError when the port is taken.
    """
    metrics = make_wsgi_app(registry)

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ.get("PATH_INFO") == "/metrics":
            return metrics(environ, start_response)  # type: ignore[no-any-return]
        if environ.get("PATH_INFO") != "/healthz":
            start_response("404 Not Found", [("Content-Type", "text/plain")])
            return [b"see /healthz and /metrics\n"]
        problems = health.problems()
        start_response("503 Service Unavailable" if problems else "200 OK", [("Content-Type", "application/json")])
        return [json.dumps({"healthy": not problems, "problems": problems}).encode() + b"\n"]

    try:
        server = make_server("", port, app, server_class=ThreadingWSGIServer, handler_class=_Quiet)
    except OSError as exc:
        raise SettingsError(f"--health-port: port {port} is taken; choose another") from exc
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.2}, name="health", daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the base class names it
        """Scrapes are not worth a line."""
