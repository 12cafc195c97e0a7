"""The HTTP server that receives the demo's webhooks: it checks signatures and honours idempotency keys."""

import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError


class Receiver(ThreadingHTTPServer):
    """Answers 503 to the first call for a `sku` named `busy-…`, 422 to `no-such-…`, and 200 to everything else."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, secret: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.webhook = Webhook(secret)
        self.calls_by_key: Counter[str] = Counter()
        """Number of calls by idempotency key."""
        self.answers: dict[str, dict[str, Any]] = {}
        """The answer to each idempotency key. A repeated key gets the same answer and has no second effect."""
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        """The base URL of the server."""
        return f"http://127.0.0.1:{self.server_port}"


@contextmanager
def run_receiver(secret: str) -> Iterator[Receiver]:
    """Run a receiver in a thread while the context lasts. `secret` verifies the signatures."""
    server = Receiver(secret)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    server: Receiver
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:  # the base class requires this name
        """Answer one webhook."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            data = self.server.webhook.verify(body, dict(self.headers))["data"]
        except WebhookVerificationError:
            self._answer(401, {"error": "bad signature"})
            return
        key, sku = self.headers["Idempotency-Key"], str(data["arguments"].get("sku", ""))
        with self.server.lock:
            self.server.calls_by_key[key] += 1
            if sku.startswith("busy-") and self.server.calls_by_key[key] == 1:
                self._answer(503, {"error": "busy"}, {"Retry-After": "1"})
            elif sku.startswith("no-such-"):
                self._answer(422, {"error": "no such sku"})
            else:
                number = f"{self.path.strip('/')}-{len(self.server.answers) + 1}"
                self._answer(200, self.server.answers.setdefault(key, {"accepted": number}))

    def _answer(self, status: int, document: dict[str, Any], headers: dict[str, str] | None = None) -> None:
        body = json.dumps(document).encode()
        self.send_response(status)
        for name, value in {
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
            **(headers or {}),
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the base class names it
        """Log nothing: the demo prints a table instead."""
