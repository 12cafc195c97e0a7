"""`python -m tests.tools.changing FILE`: an MCP server with one tool, whose argument `path` has the type named in FILE.

It uses no SDK: it is started for every command of a test, and importing an SDK takes a second of CPU time.
"""

import json
import sys
from pathlib import Path
from typing import Any

TYPES: dict[str, Any] = {"string": {"type": "string"}, "either": {"anyOf": [{"type": "string"}, {"type": "integer"}]}}


def answer(message: Any, path: Any) -> dict[str, Any]:
    match message:
        case {"method": "initialize", "params": {"protocolVersion": version}}:
            server_info = {"name": "changing", "version": "1"}
            return {"result": {"protocolVersion": version, "serverInfo": server_info, "capabilities": {"tools": {}}}}
        case {"method": "tools/list"}:
            schema = {"type": "object", "properties": {"path": path}, "required": ["path"]}
            tool = {"name": "read", "description": "Reads a file.", "annotations": {"readOnlyHint": True}}
            return {"result": {"tools": [{**tool, "inputSchema": schema}]}}
        case {"method": "tools/call", "params": {"arguments": arguments}}:
            return {"result": {"content": [], "structuredContent": arguments}}
        case _:
            return {"error": {"code": -32601, "message": "Method not found"}}


if __name__ == "__main__":
    path = TYPES[Path(sys.argv[1]).read_text(encoding="utf-8")]
    for line in sys.stdin:
        if (message := json.loads(line)).get("id") is not None:
            print(json.dumps({"jsonrpc": "2.0", "id": message["id"], **answer(message, path)}), flush=True)
