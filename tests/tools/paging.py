"""`python -m tests.tools.paging HOW`: an MCP server, without an SDK, whose second page of tools fails."""

import json
import os
import sys
from typing import Any


def send(**message: Any) -> None:
    sys.stdout.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
    sys.stdout.flush()


def second_page(to: int, how: str) -> None:
    match how:
        case "error":
            send(id=to, error={"code": -32603, "message": "no second page today"})
        case "garbled":
            send(id=to, result={"tools": [{"name": 7}]})
        case "no list":
            send(id=to, result={})
        case "dies":
            os._exit(1)
        case "for ever":
            send(id=to, result={"tools": [a_tool("read")], "nextCursor": "2"})


def a_tool(name: str) -> dict[str, Any]:
    return {"name": name, "inputSchema": {"type": "object"}}


def answer(message: dict[str, Any], how: str) -> None:
    match message:
        case {"method": "initialize", "id": to, "params": {"protocolVersion": version}}:
            about = {"name": "paging", "version": "1"}
            send(id=to, result={"protocolVersion": version, "capabilities": {"tools": {}}, "serverInfo": about})
        case {"method": "tools/list", "id": to, "params": {"cursor": "2"}}:
            second_page(to, how)
        case {"method": "tools/list", "id": to}:
            send(id=to, result={"tools": [a_tool("read")], "nextCursor": "2"})
        case {"id": to, "method": method}:
            send(id=to, error={"code": -32601, "message": f"Method not found: {method}"})


if __name__ == "__main__":
    for line in sys.stdin:
        answer(json.loads(line), sys.argv[1])
