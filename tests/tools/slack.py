"""Slack as a local server that speaks its wire format: it checks the token and what Slack limits, and signs clicks."""

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from services.tools.http.slack import SlackApp
from tests.tools.servers import HttpServer, answer

TOKEN, SIGNING_SECRET = "xoxb-test", "8f742231b10e8888abcd99yyyzzz85a5"
LONGEST = {"header": 150, "section": 3000, "button": 75, "static_select": 150, "context": 2000}
"""Characters of a text, by the element that has it."""


class Slack(HttpServer):
    """Answers `chat.postMessage` as Slack does, and takes answers at response URLs."""

    def __init__(self) -> None:
        super().__init__()
        self.behave = self._answer
        self.fails_with: str | None = None

    def app(self, tenant: UUID) -> SlackApp:
        """What an installation knows of this Slack."""
        return SlackApp.model_validate({
            "tenant_id": tenant, "bot_token": TOKEN, "signing_secret": SIGNING_SECRET,
            "api_url": f"http://127.0.0.1:{self.port}/api",
        })  # fmt: skip

    @property
    def response_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/actions/T1/1/secret"

    @property
    def messages(self) -> list[dict[str, Any]]:
        """What was posted to channels."""
        return [json.loads(request.body) for request in self.requests if "/api/chat.postMessage" in request.line]

    @property
    def replies(self) -> list[dict[str, Any]]:
        """What those who clicked were told."""
        return [json.loads(request.body) for request in self.requests if "/actions/" in request.line]

    async def _answer(self, writer: asyncio.StreamWriter) -> bool:
        request = self.requests[-1]
        if "/actions/" in request.line:
            return await answer(200, body=b"ok")(writer)
        error = self.fails_with
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            error = "invalid_auth"
        elif not is_valid(json.loads(request.body)):
            error = "invalid_blocks"
        result = {"ok": False, "error": error} if error else {"ok": True, "channel": "C1", "ts": "1700000000.000100"}
        return await answer(200, body=json.dumps(result).encode(), headers={"content-type": "application/json"})(writer)

    def click(
        self, action: dict[str, Any], *, user: str = "U1", at: int | None = None, secret: str = SIGNING_SECRET
    ) -> tuple[bytes, dict[str, str]]:
        """Body and headers of the request that Slack sends for a click."""
        payload = {
            "type": "block_actions", "user": {"id": user, "team_id": "T1"}, "team": {"id": "T1"}, "api_app_id": "A1",
            "trigger_id": "1.2.3", "response_url": self.response_url, "actions": [action],
        }  # fmt: skip
        return sign(urlencode({"payload": json.dumps(payload)}).encode(), at=at, secret=secret)


def sign(body: bytes, *, at: int | None = None, secret: str = SIGNING_SECRET) -> tuple[bytes, dict[str, str]]:
    """The body, and the headers with which Slack sends it."""
    timestamp = str(int(time.time()) if at is None else at)
    signature = hmac.digest(secret.encode(), f"v0:{timestamp}:".encode() + body, hashlib.sha256).hex()
    return body, {
        "content-type": "application/x-www-form-urlencoded", "x-slack-request-timestamp": timestamp,
        "x-slack-signature": f"v0={signature}",
    }  # fmt: skip


def elements_of(message: dict[str, Any]) -> list[dict[str, Any]]:
    """The buttons and lists of a message, each with the id of its block."""
    blocks = [block for block in message["blocks"] if block["type"] == "actions"]
    return [{**element, "block_id": block.get("block_id")} for block in blocks for element in block["elements"]]


def is_valid(message: dict[str, Any]) -> bool:
    """Whether Slack would take the message."""
    texts = list(_texts(message["blocks"], ""))
    return (
        bool(message["channel"])
        and 0 < len(message["blocks"]) <= 50
        and all(text["type"] == "plain_text" and 0 < len(text["text"]) <= LONGEST[of] for of, text in texts)
        and all(len(block.get("block_id", "")) <= 255 for block in message["blocks"])
        and all(1 <= len(element.get("options", [1])) <= 100 for element in elements_of(message))
    )


def _texts(value: Any, of: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every text object with the type of the element that has it."""
    if isinstance(value, list):
        for each in value:
            yield from _texts(each, of)
    elif isinstance(value, dict):
        if value.get("type") in {"plain_text", "mrkdwn"}:
            yield of, value
            return
        of = value.get("type", of)
        for each in value.values():
            yield from _texts(each, of)
