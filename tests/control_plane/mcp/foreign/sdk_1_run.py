"""The last SDK of the first generation, over streamable HTTP."""

import asyncio
import json
import os

from mcp import ClientSession
from mcp.client.streamable_http import streamablehttp_client

CALL = {"tool_slug": "SLACK__chat.post", "arguments": {"text": "hello"}}


async def main():
    headers = {"Authorization": f"Bearer {os.environ['ACP_API_TOKEN']}"}
    async with (
        streamablehttp_client(os.environ["ACP_MCP_URL"], headers=headers) as (read, write, _),
        ClientSession(read, write) as session,
    ):
        await session.initialize()
        proposed = await session.call_tool("propose", CALL)
        handle = {"envelope_id": proposed.structuredContent["envelope_id"]}
        while True:
            outcome = await session.call_tool("await_outcome", handle)
            if outcome.structuredContent["is_over"]:
                break
        print(json.dumps({**outcome.structuredContent, "is_error": outcome.isError}))


asyncio.run(main())
