"""An agent of pydantic-ai. Its model is a fake."""

import asyncio
import json
import os

from fastmcp.client import Client
from fastmcp.client.transports import StreamableHttpTransport
from pydantic_ai import Agent
from pydantic_ai.mcp import MCPToolset
from pydantic_ai.messages import ModelResponse, TextPart, ToolCallPart, ToolReturnPart
from pydantic_ai.models.function import FunctionModel

CALL = {"tool_slug": "SLACK__chat.post", "arguments": {"text": "hello"}}


def fake(messages, _info):
    """Propose, wait until the call is over, and end with the outcome."""
    returned = [part for part in messages[-1].parts if isinstance(part, ToolReturnPart)]
    if not returned:
        return ModelResponse([ToolCallPart("propose", CALL)])
    answer = returned[-1].content
    if answer["is_over"]:
        return ModelResponse([TextPart(json.dumps(answer))])
    return ModelResponse([ToolCallPart("await_outcome", {"envelope_id": answer["envelope_id"]})])


async def main():
    headers = {"Authorization": f"Bearer {os.environ['ACP_API_TOKEN']}"}
    toolset = MCPToolset(Client(StreamableHttpTransport(os.environ["ACP_MCP_URL"], headers=headers)))
    async with Agent(FunctionModel(fake), toolsets=[toolset]) as agent:
        ended = await agent.run("greet the channel")
    print(json.dumps({**json.loads(ended.output), "is_error": False}))


asyncio.run(main())
