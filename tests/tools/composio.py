"""A local server that speaks Composio's HTTP API, version 3.1, and calls through it.

It stands in for the hosted service, which needs a key and an account that tests do not have. Its answers have the forms
that Composio documents; `test_composio.py` validates them with the models of the SDK.
"""

import asyncio
import base64
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from pydantic import SecretStr

from services.tools import Outcome, ToolCall
from services.tools.composio.provider import ComposioProvider
from tests.tools.builders import a_call, a_tool
from tests.tools.servers import HttpServer, answer

API = "/api/v3.1"
KEY = "ak_Zk3vQ9r8GKYqrTwjUPD8"
TOOL = "GMAIL_CREATE_EMAIL_DRAFT"
DRAFT: Mapping[str, Any] = {"id": "r-8823", "message": {"id": "18f2", "threadId": "18f2", "labelIds": ["DRAFT"]}}


def executed(data: Any, *, successful: bool = True, error: str | None = None) -> dict[str, Any]:
    return {"data": data, "error": error, "successful": successful, "session_info": None, "log_id": "log_abc123"}


def refused(status: int, message: str) -> dict[str, Any]:
    error = {
        "message": message,
        "code": 10000 + status,
        "slug": "Refused",
        "status": status,
        "request_id": "req_abc123",
    }
    return {"error": error | {"suggested_fix": "Look again", "errors": []}}


def a_listed(slug: str, **changes: Any) -> dict[str, Any]:
    logo = {"logo": "https://logos.composio.dev/api/gmail"}
    versions = {"available_versions": ["20251027_00", "00000000_00"], "version": "20251027_00"}
    return {
        "slug": slug,
        "name": slug.replace("_", " ").title(),
        "description": f"What {slug} does.",
        "input_parameters": {"type": "object", "properties": {"body": {"type": "string"}}, "required": ["body"]},
        "output_parameters": {"type": "object", "properties": {}},
        "tags": ["important"],
        "scopes": ["https://www.googleapis.com/auth/gmail.compose"],
        "scope_requirements": None,
        "toolkit": {"slug": "gmail", "name": "Gmail", **logo},
        "no_auth": False,
        "is_deprecated": False,
        "deprecated": {"displayName": slug, "is_deprecated": False, "toolkit": logo, **versions},
        **versions,
        **changes,
    }


def an_account(status: str = "ACTIVE", **changes: Any) -> dict[str, Any]:
    val = {"status": status, "access_token": "ya29.secret", "scope": "gmail.send gmail.compose", "expires_in": 3599}
    config = {"id": "ac_1", "auth_scheme": "OAUTH2", "is_composio_managed": True, "is_disabled": False}
    return {
        "id": "ca_1",
        "toolkit": {"slug": "gmail"},
        "auth_config": config,
        "user_id": "u-1",
        "status": status,
        "status_reason": None,
        "is_disabled": False,
        "created_at": "2026-01-01T00:00:00Z",
        "updated_at": "2026-01-01T00:00:00Z",
        "state": {"authScheme": "OAUTH2", "val": val},
        "data": val,
        "params": {},
        "requested_scopes": ["gmail.send"],
        **changes,
    }


class ComposioServer(HttpServer):
    """Answers as the API does until `behave` is replaced; records every request."""

    def __init__(self, key: str) -> None:
        super().__init__()
        self._key = key
        self.behave = self.as_composio
        self.listed = [a_listed("GMAIL_CREATE_EMAIL_DRAFT")]
        self.per_page = 2
        self.account = an_account()

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def as_composio(self, writer: asyncio.StreamWriter) -> bool:
        request = self.requests[-1]
        method, target, _ = request.line.split()
        url = urlsplit(target)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        status, document = self._answer_to(method, url.path, query, request.headers.get("x-api-key"))
        body = json.dumps(document).encode()
        return await answer(status, body=body, headers={"Content-Type": "application/json"})(writer)

    def _answer_to(
        self, method: str, path: str, query: Mapping[str, str], key: str | None
    ) -> tuple[int, dict[str, Any]]:
        if key != self._key:
            return 401, refused(401, f"Invalid API key: {key}")
        if method == "POST" and path == f"{API}/tools/execute/GMAIL_CREATE_EMAIL_DRAFT":
            return 200, executed(DRAFT)
        if method == "GET" and path == f"{API}/tools":
            return 200, self._page(query)
        if method == "GET" and path == f"{API}/connected_accounts/{self.account['id']}":
            return 200, self.account
        return 404, refused(404, f"{path} not found")

    def _page(self, query: Mapping[str, str]) -> dict[str, Any]:
        number = int(base64.b64decode(query["cursor"])) if "cursor" in query else 1
        tools = self.listed if query["toolkit_slug"] == "gmail" else []
        end = number * self.per_page
        return {
            "items": tools[end - self.per_page : end],
            "current_page": number,
            "total_items": len(tools),
            "total_pages": -(-len(tools) // self.per_page),
            "next_cursor": base64.b64encode(str(number + 1).encode()).decode() if end < len(tools) else None,
        }


def a_provider(composio_server: ComposioServer, *, key: str = KEY, concurrency: int = 4) -> ComposioProvider:
    return ComposioProvider(SecretStr(key), base_url=composio_server.base_url, concurrency=concurrency)


def a_draft(*, idempotent: bool = False, config: dict[str, Any] | None = None, **changes: Any) -> ToolCall:
    slug = changes.pop("slug", "GMAIL__drafts.create")
    tool = a_tool(provider="composio", slug=slug, config={"tool": TOOL} | (config or {}), idempotent=idempotent)
    return a_call(tool, **changes)


async def answered_with(
    composio: ComposioProvider, composio_server: ComposioServer, status: int, body: Any = None, **more: Any
) -> Outcome:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    composio_server.behave = answer(status, body=raw, **more)
    return await composio.execute(a_draft())
