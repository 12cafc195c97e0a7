"""An agent on pydantic-ai: each call of its tool is proposed, judged and executed by the control plane."""

from pydantic_ai import Agent
from pydantic_ai.toolsets import FunctionToolset

from control_plane.adapters.pydantic_ai import Governed
from control_plane.client import AsyncClient


def send_message(text: str) -> str:
    """Send a message to the customer."""
    raise NotImplementedError("its body never runs")


async def answer(model, prompt: str, *, thread: str) -> list:
    """The messages of one run. After a crash, run it again with the same thread."""
    async with AsyncClient.from_environment() as client:
        tools = FunctionToolset([send_message])
        governed = Governed(tools, client=client, tools={"send_message": "SLACK__chat.post"}, thread=thread)
        agent = Agent(model, toolsets=[governed])
        return (await agent.run(prompt)).all_messages()
