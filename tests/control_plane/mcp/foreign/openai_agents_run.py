"""An agent of the OpenAI Agents SDK, whose MCP client sends a call again without an answer. Its model is a fake."""

import asyncio
import json
import os

from agents import Agent, Model, ModelResponse, Runner, Usage, set_tracing_disabled
from agents.mcp import MCPServerStreamableHttp
from openai.types.responses import ResponseFunctionToolCall, ResponseOutputMessage, ResponseOutputText

CALL = {"tool_slug": "SLACK__chat.post", "arguments": {"text": "hello"}}


class FakeModel(Model):
    """Proposes, waits until the call is over, and ends with the outcome."""

    async def get_response(self, **request):
        """The next step, by what the last tool answered."""
        last = request["input"][-1]
        if last.get("type") != "function_call_output":
            return ModelResponse([_call("propose", CALL)], Usage(), None)
        answer = json.loads(last["output"][0]["text"])
        if answer["is_over"]:
            return ModelResponse([_say(json.dumps(answer))], Usage(), None)
        return ModelResponse([_call("await_outcome", {"envelope_id": answer["envelope_id"]})], Usage(), None)

    def stream_response(self, *_arguments, **_options):
        """Not used."""
        raise NotImplementedError


def _call(name, arguments):
    return ResponseFunctionToolCall(
        type="function_call", name=name, arguments=json.dumps(arguments), call_id=f"call-{name}"
    )


def _say(text):
    content = [ResponseOutputText(type="output_text", text=text, annotations=[])]
    return ResponseOutputMessage(id="1", role="assistant", status="completed", type="message", content=content)


async def main():
    set_tracing_disabled(True)
    params = {
        "url": os.environ["ACP_MCP_URL"], "headers": {"Authorization": f"Bearer {os.environ['ACP_API_TOKEN']}"},
    }  # fmt: skip
    async with MCPServerStreamableHttp(params=params, max_retry_attempts=2) as server:
        agent = Agent(name="triage", model=FakeModel(), mcp_servers=[server])
        ended = await Runner.run(agent, "greet the channel", max_turns=50)
    print(json.dumps({**json.loads(ended.final_output), "is_error": False}))


asyncio.run(main())
