"""`python scripted.py EFFECTS`: an MCP server over stdio without an SDK, which can thus break every rule.

A tool's effect is a line in the file EFFECTS. What it does then is its name; see the functions below.
"""

import json
import os
import sys
from typing import Any

OUT = sys.stdout.buffer


def write(raw: bytes) -> None:
    OUT.write(raw)
    OUT.flush()


def send(**message: Any) -> None:
    write(json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")


def fine(to: int, **_: Any) -> None:
    send(id=to, result={"content": [{"type": "text", "text": "done"}]})


def change(to: int, **_: Any) -> None:
    send(method="notifications/tools/list_changed")
    fine(to)


TOOLS = {tool.__name__: tool for tool in (fine, change)}


def answer(message: dict[str, Any], effects: str) -> None:
    match message:
        case {"method": "initialize", "id": id, "params": {"protocolVersion": version}}:
            about = {"name": "scripted", "version": "1"}
            capabilities = {"tools": {"listChanged": True}}
            send(id=id, result={"protocolVersion": version, "capabilities": capabilities, "serverInfo": about})
        case {"method": "tools/list", "id": id}:
            send(id=id, result={"tools": [{"name": name, "inputSchema": {"type": "object"}} for name in TOOLS]})
        case {"method": "tools/call", "id": id, "params": {"name": name, "arguments": arguments}}:
            with open(effects, "a", encoding="utf-8") as file:
                file.write(f"{os.getpid()} {name}\n")
            TOOLS[name](id, **arguments)
        case {"method": "ping", "id": id}:
            send(id=id, result={})
        case {"id": id, "method": method}:
            send(id=id, error={"code": -32601, "message": f"Method not found: {method}"})


if __name__ == "__main__":
    for line in sys.stdin.buffer:
        answer(json.loads(line), sys.argv[1])
