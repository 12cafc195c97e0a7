"""The health of a process, and the HTTP server that reports it: /healthz and /metrics.

The server runs in a separate thread, so that it answers while the event loop is blocked.
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
    """The health of a process: written by its main loop, read by /healthz."""

    stalled_after: float
    """Seconds without an iteration of the main loop after which the process is unhealthy."""
    monotonic: Callable[[], float] = time.monotonic
    last_iteration_at: float = field(init=False)
    database_problem: str | None = None
    """Why the database cannot be used; None while it answers."""
    stopping: bool = False

    def __post_init__(self) -> None:
        self.last_iteration_at = self.monotonic()

    def record_iteration(self) -> None:
        """Call this once in each iteration of the main loop."""
        self.last_iteration_at = self.monotonic()

    def problems(self) -> list[str]:
        """One line for each problem; an empty list means healthy."""
        idle_for = self.monotonic() - self.last_iteration_at
        problems = []
        if idle_for > self.stalled_after:
            problems.append(f"the main loop has not run for {idle_for:.0f} s")
        if self.database_problem is not None:
            problems.append(self.database_problem)
        if self.stopping:
            problems.append("stopping")
        return problems


@contextmanager
def serve_health(health: Health, registry: CollectorRegistry, port: int) -> Iterator[int]:
    """Serve /healthz and /metrics on all interfaces until the block ends; yields the port. Port 0 picks a free one.

    Raises SettingsError when the port is in use.
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
        server = make_server("", port, app, server_class=ThreadingWSGIServer, handler_class=_QuietHandler)
    except OSError as exc:
        raise SettingsError(f"--health-port: port {port} is in use; choose another port") from exc
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.2}, name="health", daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _QuietHandler(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the base class names it
        """Log nothing: health checks and scrapes arrive every few seconds."""
