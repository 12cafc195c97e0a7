"""A server that gives access tokens (OAuth 2.0) and says whose token one is."""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl
from uuid import uuid4

SECRET = "s3cret-of-the-client"  # noqa: S105  # of the test server


class IdentityServer:
    """One server on this machine, in a thread of its own: mail servers of tests are no part of the event loop.

    The client id of a request is the user that its token is for.
    """

    def __init__(self) -> None:
        self.requests: list[dict[str, str]] = []
        """The forms of all token requests."""
        self.users: dict[str, str] = {}
        """By token: its user."""
        self.lasts: object = 3600
        """`expires_in` of new tokens."""
        self.answer: tuple[int, bytes] | None = None
        """In place of a token."""
        served = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status, content = served._answer(self.path, dict(parse_qsl(body.decode())))
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: Any) -> None:
                """Nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Serve no more."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def login(self, user: str, **fields: Any) -> dict[str, Any]:
        """The settings of a login as this user."""
        return {"token_url": f"{self.url}/token", "client_id": user, "client_secret": SECRET, **fields}

    def _answer(self, path: str, form: dict[str, str]) -> tuple[int, bytes]:
        if path == "/introspect":
            user = self.users.get(form.get("token", ""))
            return 200, json.dumps({"active": user is not None, "username": user}).encode()
        self.requests.append(form)
        if self.answer is not None:
            return self.answer
        if form.get("client_secret") != SECRET:
            return 401, json.dumps({"error": "invalid_client", "error_description": f"no {SECRET}"}).encode()
        token = f"token-{uuid4().hex}"
        self.users[token] = form["client_id"]
        return 200, json.dumps({"access_token": token, "token_type": "Bearer", "expires_in": self.lasts}).encode()
