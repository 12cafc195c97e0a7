"""The SDK of the second generation, with the newest protocol that both sides know."""

import asyncio
import json
import os

import httpx2
from mcp.client import Client
from mcp.client.streamable_http import streamable_http_client

CALL = {"tool_slug": "SLACK__chat.post", "arguments": {"text": "hello"}}


async def main():
    headers = {"Authorization": f"Bearer {os.environ['ACP_API_TOKEN']}"}
    async with (
        httpx2.AsyncClient(headers=headers) as http,
        Client(streamable_http_client(os.environ["ACP_MCP_URL"], http_client=http)) as client,
    ):
        proposed = await client.call_tool("propose", CALL)
        handle = {"envelope_id": proposed.structured_content["envelope_id"]}
        while True:
            outcome = await client.call_tool("await_outcome", handle)
            if outcome.structured_content["is_over"]:
                break
        print(json.dumps({**outcome.structured_content, "is_error": outcome.is_error}))


asyncio.run(main())
