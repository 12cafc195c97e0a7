"""The programs on the page about tools work with our calls."""

import json
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from pydantic import SecretStr

from services.catalog import Tool
from services.tools import Failed, Success, ToolCall
from services.tools.dispatch import Tools
from services.tools.http import HttpSettings
from services.tools.mcp import McpServer, McpSettings
from tests.builders import TENANT
from tests.docs.pages import DOCS, blocks


async def test_the_documented_receiver_accepts_our_signature_and_acts_once() -> None:
    secret = SecretStr("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    key, here = uuid4(), ("127.0.0.1",)
    with _listening(_receiver()) as url:
        tool = _tool("http", {"url": url, "secret": "crm"})
        ours = HttpSettings(webhook_secrets={"crm": secret}, allowed_hosts=here)
        async with Tools(ours, concurrency=1) as tools:
            first = await tools.execute(_call(tool, key, text="hello"))
            again = await tools.execute(_call(tool, key, text="other"))
        forged_secret = SecretStr("whsec_" + "A" * 32)
        forgers = HttpSettings(webhook_secrets={"crm": forged_secret}, allowed_hosts=here)
        async with Tools(forgers, concurrency=1) as tools:
            forged = await tools.execute(_call(tool, uuid4()))
    assert first == again == Success(result={"noted": "hello"})
    assert isinstance(forged, Failed)


async def test_the_documented_mcp_server_finds_the_idempotency_key(tmp_path: Path) -> None:
    source = next(b.text for b in blocks(DOCS / "how-to" / "add-a-tool.md", "python") if "MCPServer" in b.text)
    (tmp_path / "notes.py").write_text(source, encoding="utf-8")
    notes = McpServer(command=sys.executable, args=(str(tmp_path / "notes.py"),))
    tool, key = _tool("mcp", {"server": "notes"}), uuid4()
    async with Tools(McpSettings(mcp_servers={"notes": notes}), concurrency=1) as tools:
        outcome = await tools.execute(_call(tool, key))
    assert isinstance(outcome, Success)
    assert f"noted hello once for {key}" in json.dumps(outcome.result)


def _receiver() -> Callable[[bytes, dict[str, str]], tuple[int, str]]:
    source = next(b.text for b in blocks(DOCS / "how-to" / "add-a-tool.md", "python") if "standardwebhooks" in b.text)
    page: dict[str, Any] = {}
    exec(compile(source, "add-a-tool.md", "exec"), page)  # noqa: S102  # our own page
    receive: Callable[[bytes, dict[str, str]], tuple[int, str]] = page["receive"]
    return receive


@contextmanager
def _listening(receive: Callable[[bytes, dict[str, str]], tuple[int, str]]) -> Iterator[str]:
    """A web server that calls the function of the page."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, answer = receive(body, {word.lower(): value for word, value in self.headers.items()})
            self.send_response(status)
            self.end_headers()
            self.wfile.write(answer.encode())

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the base class names it
            """Tests say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def _tool(provider: str, config: dict[str, Any]) -> Tool:
    return Tool(tenant_id=TENANT, tool_slug="NOTES__note", version="1", provider=provider, config=config)


def _call(tool: Tool, key: UUID, *, text: str = "hello") -> ToolCall:
    return ToolCall(
        envelope_id=key, tenant_id=tool.tenant_id, tool=tool, arguments={"text": text},
        connected_account_id=None, timeout=timedelta(seconds=20),
    )  # fmt: skip
