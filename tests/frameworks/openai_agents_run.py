"""Runs the sample with a fake model that calls the tool once, and prints what the model got."""

import asyncio
import sys

from agents import Model, ModelResponse, ToolCallOutputItem, Usage, set_tracing_disabled
from openai.types.responses import ResponseFunctionToolCall, ResponseOutputMessage, ResponseOutputText

from tests.docs.samples.openai_agents_agent import answer

CALL = ResponseFunctionToolCall(
    type="function_call", name="send_message", arguments='{"text": "hello"}', call_id="call-1"
)
DONE = ResponseOutputMessage(
    id="1", role="assistant", status="completed", type="message",
    content=[ResponseOutputText(type="output_text", text="done", annotations=[])],
)  # fmt: skip


class FakeModel(Model):
    """Calls the tool, then ends."""

    def __init__(self):
        self.outputs = [CALL, DONE]

    async def get_response(self, *_arguments, **_options):
        """The next output."""
        return ModelResponse([self.outputs.pop(0)], Usage(), None)

    def stream_response(self, *_arguments, **_options):
        """Not used."""
        raise NotImplementedError


set_tracing_disabled(True)
for item in asyncio.run(answer(FakeModel(), "greet", thread=sys.argv[1])):
    if isinstance(item, ToolCallOutputItem):
        print(item.output)
