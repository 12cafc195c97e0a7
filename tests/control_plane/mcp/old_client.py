"""An agent on an old SDK, over stdio. It runs in an environment of its own, so it imports nothing of ours."""

import asyncio
import json
import os
import sys
from typing import Any

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client


async def main() -> None:
    """Propose, wait, and print what came back, one JSON document per line."""
    server: Any = StdioServerParameters(command=sys.argv[1], args=["-m", "control_plane", "mcp"], env=dict(os.environ))
    client: Any = ClientSession
    async with stdio_client(server) as (read, write), client(read, write) as session:
        await session.initialize()
        print(json.dumps([tool.name for tool in (await session.list_tools()).tools]), flush=True)
        call = {"tool_slug": "SLACK__chat.post", "arguments": {"text": "hello"}}
        proposed = await session.call_tool("propose", call)
        print(proposed.content[0].text, flush=True)
        envelope = {"envelope_id": json.loads(proposed.content[0].text)["envelope_id"]}
        while True:
            outcome = await session.call_tool("await_outcome", envelope)
            document = json.loads(outcome.content[0].text)
            if document["is_over"]:
                break
        print(json.dumps({**document, "is_error": outcome.isError}), flush=True)


asyncio.run(main())
