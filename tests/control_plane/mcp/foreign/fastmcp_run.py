"""FastMCP with its extension for tasks: as a handle of the task, and as a call that polls the task by itself."""

import asyncio
import json
import os

from fastmcp import Client
from fastmcp.client.transports import StreamableHttpTransport
from fastmcp_tasks.client import call_tool_task

CALL = {"tool_slug": "SLACK__chat.post", "arguments": {"text": "hello"}}


async def main():
    headers = {"Authorization": f"Bearer {os.environ['ACP_API_TOKEN']}"}
    async with Client(StreamableHttpTransport(os.environ["ACP_MCP_URL"], headers=headers)) as client:
        task = await call_tool_task(client, "propose", CALL, raise_on_error=False)
        print(json.dumps({"task": task.task_id, "status": (await task.status()).status}), flush=True)
        outcome = await client.call_tool("await_outcome", {"envelope_id": task.task_id}, raise_on_error=False)
        assert (await task.result()).structured_content == outcome.structured_content
        print(json.dumps({**outcome.structured_content, "is_error": outcome.is_error}))


asyncio.run(main())
