"""Runs the sample with a fake model that calls the tool once, and prints what the model got."""

import asyncio
import sys

from pydantic_ai.messages import ModelResponse, TextPart, ToolCallPart, ToolReturnPart
from pydantic_ai.models.function import FunctionModel

from tests.docs.samples.pydantic_ai_agent import answer


def fake(messages, _info):
    """Call the tool, then end."""
    if len(messages) > 1:
        return ModelResponse([TextPart("done")])
    return ModelResponse([ToolCallPart("send_message", {"text": "hello"}, tool_call_id="call-1")])


for message in asyncio.run(answer(FunctionModel(fake), "greet", thread=sys.argv[1])):
    for part in message.parts:
        if isinstance(part, ToolReturnPart):
            print(part.content)
